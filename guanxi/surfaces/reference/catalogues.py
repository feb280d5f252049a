"""Catalogues: every text for people is found in the source, and every language has it."""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po
from django.apps import apps
from django.utils.translation import templatize
from opencc import OpenCC

ROOT = Path(__file__).resolve().parents[2]
#: The calls that mark a text, and what their first words are.
_CALLS = {"_": "s", "gettext": "s", "gettext_noop": "s", "ngettext": "sp", "pgettext": "cs", "npgettext": "csp"}
_STRING = r"""u?('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
_IN_TEMPLATES = re.compile(rf"\b(n?p?gettext|_)\s*\(\s*{_STRING}(?:\s*,\s*{_STRING})?(?:\s*,\s*{_STRING})?")
#: What must come through a translation unchanged.
_PLACEHOLDER = re.compile(r"%\(\w+\)[sdf]|%[sd]\b|\{\w*\}")
#: Packages without a catalogue of their own speak through another's.
SPEAKS_THROUGH = {"language": "kernel", "common": "kernel"}


Key = tuple[str, str]
"""Context (mostly empty) and text: what a translation is kept under."""


def owners() -> list[Path]:
    """The folders that keep a catalogue: the kernel, each surface, each app, and the site."""
    installed = [Path(config.path) for config in apps.get_app_configs() if Path(config.path).is_relative_to(ROOT)]
    return [one for one in dict.fromkeys([*installed, ROOT / "site"]) if one.name not in SPEAKS_THROUGH]


def texts_of(folder: Path) -> dict[Key, str]:
    """Every message of a folder with its plural form (empty where it has none)."""
    found: dict[Key, str] = {}
    for source in [folder, *(ROOT / name for name, owner in SPEAKS_THROUGH.items() if ROOT / owner == folder)]:
        for path in sorted(source.rglob("*.py")):
            if not {"tests", "migrations"} & set(path.relative_to(source).parts):
                _put(found, from_python(path.read_text(encoding="utf-8")))
        for path in sorted(source.rglob("*.html")) + sorted(source.rglob("templates/**/*.txt")):
            _put(found, from_template(path.read_text(encoding="utf-8"), path.name))
    return found


def _put(found: dict[Key, str], messages: Iterable[tuple[Key, str]]) -> None:
    """A text with a plural form anywhere has it everywhere: both are one entry."""
    for key, plural in messages:
        if key[1]:
            found[key] = plural or found.get(key, "")


def from_python(code: str) -> Iterator[tuple[Key, str]]:
    """The messages of a module: marked strings, and the docstrings that people read."""
    tree = ast.parse(code)
    verbs = {name for node in ast.walk(tree) if isinstance(node, ast.Call) for name in _made_verbs(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            yield from _message(name.removesuffix("_lazy"), [
                one.value if isinstance(one, ast.Constant) and isinstance(one.value, str) else None for one in node.args])
        if isinstance(node, ast.ClassDef) and any(_is_about(one) for one in node.body):
            yield ("", " ".join((ast.get_docstring(node) or "").split())), ""
        if isinstance(node, ast.FunctionDef) and [one.arg for one in node.args.args[:1]] == ["ctx"] and (
                node.name in verbs or any(_is_action(one) for one in node.decorator_list)):
            yield ("", (ast.get_docstring(node) or "").strip().split("\n")[0]), ""
        if isinstance(node, ast.FunctionDef) and any(_is_job(one) for one in node.decorator_list):
            yield ("", " ".join((ast.get_docstring(node) or "").split())), ""


def _message(name: str, words: list[str | None]) -> Iterator[tuple[Key, str]]:
    shape = _CALLS.get(name, "")
    said = {letter: word for letter, word in zip(shape, words, strict=False) if word is not None}
    if shape and len(said) == len(shape):
        yield (said.get("c", ""), said["s"]), said.get("p", "")


def _made_verbs(call: ast.Call) -> list[str]:
    """The functions that a derived verb is made of: their docstrings are read like those of declared actions."""
    applied = isinstance(call.func, ast.Call) and _is_action(call.func)
    if not applied and getattr(call.func, "id", "") != "Action":
        return []
    return [one.id for one in [*call.args, *(keyword.value for keyword in call.keywords)] if isinstance(one, ast.Name)]


def _is_job(decorator: ast.expr) -> bool:
    """Docstrings of jobs are product text: they say on the page of background work what each one does."""
    return isinstance(decorator, ast.Call) and getattr(decorator.func, "id", "") in ("job", "every")


def _is_action(decorator: ast.expr) -> bool:
    """Docstrings of actions are product text: tooltip, confirmation, description."""
    return isinstance(decorator, ast.Call) and getattr(decorator.func, "id", "") == "action"


def _is_about(statement: ast.stmt) -> bool:
    """The docstring of a record is product text: what an empty list says it is for."""
    return (isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Call)
            and getattr(statement.value.func, "id", "") == "About")


def from_template(code: str, name: str) -> Iterator[tuple[Key, str]]:
    """The messages of a template."""
    for call, *words in _IN_TEMPLATES.findall(templatize(code, origin=name)):
        yield from _message(call, [ast.literal_eval(word) if word else None for word in words])


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
    return [f"{folder.relative_to(ROOT)}: {text}" for folder in owners()
            for text in untranslated(texts_of(folder), read(catalogue_path(folder, language), language))]


def untranslated(texts: Iterable[Key], known: Catalog) -> list[str]:
    """The texts that a catalogue does not have, or not for certain."""
    found = []
    for context, text in texts:
        message = known.get(text, context or None)
        if message is None or message.fuzzy or not all(_forms(message)):
            found.append(text)
    return found


def torn(catalogue: Catalog) -> list[str]:
    """The translations that lost or invented a placeholder."""
    found = []
    for message in catalogue:
        texts = message.id if isinstance(message.id, tuple | list) else (message.id,)
        wanted = [_placeholders(text) for text in texts]
        found += [f"{texts[0]} → {form}" for form in _forms(message) if form and _placeholders(form) not in wanted]
    return found


def _placeholders(text: str) -> set[str]:
    return set(_PLACEHOLDER.findall(text))


def conflicts(catalogues: Mapping[str, Catalog]) -> list[str]:
    """Texts that catalogues say differently: the first installed one would win everywhere."""
    said: dict[Key, dict[str, list[str]]] = {}
    for name, catalogue in catalogues.items():
        for message in catalogue:
            text = message.id[0] if isinstance(message.id, tuple | list) else message.id
            if text and _forms(message)[0]:
                said.setdefault((message.context or "", text), {}).setdefault(_forms(message)[0], []).append(name)
    return [f"{key[1]}: " + "; ".join(f"{form} ({', '.join(names)})" for form, names in forms.items())
            for key, forms in said.items() if len(forms) > 1]


def _forms(message: Message) -> tuple[str, ...]:
    """The translation as a tuple, of one form where there is no plural."""
    return tuple(message.string) if isinstance(message.string, tuple | list) else (message.string or "",)


def collect() -> int:
    """Write new messages, untranslated, into each Simplified Chinese catalogue; drop those no longer used."""
    count = 0
    for folder in owners():
        texts = texts_of(folder)
        if not texts:
            continue
        path = catalogue_path(folder, "zh_Hans")
        known = read(path, "zh_Hans")
        fresh = _empty("zh_Hans")
        for key, plural in texts.items():
            old = known.get(key[1], key[0] or None)
            forms = _forms(old)[:1] if old is not None and not old.fuzzy else ("",)
            count += not forms[0]
            _add(fresh, key, plural, forms)
        _write(path, fresh)
    return count


def make_traditional() -> int:
    """Write each Traditional Chinese catalogue from the Simplified one, with our own words where they differ."""
    count = 0
    for folder in owners():
        simple = read(catalogue_path(folder, "zh_Hans"), "zh_Hans")
        if len(simple):
            fresh = traditional(simple)
            count += len(fresh)
            _write(catalogue_path(folder, "zh_Hant"), fresh)
    return count


def traditional(simple: Catalog) -> Catalog:
    """A Simplified Chinese catalogue in Traditional Chinese."""
    convert, own, fresh = _converter().convert, _own_words(), _empty("zh_Hant")
    for message in simple:
        if message.id and all(_forms(message)):
            text, plural = message.id if isinstance(message.id, tuple | list) else (message.id, "")
            forms = tuple(_replace(convert(form), own) for form in _forms(message))
            _add(fresh, (message.context or "", text), plural, forms)
    return fresh


@cache
def _converter() -> OpenCC:
    return OpenCC("s2twp")


def stale() -> list[str]:
    """The folders whose Traditional catalogue is not what the Simplified one gives now."""
    found = []
    for folder in owners():
        now = read(catalogue_path(folder, "zh_Hant"), "zh_Hant")
        if _said(now) != _said(traditional(read(catalogue_path(folder, "zh_Hans"), "zh_Hans"))):
            found.append(str(folder.relative_to(ROOT)))
    return found


def _said(catalogue: Catalog) -> dict[tuple[str | None, Any], tuple[str, ...]]:
    return {(one.context, one.id): _forms(one) for one in catalogue if one.id}


def _empty(language: str) -> Catalog:
    return Catalog(locale=language, charset="utf-8", project="Guanxi", version="", fuzzy=False)


def _add(catalogue: Catalog, key: Key, plural: str, forms: tuple[str, ...]) -> None:
    context, text = key
    catalogue.add((text, plural) if plural else text, forms if plural else forms[0], context=context or None,
                  flags=["python-format"] if re.search(r"%\(\w+\)[sd]", text) else [])


def _own_words() -> list[tuple[str, str]]:
    path = Path(__file__).with_name("zh_Hant.txt")
    lines = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines() if "\t" in line]
    return [(before, after) for before, after in lines]


def _replace(text: str, own: list[tuple[str, str]]) -> str:
    """Our own words, in their order; one behind ``=`` stands for the whole text only."""
    for before, after in own:
        if before.startswith("="):
            text = after if text == before[1:] else text
        else:
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
