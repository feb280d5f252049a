"""The addresses of printed sheets; they come before those of every record."""

from django.urls import URLPattern, URLResolver, path

from guanxi.surfaces.print import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("<slug:slug>/<int:pk>/print/<slug:key>.pdf", views.pdf, name="print-pdf"),
    path("<slug:slug>/<int:pk>/print/<slug:key>/<int:template>.docx", views.word, name="print-word"),
]
