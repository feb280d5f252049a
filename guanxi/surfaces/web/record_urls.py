"""Addresses of the record pages and of the pages around them: home, search, notifications, files, history."""

from django.urls import URLPattern, URLResolver, path

from guanxi.surfaces.web.views import (
    conditions,
    dialogs,
    explain,
    files,
    forms,
    history,
    home,
    notifications,
    palette,
    records,
    reveal,
    time_machine,
    timeline,
)

Patterns = list[URLPattern | URLResolver]

fixed: Patterns = [
    path("", home.home, name="home"),
    path("home/blocks", home.blocks, name="home-blocks"),
    path("palette", palette.palette, name="palette"),
    path("search", palette.search, name="search"),
    path("condition", conditions.build, name="condition"),
    path("condition/words", conditions.told, name="condition-words"),
    path("notifications", notifications.index, name="notifications"),
    path("notifications/count", notifications.count, name="notification-count"),
    path("notifications/read", notifications.read, name="notifications-read"),
    path("notifications/<int:pk>/open", notifications.open_one, name="notification-open"),
    path("explain/<path:key>", explain.explain, name="explain"),
    path("files/<int:pk>/thumb", files.thumb, name="file-thumb"),
    path("files/<int:pk>/delete", files.delete, name="file-delete"),
    path("files/<int:pk>/<str:name>", files.download, name="file"),
    path("audit", history.audit, name="audit"),
    path("history/<slug:slug>/<int:pk>", history.record_history, name="history"),
    path("history/<slug:slug>/<int:pk>/restore", history.restore, name="history-restore"),
]
of_records: Patterns = [
    path("<slug:slug>/new", forms.new, name="new"),
    path("<slug:slug>/duplicates", forms.duplicates, name="duplicates"),
    path("<slug:slug>/lines", forms.worked_out, name="lines"),
    path("<slug:slug>/<int:pk>", records.show, name="record"),
    path("<slug:slug>/<int:pk>/edit", forms.edit, name="edit"),
    path("<slug:slug>/<int:pk>/cell/<slug:key>", records.cell, name="cell"),
    path("<slug:slug>/<int:pk>/reveal/<slug:key>", reveal.reveal, name="reveal"),
    path("<slug:slug>/<int:pk>/timeline", timeline.timeline, name="timeline"),
    path("<slug:slug>/<int:pk>/log", timeline.log, name="log"),
    path("<slug:slug>/<int:pk>/files", timeline.upload, name="upload"),
    path("<slug:slug>/<int:pk>/panels", records.later, name="panels"),
    path("<slug:slug>/<int:pk>/follow", records.follow, name="follow"),
    path("<slug:slug>/<int:pk>/share", records.share, name="share"),
    path("<slug:slug>/<int:pk>/as-of", time_machine.choose, name="record-as-of"),
    path("<slug:slug>/<int:pk>/do/<slug:verb>", dialogs.act, name="act"),
]
