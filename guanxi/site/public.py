"""The addresses that somebody may open without signing in, each with its reason. Everything else asks to sign in."""

#: By the route as Django writes it.
PUBLIC: dict[str, str] = {
    "healthz": "a load balancer asks it",
    "setup": "the first account is made here; 404 without its secret and once anybody exists",
    "language": "the sign-in page is read in one's own language",
    "invitation/<str:key>": "an invited person has no password yet; the key works once",
    "s/<str:token>": "a customer reads what was sent to them; the token is signed and has a last day",
    "s/<str:token>/file": "the file behind such a link, after its passcode",
    "accounts/login/": "signing in",
    "accounts/logout/": "leads to the sign-in page",
    "accounts/signup/": "says that people are invited here",
    "accounts/inactive/": "says that the account is deactivated",
    "accounts/confirm-email/": "a page without contents",
    "accounts/^confirm-email/(?P<key>[-:\\w]+)/$": "the key comes by mail",
    "accounts/password/reset/": "somebody forgot the password",
    "accounts/password/reset/done/": "says that a mail is on its way",
    "accounts/^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$": "the key comes by mail",
    "accounts/password/reset/key/done/": "says that the new password holds",
    "accounts/login/code/confirm/": "leads to the sign-in page",
    "accounts/2fa/authenticate/": "the second step of signing in; leads to the first without it",
    "accounts/2fa/webauthn/login/": "signing in by passkey",
}

#: The addresses for administrators, or for those with a right that no ready role but theirs has. Everything else is for
#: whoever is signed in, within their rights on objects and rows.
ADMINISTRATION: dict[str, str] = {
    "health": "all background work",
    "jobs/<uuid:key>/retry": "doing again what may have been done",
    "rights": "all roles",
    "rights/<int:pk>": "what a role opens",
    "rights/<int:pk>/<str:slug>": "what a role sees of the fields of an object",
    "people/invite": "the right to invite",
    "view-as/<int:pk>": "looking through another person's eyes",
    "welcome": "the right to change the company",
    "welcome/empty": "the right to change the company",
    "welcome/sample": "the right to change the company",
    "welcome/hide": "the right to change the company",
}
