"""Static files with a fingerprint in their name, compressed once."""

from collections.abc import Iterable
from typing import Any

import brotli
from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage


class Quick(Compressor):
    """A twentieth of the time of the tightest compression, for a tenth more bytes: the first start waits for it."""

    @staticmethod
    def compress_brotli(data: bytes) -> bytes:
        """As a browser unpacks it."""
        packed: bytes = brotli.compress(data, quality=9)
        return packed


class Storage(CompressedManifestStaticFilesStorage):
    """Source maps are not shipped, so the lines that name them are left as they are."""

    patterns = tuple(
        (glob, tuple(pattern for pattern in group if "sourceMappingURL" not in str(pattern)))
        for glob, group in CompressedManifestStaticFilesStorage.patterns
    )

    #: What pages name has a fingerprint; only that is worth compressing.
    keep_only_hashed_files = True

    def delete_files(self, files_to_delete: Iterable[str]) -> None:
        """Keep them: the page of a broken server names its style sheet without asking for the fingerprint."""

    def create_compressor(self, **options: Any) -> Compressor:
        """One that does not keep the first start waiting."""
        return Quick(**options)
