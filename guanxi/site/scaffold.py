"""`guanxi new object <app> <name>`: the first lines of an object, so that one starts by editing."""

import argparse
import keyword
from pathlib import Path

from guanxi.site.prepare import PACKAGE_DIR, Missing

MODEL = '''"""{Words}: say in one sentence what it is for."""

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.api import About, Record, f


class {Class}(Record):
    """Say what one {words} is; people read this."""

    name = f.Name(_("Name"))
    note = f.Text(_("Note"))

    about = About(
        one=_("{words}"),
        many=_("{words}s"),
        title=name,
        columns=(name,),
        search=(name, note),
        form=((name,), (note,)),
    )
'''
ACTIONS = '''"""What people do with a {words}."""

from django.utils.translation import gettext_lazy as _

from guanxi.apps.{app}.models import {Class}
from guanxi.kernel.api import Ctx, action


@action(_("Clear the note"))
def clear_{name}(ctx: Ctx, {name}: {Class}) -> None:
    """Empty the note; replace this by the first real thing people do."""
    {name}.note = ""
    ctx.save({name})
'''
TESTS = '''"""The {words}: what it keeps and what is done with it."""

from guanxi.apps.{app}.models import {Class}


def test_a_{name}_is_known_by_its_name():
    assert str({Class}(name="First")) == "First"
'''


def main(arguments: list[str]) -> int:
    """Write the files and say what comes next."""
    parser = argparse.ArgumentParser(prog="guanxi new", description="Start an object in the source tree.")
    parser.add_argument("what", choices=["object"])
    parser.add_argument("app", help="the app it belongs to: sales")
    parser.add_argument("name", help="its name, singular, in small letters: visit_report")
    options = parser.parse_args(arguments)
    for path in new_object(PACKAGE_DIR / "apps", options.app, options.name):
        print(f"wrote {path.relative_to(PACKAGE_DIR.parent)}")
    print(f"next: edit the model, then run: guanxi manage makemigrations {options.app}")
    print(f"then: guanxi show {options.app}.{options.name.replace('_', '')}")
    return 0


def new_object(apps: Path, app: str, name: str) -> list[Path]:
    """The four files of an object; refused as a whole when one of them is in the way."""
    folder = apps / app
    if not (folder / "apps.py").exists():
        known = ", ".join(sorted(path.parent.name for path in apps.glob("*/apps.py"))) or "none yet"
        raise Missing(f"There is no app {app!r}: choose one of {known}.")
    if not name.isidentifier() or keyword.iskeyword(name) or name != name.lower():
        raise Missing(f"{name!r} cannot be a name: use small letters and underscores, such as visit_report.")
    facts = {"app": app, "name": name, "words": name.replace("_", " "), "Class": name.title().replace("_", "")}
    facts["Words"] = facts["words"].capitalize()
    wanted = {
        folder / "models" / f"{name}.py": MODEL,
        folder / "actions" / f"{name}.py": ACTIONS,
        folder / "tests" / f"test_{name}.py": TESTS,
    }
    for path in wanted:
        if path.exists():
            raise Missing(f"{path.name} is already there in {path.parent}: choose another name, or edit it.")
    for path, text in wanted.items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text.format(**facts), encoding="utf-8")
    return [*wanted, _announce(folder, facts)]


def _announce(folder: Path, facts: dict[str, str]) -> Path:
    """The line by which the app's models offer the new one."""
    package = folder / "models" / "__init__.py"
    text = package.read_text(encoding="utf-8") if package.exists() else f'"""The objects of {facts["app"]}."""\n'
    line = "from guanxi.apps.{app}.models.{name} import {Class}".format(**facts)
    head, separator, tail = text.partition("\n__all__ = [")
    if separator:
        tail = f'\n    "{facts["Class"]}",' + (tail if tail.startswith("\n") else f"\n    {tail}")
        text = f"{head.rstrip()}\n{line}\n{separator}{tail}"
    else:
        text = f"{text.rstrip()}\n{line} as {facts['Class']}\n"
    package.write_text(text, encoding="utf-8")
    return package
