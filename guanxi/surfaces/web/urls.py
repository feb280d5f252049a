"""The addresses of the pages: fixed ones first, then those every object gets."""

from django.urls import URLPattern, URLResolver, path

from guanxi.surfaces.web import record_urls
from guanxi.surfaces.web.views import (
    bin,
    boards,
    bulk,
    calendars,
    comparing,
    listing,
    lookups,
    saved,
    time_machine,
    undo,
    work,
)

#: Pages of their own.
fixed: list[URLPattern | URLResolver] = [
    *record_urls.fixed,
    path("undo/<int:operation_id>", undo.take_back, name="undo"),
    path("health", work.health_page, name="health"),
    path("jobs", work.own_jobs, name="jobs"),
    path("jobs/<uuid:key>/cancel", work.cancel, name="job-cancel"),
    path("jobs/<uuid:key>/retry", work.retry, name="job-retry"),
    path("bin", bin.index, name="bin"),
    path("bin/<slug:slug>/<int:pk>", bin.restore, name="restore"),
]
#: Pages of one record; the more exact address comes first.
records: list[URLPattern | URLResolver] = record_urls.of_records
#: Pages of the list of an object.
lists: list[URLPattern | URLResolver] = [
    path("<slug:slug>/", listing.index, name="list"),
    path("<slug:slug>/filter", listing.filter_form, name="filter"),
    path("<slug:slug>/as-of", time_machine.choose, name="list-as-of"),
    path("<slug:slug>/compare", comparing.of_list, name="list-compare"),
    path("<slug:slug>/columns", saved.columns, name="columns"),
    path("<slug:slug>/views", saved.create, name="view-new"),
    path("<slug:slug>/views/<int:pk>", saved.edit, name="view-edit"),
    path("<slug:slug>/views/<int:pk>/save", saved.save, name="view-save"),
    path("<slug:slug>/column", boards.column, name="board-column"),
    path("<slug:slug>/<int:pk>/move", boards.move, name="board-move"),
    path("<slug:slug>/events", calendars.events, name="events"),
    path("<slug:slug>/<int:pk>/day", calendars.move, name="event-move"),
    path("<slug:slug>/lookup", lookups.lookup, name="lookup"),
    path("<slug:slug>/do/<slug:verb>", bulk.dialog, name="bulk"),
]
urlpatterns: list[URLPattern | URLResolver] = [*fixed, *records, *lists]
