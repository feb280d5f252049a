"""The addresses of approvals; they come before those of every object."""

from django.urls import URLPattern, URLResolver, path

from guanxi.surfaces.automation import asking, telling, views
from guanxi.surfaces.web import menu, panels

menu.add_count(views.INBOX, views.counted)
panels.panel("approvals", place="top", order=5, template="automation/panel.html")(views.of_record)
panels.before_acting(telling.foreseen)
panels.hold(asking.locks)

urlpatterns: list[URLPattern | URLResolver] = [
    path("approvals/", views.index, name="approvals"),
    path("approvals/<int:pk>", views.show, name="approval"),
    path("approvals/<int:pk>/decide", views.decide, name="approval-decide"),
]
