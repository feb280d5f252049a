"""Catalogues: every text for people is found in the source, and every language has it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po
from django.apps import apps
from django.utils.translation import templatize
from opencc import OpenCC

ROOT = Path(__file__).resolve().parents[2]
_CALLS = {"_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy"}
_STRING = r"""u?('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
_IN_TEMPLATES = re.compile(rf"\b(n?gettext)\s*\(\s*{_STRING}(?:\s*,\s*{_STRING})?")
#: Packages without a catalogue of their own speak through another's.
SPEAKS_THROUGH = {"language": "kernel"}


def owners() -> list[Path]:
    """The folders that keep a catalogue: the kernel, each surface, each app, and the site."""
    installed = [Path(config.path) for config in apps.get_app_configs() if Path(config.path).is_relative_to(ROOT)]
    return [*installed, ROOT / "site"]


def texts_of(folder: Path) -> dict[str, str]:
    """Every message of a folder with its plural form (empty where it has none)."""
    found: dict[str, str] = {}
    for source in [folder, *(ROOT / name for name, owner in SPEAKS_THROUGH.items() if ROOT / owner == folder)]:
        for path in sorted(source.rglob("*.py")):
            if not {"tests", "migrations"} & set(path.relative_to(ROOT).parts):
                found.update(_from_python(path.read_text(encoding="utf-8")))
        for path in sorted(source.rglob("*.html")) + sorted(source.rglob("templates/**/*.txt")):
            found.update(_from_template(path))
    return {text: plural for text, plural in found.items() if text}


def _from_python(code: str) -> Iterator[tuple[str, str]]:
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Call) and node.args:
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            words = [one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
            if name in _CALLS and words and isinstance(node.args[0], ast.Constant):
                yield words[0], words[1] if name.startswith("ngettext") and len(words) > 1 else ""
        if isinstance(node, ast.ClassDef) and any(_is_about(one) for one in node.body):
            yield " ".join((ast.get_docstring(node) or "").split()), ""
        if isinstance(node, ast.FunctionDef) and any(_is_action(one) for one in node.decorator_list):
            yield (ast.get_docstring(node) or "").strip().split("\n")[0], ""


def _is_action(decorator: ast.expr) -> bool:
    """Docstrings of actions are product text: tooltip, confirmation, description."""
    return isinstance(decorator, ast.Call) and getattr(decorator.func, "id", "") == "action"


def _is_about(statement: ast.stmt) -> bool:
    """The docstring of a record is product text: what an empty list says it is for."""
    return (isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Call)
            and getattr(statement.value.func, "id", "") == "About")


def _from_template(path: Path) -> Iterator[tuple[str, str]]:
    code = templatize(path.read_text(encoding="utf-8"), origin=str(path.name))
    for kind, single, plural in _IN_TEMPLATES.findall(code):
        yield ast.literal_eval(single), ast.literal_eval(plural) if kind == "ngettext" and plural else ""


def catalogue_path(folder: Path, language: str) -> Path:
    return folder / "locale" / language / "LC_MESSAGES" / "django.po"


def read(path: Path, language: str) -> Catalog:
    """A catalogue, or an empty one where there is none yet."""
    if not path.exists():
        return Catalog(locale=language, charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=language)


def missing(language: str) -> list[str]:
    """What has no translation: ``folder: text``, for every folder."""
    found = []
    for folder in owners():
        known = read(catalogue_path(folder, language), language)
        for text in texts_of(folder):
            message = known.get(text)
            done = message is not None and not message.fuzzy and (
                all(message.string) if isinstance(message.string, tuple | list) else bool(message.string))
            if not done:
                found.append(f"{folder.relative_to(ROOT)}: {text}")
    return found


def collect() -> int:
    """Write new messages, untranslated, into each Simplified Chinese catalogue; drop those no longer used."""
    count = 0
    for folder in owners():
        texts = texts_of(folder)
        if not texts:
            continue
        path = catalogue_path(folder, "zh_Hans")
        known = read(path, "zh_Hans")
        fresh = Catalog(locale="zh_Hans", charset="utf-8", project="Guanxi", version="", fuzzy=False)
        for text in sorted(texts):
            old = known.get(text)
            string: Any = old.string if old is not None and not old.fuzzy else ""
            count += not string
            if texts[text]:
                forms = string if isinstance(string, tuple | list) else (string,)
                fresh.add((text, texts[text]), tuple(forms), flags=_flags(text))
            else:
                fresh.add(text, string[0] if isinstance(string, tuple | list) else string, flags=_flags(text))
        _write(path, fresh)
    return count


def _flags(text: str) -> list[str]:
    return ["python-format"] if re.search(r"%\(\w+\)[sd]", text) else []


def make_traditional() -> int:
    """Write each Traditional Chinese catalogue from the Simplified one, with our own words where they differ."""
    convert, count = OpenCC("s2twp").convert, 0
    own = _own_words()
    for folder in owners():
        simple = read(catalogue_path(folder, "zh_Hans"), "zh_Hans")
        if not len(simple):
            continue
        fresh = Catalog(locale="zh_Hant", charset="utf-8", project="Guanxi", version="", fuzzy=False)
        for message in simple:
            if message.id and message.string:
                forms = message.string if isinstance(message.string, tuple | list) else (message.string,)
                turned = tuple(_replace(convert(form), own) for form in forms)
                fresh.add(message.id, turned if isinstance(message.string, tuple | list) else turned[0],
                          flags=list(message.flags))
                count += 1
        _write(catalogue_path(folder, "zh_Hant"), fresh)
    return count


def _own_words() -> list[tuple[str, str]]:
    path = Path(__file__).with_name("zh_Hant.txt")
    lines = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines() if "\t" in line]
    return [(before, after) for before, after in lines]


def _replace(text: str, own: list[tuple[str, str]]) -> str:
    for before, after in own:
        text = text.replace(before, after)
    return text


def _write(path: Path, catalogue: Catalog) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    catalogue.header_comment = ""
    with path.open("wb") as file:
        write_po(file, catalogue, omit_header=False, no_location=True, sort_output=True, width=110, include_lineno=False)
    _still(path)


def _still(path: Path) -> None:
    """Leave out the header lines that change with every run."""
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    moving = ('"POT-Creation-Date', '"PO-Revision-Date', '"Generated-By', '"Report-Msgid', '"Last-Translator',
              '"Language-Team')
    path.write_text("".join(line for line in lines if not line.startswith(moving)), encoding="utf-8")
