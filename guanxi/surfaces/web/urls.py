"""The addresses of the pages: fixed ones first, then those every object gets."""

from django.urls import URLPattern, URLResolver

#: Pages of their own, then the pages of one record; the more exact address comes first.
urlpatterns: list[URLPattern | URLResolver] = []
