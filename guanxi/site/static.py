"""Static files with a fingerprint in their name, compressed once."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class Storage(CompressedManifestStaticFilesStorage):
    """Source maps are not shipped, so the lines that name them are left as they are."""

    patterns = tuple(
        (glob, tuple(pattern for pattern in group if "sourceMappingURL" not in str(pattern)))
        for glob, group in CompressedManifestStaticFilesStorage.patterns
    )
