"""The addresses of imports and exports; they come before those of every object."""

from django.urls import URLPattern, URLResolver, path
from django.utils.translation import gettext_lazy as _

from guanxi.surfaces.impex.views import exports, running, wizard
from guanxi.surfaces.web import menu

menu.add_link("settings", _("Imports and exports"), "/imports", "table-import", lambda ctx: not ctx.read_only, 500)

urlpatterns: list[URLPattern | URLResolver] = [
    path("imports", running.index, name="imports"),
    path("imports/<int:pk>", running.show, name="import"),
    path("imports/<int:pk>/columns", wizard.columns, name="import-columns"),
    path("imports/<int:pk>/values", wizard.meanings, name="import-values"),
    path("imports/<int:pk>/check", wizard.check, name="import-check"),
    path("imports/<int:pk>/rejects", running.rejects, name="import-rejects"),
    path("imports/<int:pk>/records/<slug:word>", running.records, name="import-records"),
    path("imports/<int:pk>/<slug:what>", running.steer, name="import-steer"),
    path("exports/<int:pk>", exports.download, name="export-file"),
    path("<slug:slug>/import", wizard.upload, name="import-upload"),
    path("<slug:slug>/import/template", wizard.blank, name="import-template"),
    path("<slug:slug>/export", exports.export, name="export"),
]
