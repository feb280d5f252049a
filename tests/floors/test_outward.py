"""Nothing in the product opens a connection to where a user points: what talks to the outside is named here, and why."""

import ast
from collections.abc import Iterator

import pytest

from tests.floors import source

#: What a connection can be opened with, or another program that could open one be started.
MEANS = ("aiohttp", "asyncio", "django.core.mail", "ftplib", "http.client", "httpx", "imaplib", "ldap", "ldap3", "paramiko",
         "poplib", "pycurl", "requests", "smtplib", "socket", "socketserver", "ssl", "subprocess", "telnetlib",
         "urllib.request", "urllib3", "weasyprint", "websocket", "websockets", "xmlrpc")
#: Who may, and to where: no address comes from what a user typed.
NAMED = {
    "guanxi/surfaces/channels/mail.py": "the mail server of the settings, which come from the environment",
    "guanxi/surfaces/print/draw_pdf.py": "draws in a process of its own, with a fetcher that opens nothing",
    "guanxi/surfaces/print/printing.py": "starts those processes",
    "guanxi/apps/org/actions/user.py": "invitations, by the same mail server",
    "guanxi/language/later.py": "loads a module of the program when it is needed first",
    "guanxi/surfaces/impex/sizing.py": "reads an uploaded table in a process of its own",
    "guanxi/site/serve.py": "listens, looks whether its own port answers, and starts the worker",
    "guanxi/site/check.py": "runs the tests of a checkout",
    "guanxi/site/backup/engines.py": "starts the programs that dump and load the company's own database",
}
#: Settings that say where mail goes; only the composition sets them, from the environment.
PLACES = {"EMAIL_HOST", "EMAIL_PORT", "EMAIL_HOST_USER", "EMAIL_HOST_PASSWORD", "EMAIL_BACKEND"}


def means(path: str, text: str) -> Iterator[str]:
    """Every import of something that opens connections, and every connection to a mail server of one's own choice."""
    for node in ast.walk(ast.parse(text)):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [one.name for one in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [str(node.module), *(f"{node.module}.{one.name}" for one in node.names)]
        elif isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            by_name = called.rpartition(".")[2] in ("import_module", "__import__")
            names = ["requests"] if by_name or called.endswith("mail.get_connection") else []
        elif isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Store):
            names = ["smtplib"] if ast.unparse(node).rpartition(".")[2] in PLACES else []
        for name in names:
            if any(name == one or name.startswith(f"{one}.") for one in MEANS):
                yield f"{path}:{node.lineno}: `{name}`"


def found() -> set[str]:
    places = set()
    for path in source.product_files():
        name = str(path.relative_to(source.ROOT))
        if list(means(name, path.read_text(encoding="utf-8"))):
            places.add(name)
    return places


@pytest.mark.covers("SSRF-01")
def test_only_what_is_named_opens_connections():
    assert found() - {"guanxi/site/settings.py"} == set(NAMED)


@pytest.mark.covers("SSRF-01")
@pytest.mark.parametrize("planted", [
    "import requests", "from urllib.request import urlopen", "import urllib.request", "import http.client as h",
    "from django.core import mail", "from django.core.mail import get_connection", "import socket",
    "made = mail.get_connection(host=given)", "settings.EMAIL_HOST = given", "importlib.import_module(name)",
    "from subprocess import run"])
def test_a_planted_connection_is_found(planted):
    assert len(list(means("planted.py", planted))) >= 1


@pytest.mark.covers("SSRF-01")
@pytest.mark.parametrize("harmless", ["from urllib.parse import quote", "import http", "from guanxi.surfaces.channels import mail",
                                      "host = settings.EMAIL_HOST"])
def test_what_opens_nothing_is_not_found(harmless):
    assert list(means("harmless.py", harmless)) == []
