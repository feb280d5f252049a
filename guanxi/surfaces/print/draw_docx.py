"""Fills one Word template in a process of its own; it can reach nothing but the values it is given.

Run as ``python -m guanxi.surfaces.print.draw_docx``.
"""

import base64
import binascii
import io
import signal
import zipfile
from typing import Any

from docx.opc.exceptions import PackageNotFoundError
from docxtpl import DocxTemplate
from jinja2 import StrictUndefined, TemplateError, UndefinedError
from jinja2.sandbox import ImmutableSandboxedEnvironment, SecurityError
from lxml.etree import LxmlError

from guanxi.surfaces.print.alone import Unfit, serve

#: Seconds for the loops of a template; more is a template that never ends.
SECONDS = 2.0
#: Bytes a template may unpack to.
UNPACKED = 50 * 2**20


class Endless(Exception):
    """A template that does not come to an end."""


def _stop(_signal: int, _frame: Any) -> None:
    raise Endless


def docx(request: dict[str, Any]) -> bytes:
    """A Word template filled with values."""
    try:
        packed = base64.b64decode(request["template"], validate=True)
        with zipfile.ZipFile(io.BytesIO(packed)) as parts:
            if sum(part.file_size for part in parts.infolist()) > UNPACKED:
                raise Unfit("too large")
        return _filled(packed, request["values"])
    except (binascii.Error, zipfile.BadZipFile, PackageNotFoundError, KeyError, LxmlError) as error:
        raise Unfit("no Word file") from error


def _filled(packed: bytes, values: dict[str, Any]) -> bytes:
    signal.signal(signal.SIGVTALRM, _stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
    try:
        template = DocxTemplate(io.BytesIO(packed))
        template.render(values, ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=True))
    except Endless as error:
        raise Unfit("endless") from error
    except UndefinedError as error:
        raise Unfit(f"missing: {error.message}") from error
    except (SecurityError, TemplateError, TypeError, ValueError, OverflowError, ZeroDivisionError) as error:
        raise Unfit(f"template: {error}") from error
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    out = io.BytesIO()
    template.save(out)
    return out.getvalue()


if __name__ == "__main__":
    serve(docx)
