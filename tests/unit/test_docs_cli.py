"""The documents of the command line: every command, option, schema and key is there, and no other."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import typer

import rai_dash
from rai_dash.cli.app import app
from rai_dash.data.dataset import dataset_from_frame
from scripts import cli_page
from tests.source_facts import schemas

REPO = Path(__file__).resolve().parents[2]
DOCS = REPO / "docs"
DOCUMENTS = [*sorted(REPO.glob("*.md")), *sorted(DOCS.rglob("*.md"))]


def text_of(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def named(text: str) -> set[str]:
    """All names that stand in backticks."""
    return {name for span in re.findall(r"`([^`\n]+)`", text) for name in re.split(r"[\s,/]+", span)}


@cache
def commands() -> dict[str, Any]:
    """Every command by its full name: not from the script that writes the page."""

    def walk(command: Any, name: str) -> Iterator[tuple[str, Any]]:
        inner = getattr(command, "commands", None)
        if inner is None:
            yield name, command
        for word, below in (inner or {}).items():
            yield from walk(below, f"{name} {word}")

    return dict(walk(typer.main.get_command(app), "rai-dash"))


def options_of(command: Any) -> set[str]:
    given = {o for p in command.params for o in (*p.opts, *p.secondary_opts) if o.startswith("--")}
    return given | {"--help"}


def test_the_page_of_the_command_line_is_up_to_date():
    """Else: python scripts/cli_page.py."""
    text = text_of("cli.md")

    assert cli_page.page(text) == text


def test_every_command_and_option_is_documented():
    parts = re.split(r"^### ", text_of("cli.md"), flags=re.MULTILINE)[1:]
    sections = {part.split("\n")[0]: part for part in parts}
    missing = {
        f"{name} {option}"
        for name, command in commands().items()
        for option in options_of(command) - {"--help"}
        if not re.search(rf"`[^`\n]*{option}(?![\w-])", sections.get(name, ""))
    }

    assert len(commands()) > 40
    assert set(commands()) - set(sections) == set()
    assert missing == set()


def test_every_schema_of_json_is_documented():
    assert len(schemas()) > 25
    assert {s for s in schemas() if f"`{s}`" not in text_of("cli.md")} == set()


def test_the_keys_of_json_are_those_that_are_documented():
    roles = rai_dash.Roles(target="approve", favourable=("1",), sensitive=("black",))
    dataset = rai_dash.read_dataset(REPO / "sample_data" / "loanapp.csv.gz", roles)
    scores = np.linspace(0, 1, dataset.n_rows)
    weighted = dataset_from_frame(dataset.frame.assign(weight=1.5), replace(roles, weight="weight"))
    made = {
        # People are counted beside weights only.
        "audit": json.loads(rai_dash.audit(dataset, scores, threshold=0.5).to_json())
        | json.loads(rai_dash.audit(weighted, scores, threshold=0.5).to_json()),
        "profile": rai_dash.profile_dataset(dataset).content,
    }
    rows = {name: re.search(rf"`rai-dash/{name}/1` \|[^|]*\|(.*)\|", text_of("cli.md")) for name in made}

    said = {name: named(row[1]) for name, row in rows.items() if row}

    assert said == {name: set(content) - {"schema", "run"} for name, content in made.items()}


def said_commands(text: str) -> Iterator[str]:
    """Every line of a document that calls `rai-dash`, with the lines that go on with it."""
    text = re.sub(r"\\\n", " ", text)
    for block in re.findall(r"^ *```[^\n]*\n(.*?)^ *```", text, flags=re.MULTILINE | re.DOTALL):
        joined = re.sub(r"\n(?:    +|\t)(?=--|\[)", " ", block)
        for line in joined.split("\n"):
            for part in re.split(r"&&|;|\$\(|\)", line.split(" # ")[0].split("  #")[0]):
                found = re.search(r"(?:^|(?<!-C)[\s/])(rai-dash [a-z].*)", part)
                if found:
                    yield found[1]
    prose = re.sub(r"^ *```.*?^ *```", "", text, flags=re.MULTILINE | re.DOTALL)
    yield from re.findall(r"`(rai-dash [a-z][^`]*)`", " ".join(prose.split()))


@pytest.mark.parametrize("page", DOCUMENTS, ids=lambda p: p.relative_to(REPO).as_posix())
def test_documents_call_commands_and_options_that_exist(page):
    for said in said_commands(page.read_text(encoding="utf-8")):
        name = max((n for n in commands() if f"{said} ".startswith(f"{n} ")), key=len, default=None)
        group = said.split()[1] in {n.split()[1] for n in commands()} and len(said.split()) == 2
        assert name or group, said
        if name:
            used = set(re.findall(r"(?<![\w-])--[a-z][a-z0-9-]*", said))
            assert used <= options_of(commands()[name]), said


@pytest.mark.parametrize("page", DOCUMENTS, ids=lambda p: p.relative_to(REPO).as_posix())
def test_options_that_stand_alone_are_options_of_some_command(page):
    known = set().union(*(options_of(command) for command in commands().values()))
    alone = set(re.findall(r"`(--[a-z][a-z0-9-]*)[^`]*`", page.read_text(encoding="utf-8")))

    assert alone - known == set()
