"""Typed reading of environment variables; a wrong value stops the start with one sentence."""

import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.exceptions import ImproperlyConfigured

TRUE, FALSE = {"1", "true", "yes", "on"}, {"", "0", "false", "no", "off"}


def text(name: str, default: str = "") -> str:
    """The variable itself, or the content of the file that NAME_FILE names."""
    file = os.environ.get(f"{name}_FILE")
    if file:
        try:
            return Path(file).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ImproperlyConfigured(f"{name}_FILE: cannot read {file} ({error.strerror}).") from error
    return os.environ.get(name, default).strip()


def flag(name: str, default: bool = False) -> bool:
    """A yes or no."""
    value = text(name, "1" if default else "0").lower()
    if value not in TRUE | FALSE:
        raise ImproperlyConfigured(f"{name}={value!r} is neither yes nor no: use 1 or 0.")
    return value in TRUE


def number(name: str, default: int, low: int = 0) -> int:
    """A whole number that is not below `low`."""
    value = text(name, str(default))
    if not value.isdecimal() or int(value) < low:
        raise ImproperlyConfigured(f"{name}={value!r} must be a whole number from {low} upwards.")
    return int(value)


def words(name: str, default: str = "") -> list[str]:
    """A list, separated by commas."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def choice(name: str, default: str, allowed: list[str]) -> str:
    """One of a fixed list."""
    value = text(name, default)
    if value not in allowed:
        raise ImproperlyConfigured(f"{name}={value!r} is unknown: use one of {', '.join(allowed)}.")
    return value


def time_zone(name: str, default: str) -> str:
    """The name of a time zone that this machine knows."""
    value = text(name, default)
    try:
        return ZoneInfo(value).key
    except (ValueError, ZoneInfoNotFoundError) as error:
        raise ImproperlyConfigured(f"{name}={value!r} is no time zone: use a name such as Asia/Shanghai.") from error


def folder(name: str, default: Path) -> Path:
    """A folder this process may write to; made when it is missing."""
    path = Path(text(name) or default).expanduser().resolve()
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = f"cannot create {path} ({error.strerror})"
        raise ImproperlyConfigured(f"{name}: {reason}; choose a folder you may write to.") from error
    if not os.access(path, os.W_OK | os.X_OK):
        raise ImproperlyConfigured(f"{name}: {path} is not writable; choose another folder or change its rights.")
    return path


def address(name: str) -> str:
    """A web address of scheme and host, without the closing slash; empty when it is not set."""
    value = text(name).rstrip("/")
    parts = urlsplit(value)
    if value and (parts.scheme not in ("http", "https") or not parts.hostname or parts.path):
        raise ImproperlyConfigured(f"{name}={value!r} must look like https" + "://crm.example.com, without a path.")
    return value


def secret(name: str, file: Path) -> str:
    """The secret from the environment, else one made once and kept in a file that only the owner reads."""
    value = text(name)
    if value:
        return value
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:
            handle.write(secrets.token_urlsafe(50))
    except FileExistsError:
        pass  # A second process, or the second start.
    value = file.read_text(encoding="utf-8").strip()
    if not value:
        raise ImproperlyConfigured(f"{file} is empty: delete it, and a new key is made (everyone signs in again).")
    return value


SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA mmap_size=268435456;"
    "PRAGMA cache_size=-65536;PRAGMA temp_store=MEMORY;"
)


def database(name: str, default: Path) -> dict[str, Any]:
    """Django's description of the database that the address names; an SQLite file where there is none."""
    value = text(name)
    if flag("GUANXI_TEST_POSTGRES"):
        return _postgres(
            {key: os.environ.get(f"PG{key}", "") for key in ("HOST", "PORT", "USER", "PASSWORD")}, "postgres"
        )
    parts = urlsplit(value)
    if not value or parts.scheme == "sqlite":
        return _sqlite(Path(unquote(parts.path)) if parts.path else default)
    if parts.scheme not in ("postgres", "postgresql") or not parts.hostname or len(parts.path) < 2:
        raise ImproperlyConfigured(f"{name} must look like postgres:" + "//user:password@host:5432/database.")
    place = {
        "HOST": parts.hostname,
        "PORT": str(parts.port or 5432),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
    }
    return _postgres(place, unquote(parts.path[1:]), dict(parse_qsl(parts.query)))


def _sqlite(path: Path) -> dict[str, Any]:
    options = {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": SQLITE_PRAGMAS}
    return {"ENGINE": "guanxi.site.database.sqlite3", "NAME": path, "CONN_MAX_AGE": None, "OPTIONS": options}


def _postgres(place: dict[str, str], base: str, options: dict[str, str] | None = None) -> dict[str, Any]:
    options = {"connect_timeout": "10", "tcp_user_timeout": "20000", **(options or {})}  # seconds; thousandths of them
    engine = {"ENGINE": "guanxi.site.database.postgresql", "NAME": base, "OPTIONS": options}
    return {**engine, **place, "CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
