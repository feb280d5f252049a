"""The tables of what people say about records, for Django; and what every migration takes away and puts back."""

from django.apps import apps
from django.db.models.signals import post_migrate, pre_migrate

from guanxi.common import live_links
from guanxi.common.talk import Attachment, Comment, Follow, Notification

__all__ = ["Attachment", "Comment", "Follow", "Notification"]

pre_migrate.connect(live_links.remove, sender=apps.get_app_config("common"), dispatch_uid="guanxi.common.live_links")
post_migrate.connect(live_links.ensure, sender=apps.get_app_config("common"), dispatch_uid="guanxi.common.live_links")
