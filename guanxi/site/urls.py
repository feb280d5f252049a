"""Every address of the product, floor by floor."""

from importlib.util import find_spec

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from guanxi.site.upgrade import gate


def alive(request: HttpRequest) -> HttpResponse:
    """For a load balancer: this process answers."""
    return HttpResponse("ok", content_type="text/plain")


handler500 = gate.server_error
urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", alive, name="alive"),
    path("accounts/email/", login_required(RedirectView.as_view(pattern_name="me"))),  # changed in one's profile
    path("accounts/", include("allauth.urls")),
    path("", include("guanxi.apps.org.urls")),
    path("", include("guanxi.apps.parties.urls")),
]
if find_spec("guanxi.surfaces.rest") and find_spec("guanxi.surfaces.rest.urls"):
    urlpatterns.append(path("api/", include("guanxi.surfaces.rest.urls")))
    urlpatterns.append(path("", include("guanxi.surfaces.rest.pages")))
urlpatterns.append(path("", include("guanxi.surfaces.impex.urls")))
urlpatterns.append(path("", include("guanxi.surfaces.print.urls")))
urlpatterns.append(path("", include("guanxi.surfaces.automation.urls")))
if find_spec("guanxi.surfaces.web") and find_spec("guanxi.surfaces.web.urls"):
    urlpatterns.append(path("", include("guanxi.surfaces.web.urls")))
