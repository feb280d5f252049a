"""The addresses of printed sheets; they come before those of every record."""

from django.urls import URLPattern, URLResolver, path

from guanxi.surfaces.print import public, views

urlpatterns: list[URLPattern | URLResolver] = [
    path("s/<str:token>", public.show, name="sheet-link"),
    path("s/<str:token>/file", public.download, name="sheet-file"),
    path("<slug:slug>/<int:pk>/print/<slug:key>.pdf", views.pdf, name="print-pdf"),
    path("<slug:slug>/<int:pk>/print/<slug:key>/<int:template>.docx", views.word, name="print-word"),
]
