"""The addresses of the pages of customers and contacts that are no list or record."""

from django.urls import path

from guanxi.apps.parties.pages import check, merge

urlpatterns = [
    path("duplicate-check", check.index, name="duplicate_check"),
    path("duplicate-check/ask", check.ask, name="duplicate_ask"),
    path("duplicate-check/claim", check.take, name="duplicate_claim"),
    path("duplicates", check.programs, name="duplicates"),
    path("merge/<slug:slug>", merge.index, name="merge"),
]
