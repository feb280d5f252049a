"""The addresses of the interface, below ``/api/``."""

from django.urls import include, path

from guanxi.surfaces.rest import api

urlpatterns = [path("v1/", include((api.addresses(), "api")))]
