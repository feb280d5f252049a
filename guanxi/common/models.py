"""The tables of what people say about records, for Django."""

from guanxi.common.talk import Attachment, Comment, Follow, Notification

__all__ = ["Attachment", "Comment", "Follow", "Notification"]
