"""The addresses of the organisation's own pages."""

from django.urls import path

from guanxi.apps.org.pages import first_visit, me, people, rights

urlpatterns = [
    path("setup", first_visit.set_up, name="setup"),
    path("welcome", first_visit.doors, name="doors"),
    path("welcome/empty", first_visit.start_empty, name="doors_empty"),
    path("welcome/sample", first_visit.start_with_sample, name="doors_sample"),
    path("welcome/hide", first_visit.hide_steps, name="first_steps_hide"),
    path("language", me.language, name="language"),
    path("invitation/<str:key>", me.accept, name="invitation"),
    path("me", me.me, name="me"),
    path("directory", people.directory, name="directory"),
    path("people/invite", people.invite, name="invite"),
    path("view-as/stop", people.view_as_stop, name="view_as_stop"),
    path("view-as/<int:pk>", people.view_as, name="view_as"),
    path("rights", rights.index, name="roles"),
    path("rights/<int:pk>", rights.matrix, name="rights"),
    path("rights/<int:pk>/<str:slug>", rights.field_rights, name="field_rights"),
    path("why/<str:slug>/<int:pk>", rights.why, name="why"),
]
