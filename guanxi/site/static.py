"""Static files with a fingerprint in their name, compressed once."""

from collections.abc import Iterable

from whitenoise.storage import CompressedManifestStaticFilesStorage


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
