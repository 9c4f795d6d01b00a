"""Write the part of docs/cli.md that lists every command and option, from the commands themselves."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, get_args

import typer

from rai_dash.cli.app import app

if TYPE_CHECKING:
    from typer.core import TyperArgument, TyperOption

PAGE: Final = Path(__file__).resolve().parents[1] / "docs" / "cli.md"
#: What stands between these lines is written here, the rest by people.
BEGIN: Final = "<!-- written by scripts/cli_page.py -->"
END: Final = "<!-- end of what scripts/cli_page.py writes -->"
_WORDS: Final = {Path: "file", int: "whole number", float: "number", str: "text", bool: ""}
#: Signs that would be read as markup of a table or of a line.
_SIGNS: Final = str.maketrans({sign: f"\\{sign}" for sign in "|*_<>[]"})


def commands() -> dict[str, Any]:
    """Return every command by its full name, in alphabetical order."""

    def walk(command: Any, name: str) -> Iterator[tuple[str, Any]]:
        inner = getattr(command, "commands", None)
        if inner is None:
            yield name, command
            return
        for word, below in inner.items():
            yield from walk(below, f"{name} {word}")

    return dict(sorted(walk(typer.main.get_command(app), "rai-dash")))


def takes(option: TyperArgument | TyperOption) -> str:
    """Say what may stand behind an option."""
    kind = option.type_descriptor.annotation
    parts = [_word(one) for one in get_args(kind) if one is not type(None)] or [_word(kind)]
    if option.nargs > 1:
        return " ".join(parts)
    return " or ".join(dict.fromkeys(filter(None, parts)))


def _word(kind: Any) -> str:
    if isinstance(kind, type) and issubclass(kind, Enum):
        return ", ".join(f"`{one.value}`" for one in kind)
    return _WORDS.get(kind, "text")


def default_of(option: TyperArgument | TyperOption) -> str:
    """Write the value an option has when it is left out."""
    value = option.default
    if option.required:
        return "required"
    if value is None or value is False or callable(value) or value in ("", (), []):
        return ""
    if value is True:
        return f"`{option.opts[0]}`"
    shown = value.value if isinstance(value, Enum) else value
    return f"`{' '.join(map(str, shown)) if isinstance(shown, list | tuple) else shown}`"


def meaning(option: TyperArgument | TyperOption) -> str:
    """Return the help of an option, with what it may be and whether it may be given again."""
    said = " ".join((option.help or "").split())
    is_said = "epeat" in said or "as often as" in said
    is_repeated = getattr(option, "multiple", False) and not is_said
    return said.translate(_SIGNS) + " May be given again." * is_repeated


def lines_of(name: str, command: Any) -> Iterator[str]:
    """Write one command."""
    given = [p for p in command.params if not p.hidden and p.name != "help"]
    arguments = [p for p in given if p.param_type_name == "argument"]
    usage = " ".join(
        [name, *(p.name.upper() if p.required else f"[{p.name.upper()}]" for p in arguments), "[OPTIONS]"]
    )
    yield f"### {name}"
    yield ""
    yield " ".join((command.help or "").split("\n\n")[0].split()).translate(_SIGNS)
    yield ""
    yield "```"
    yield usage if len(given) > len(arguments) else usage.removesuffix(" [OPTIONS]")
    yield "```"
    if given:
        yield ""
        yield "| option | takes | default | meaning |"
        yield "|---|---|---|---|"
    for option in (*arguments, *(p for p in given if p not in arguments)):
        is_argument = option.param_type_name == "argument"
        names = option.name.upper() if is_argument else ", ".join([*option.opts, *option.secondary_opts])
        yield f"| `{names}` | {takes(option)} | {default_of(option)} | {meaning(option)} |"
    yield ""


def listing() -> str:
    """Write all commands."""
    return "\n".join(line for name, command in commands().items() for line in lines_of(name, command))


def page(text: str) -> str:
    """Return the page with its listing made anew."""
    head, _, rest = text.partition(BEGIN)
    _, _, tail = rest.partition(END)
    return f"{head}{BEGIN}\n\n{listing()}\n{END}{tail}"


def main() -> None:
    """Rewrite the page where it is out of date."""
    before = PAGE.read_text(encoding="utf-8")
    after = page(before)
    if after != before:
        PAGE.write_text(after, encoding="utf-8")
        print(f"{PAGE.name} written anew")


if __name__ == "__main__":
    main()
