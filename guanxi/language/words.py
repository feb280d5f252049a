"""Small helpers for words in several languages."""

import re
from typing import Any

from django.conf import settings
from django.utils import translation

_SEPARATORS = re.compile(r"[,;，；、\n\t]+")


def in_every_language(label: Any) -> set[str]:
    """A translatable label in each of the product's languages."""
    found = set()
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            found.add(str(label))
    return found


def split_list(text: str) -> list[str]:
    """Split what people type as a list: commas and semicolons of both widths, 、, tabs and line ends."""
    return [part.strip() for part in _SEPARATORS.split(text) if part.strip()]
