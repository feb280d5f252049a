"""Checkers for Python sources; each returns findings as `path:line: sentence`."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PRODUCT = ROOT / "guanxi"
FILE_LINES, FUNCTION_LINES, KERNEL_LINES = 400, 40, 6000
MANAGERS = {"objects", "_default_manager", "_base_manager"}
WRITES = {"bulk_create", "bulk_update", "update_or_create", "get_or_create", "abulk_create", "asave", "adelete"}
CONTEXTS = {"ctx", "system"}  # what holds a Ctx is called so, and nothing else is
#: Whose save() or delete() writes no row past the Ctx.
NO_ROWS = {
    "image": "Pillow draws a picture into memory",
    "template": "a filled document is written into memory",
    "writing": "the kernel's own writing, called with the Ctx",
    "router": "names the address of a DELETE",
}
COVERS = re.compile(r"[A-Z][A-Z0-9]*-\d{2,3}|[PTF]\d{1,2}|[MUXB]\d{1,2}")


def product_files() -> list[Path]:
    """The product's own Python, without tests and migrations."""
    return [
        path for path in sorted(PRODUCT.rglob("*.py")) if not {"tests", "migrations", "conftest.py"} & set(path.parts)
    ]


def test_files() -> list[Path]:
    """Every test module, wherever it lies."""
    places = [*(ROOT / "tests").rglob("*.py"), *PRODUCT.rglob("tests/*.py")]
    return sorted(path for path in places if path.name.startswith("test_"))


def floor_of(path: Path) -> str:
    """kernel, common, surfaces, apps or site."""
    parts = path.relative_to(ROOT).parts
    return parts[1] if len(parts) > 2 else ""


def writes(path: str, text: str) -> Iterator[str]:
    """Rows are read by ctx.find and written by ctx; nothing else outside the kernel (registry.objects() are no rows)."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Attribute) and node.attr in MANAGERS and ast.unparse(node.value) != "registry":
            yield f"{path}:{node.lineno}: `.{node.attr}` outside the kernel: read through ctx.find(Model)."
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield from _write_call(path, node, node.func)


def _write_call(path: str, call: ast.Call, function: ast.Attribute) -> Iterator[str]:
    receiver = function.value
    name = receiver.id if isinstance(receiver, ast.Name) else getattr(receiver, "attr", "")
    is_write = function.attr in ("save", "delete") and name not in {*CONTEXTS, *NO_ROWS}
    if function.attr in WRITES or is_write:
        yield f"{path}:{call.lineno}: `{ast.unparse(receiver)}.{function.attr}()` outside the kernel: write through ctx."


def contexts(path: str, text: str) -> Iterator[str]:
    """Since `ctx` and `system` may write, nothing but a Ctx is called so."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.arg | ast.AnnAssign) and node.annotation is not None:
            name = node.arg if isinstance(node, ast.arg) else getattr(node.target, "id", getattr(node.target, "attr", ""))
            if name in CONTEXTS and not {"Ctx", "Any"} & set(re.findall(r"\w+", ast.unparse(node.annotation))):
                yield f"{path}:{node.lineno}: `{name}` is no Ctx here: give it another name."


def inner_imports(path: str, text: str) -> Iterator[str]:
    """An import inside a function means a wrong floor."""
    for function in ast.walk(ast.parse(text)):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            for node in ast.walk(function):
                if isinstance(node, ast.Import | ast.ImportFrom):
                    yield f"{path}:{node.lineno}: import inside a function: move it to the right floor."


def lengths(path: str, text: str) -> Iterator[str]:
    """A file is read in one sitting and a function fits a screen."""
    lines = len(text.splitlines())
    if lines > FILE_LINES:
        yield f"{path}:{lines}: {lines} lines in one file (at most {FILE_LINES}): split it by meaning."
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            size = (node.end_lineno or node.lineno) - node.lineno + 1
            if size > FUNCTION_LINES:
                yield f"{path}:{node.lineno}: {node.name} has {size} lines (at most {FUNCTION_LINES}): split it by meaning."


def docstrings(path: str, text: str) -> Iterator[str]:
    """A module says its purpose first."""
    tree = ast.parse(text)
    if tree.body and not ast.get_docstring(tree):
        yield f"{path}:1: no module docstring: say in one sentence what it is for."


def silenced(path: str, text: str) -> Iterator[str]:
    """The rules about floors are not switched off line by line."""
    for number, line in enumerate(text.splitlines(), 1):
        if re.search(r"#\s*noqa:?.*(PLC0415|TID251)", line) or re.search(
            r"#\s*(ruff:\s*noqa|noqa\s*$|type:\s*ignore\s*$)", line
        ):
            yield f"{path}:{number}: a floor rule is switched off: fix the cause."


def facade(path: str, text: str) -> Iterator[str]:
    """An app takes kernel.api and other apps' models and actions, nothing deeper (pure rules may use pure helpers)."""
    own, pure = Path(path).parts[2], "rules" in Path(path).with_suffix("").parts
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.ImportFrom) or not node.module:
            continue
        parts = node.module.split(".")
        if parts[:2] == ["guanxi", "kernel"] and parts[2:] != ["api"] and not pure:
            yield f"{path}:{node.lineno}: {node.module}: an app takes its words from guanxi.kernel.api."
        other = parts[:2] == ["guanxi", "apps"] and parts[2:3] != [own]
        if other and parts[3:] not in (["models"], ["actions"]):
            yield f"{path}:{node.lineno}: {node.module}: other apps offer their models and actions only."


def covers(path: str, text: str) -> Iterator[str]:
    """Requirement ids are given as texts of the known shape."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "covers":
            for argument in node.args:
                value = argument.value if isinstance(argument, ast.Constant) else ""
                if not COVERS.fullmatch(str(value)):
                    yield f"{path}:{node.lineno}: {ast.unparse(argument)} is no requirement id."
