"""The forms of signing in: one box, whatever people know themselves by; keys with a name in their language."""

from typing import Any

from allauth.account.forms import LoginForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm, EditWebAuthnForm
from django import forms
from django.utils.translation import gettext_lazy as _

from guanxi.apps.org import setup


class SignInForm(LoginForm):
    """allauth's form with a box that takes e-mail, phone or user name."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"] = forms.CharField(
            label=_("E-mail, phone or user name"), max_length=254,
            widget=forms.TextInput(attrs={"autocomplete": "username", "autofocus": True, "autocapitalize": "none"}))
        self.order_fields(["login", "password"])

    def nobody(self) -> bool:
        """Has this installation still to be set up?"""
        return setup.needed()


class AddKey(AddWebAuthnForm):
    """A new passkey: its name, and whether it is enough by itself."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("Name")
        self.fields["passwordless"].label = _("Sign in with it alone, without a password")
        self.fields["passwordless"].help_text = _("Your device then asks for a fingerprint, your face or its PIN.")


class EditKey(EditWebAuthnForm):
    """Another name for a passkey."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("Name")
