"""The fake shop: the smallest business that needs every part of the kernel."""

from django.apps import AppConfig


class FakeShopConfig(AppConfig):
    name = "tests.fake_shop"
    label = "fake_shop"
