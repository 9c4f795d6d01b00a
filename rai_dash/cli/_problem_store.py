"""Problems of a store on the operator's own machine, and the case that files make up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rai_dash.cli.reading import options_of
from rai_dash.cli.running import note_store
from rai_dash.cli.shared import with_split
from rai_dash.core.errors import InvalidChoice
from rai_dash.core.words import NOTHING, number, one_line, percent

if TYPE_CHECKING:
    from rai_dash.case import Case
    from rai_dash.core.types import Roles
    from rai_dash.govern.people import Person
    from rai_dash.govern.problems import Problem, ProblemDesk
    from rai_dash.report.problems_work import ProblemTable


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """Tables and models to look at, and how they are read."""

    data: Sequence[Path]
    models: Sequence[Path]
    model_class: str | None
    read: list[str] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What is to become of a problem; None or empty = stays."""

    status: str | None
    reason: str
    until: datetime | None
    owner: str | None
    harm: int | None
    harmed: str
    title: str | None
    note: str | None


def _person(name: str) -> Person:
    from rai_dash.core.settings import get_settings
    from rai_dash.govern.people import AppRole, Person

    settings = get_settings()
    role = AppRole.named(settings.local_role)
    return Person(name=name, subject=name, role=role, sees_rows=settings.local_sees_rows)


def may_see_rows() -> bool:
    """Whether people without a sign-in may see single rows here."""
    return _person("command line").sees_rows


@contextmanager
def reading(store: str) -> Iterator[ProblemDesk]:
    """Open a store that is there, to be read.

    Raises
    ------
    InvalidChoice
        When there is none: opening it would make it.
    """
    from rai_dash.govern.database import sqlite_path, store_url
    from rai_dash.govern.people import Person
    from rai_dash.govern.problems import ProblemDesk
    from rai_dash.govern.store import Store

    path = sqlite_path(store_url(store or None))
    if path is not None and not Path(path).is_file():
        msg = f"There is no store at {path}. Check --store."
        raise InvalidChoice(msg)
    with Store(store or None) as opened:
        note_store(opened)
        yield ProblemDesk(opened, Person(name="command line", subject="command line"))


@contextmanager
def writing(store: str, name: str) -> Iterator[ProblemDesk]:
    """Open a store to write to, under a name that nobody vouches for."""
    from rai_dash.govern.problems import ProblemDesk
    from rai_dash.govern.store import Store

    person = _person(name)
    with Store(store or None) as opened:
        yield ProblemDesk(opened, person)


def chosen(store: str, wanted: Sequence[str] | None) -> list[Problem]:
    """Return the problems of a store that were asked for; None = all."""
    with reading(store) as desk:
        return [desk.problem(one) for one in wanted] if wanted else desk.problems()


def recorded(store: str, name: str, found: Sequence[Problem], table: ProblemTable) -> list[Problem]:
    """Put results on record; return the problems as they stand then.

    Raises
    ------
    NotAllowed
        When people without a sign-in may not do that here.
    """
    from rai_dash.govern.people import AppRole, require
    from rai_dash.report.problems_work import record_results

    require(_person(name), AppRole.EXPERT, "Recording results of problems")
    with writing(store, name) as desk:
        return record_results(desk, found, table)


def change(desk: ProblemDesk, problem_id: str, wanted: Changes) -> Problem:
    """Make several changes, each of which is an entry of its own: all of them, or none.

    Raises
    ------
    InvalidChoice
        When nothing is to be changed, or a part is missing.
    """
    now = desk.problem(problem_id)
    if not any((wanted.status, wanted.owner is not None, wanted.harm, wanted.title, wanted.note)):
        msg = "What is to be changed? Give --status, --owner, --harm, --title or --note."
        raise InvalidChoice(msg)
    with desk.at_once():
        return _changed(desk, now, wanted)


def _changed(desk: ProblemDesk, now: Problem, wanted: Changes) -> Problem:
    if wanted.title is not None:
        now = desk.retitle(now.id, wanted.title)
    if wanted.harm is not None:
        now = desk.harm(now.id, wanted.harm, wanted.harmed or now.harmed)
    if wanted.owner is not None:
        now = desk.owner(now.id, wanted.owner)
    if wanted.note is not None:
        now = desk.note(now.id, wanted.note)
    if wanted.status is not None:
        now = desk.status(now.id, wanted.status, reason=wanted.reason, until=_end_of(wanted.until))
    return now


def _end_of(day: datetime | None) -> datetime | None:
    """Return the moment at which a day is over."""
    return None if day is None else day.replace(tzinfo=UTC) + timedelta(days=1)


@contextmanager
def case_of(files: Files, roles: Roles) -> Iterator[Case]:
    """Read tables and models into a case; the models are closed behind it."""
    from rai_dash.case import Case, CaseData, CaseModel, DataRole
    from rai_dash.data.read import read_dataset
    from rai_dash.models.client import load_model

    options = options_of(files.read)
    data = [with_split(read_dataset(path, options=options), roles) for path in files.data]
    favourable = roles.favourable or None
    with ExitStack() as stack:
        models = [
            stack.enter_context(load_model(path, model_class=files.model_class, favourable=favourable))
            for path in files.models
        ]
        sets = tuple(
            CaseData(key=key, title=key, role=DataRole.COLLECTED, dataset=one)
            for key, one in zip(_keys(files.data), data, strict=True)
        )
        made = tuple(
            CaseModel(key=key, title=key, model=one)
            for key, one in zip(_keys(files.models), models, strict=True)
        )
        yield Case(
            id="cli", title="command line", data=sets, models=made, default_data=sets[0].key,
            default_model=made[0].key if made else "",
        )  # fmt: skip


def _keys(paths: Sequence[Path]) -> list[str]:
    """Name files so that each has a name of its own."""
    names = [path.name for path in paths]
    return [name if names.count(name) == 1 else f"{name} ({i})" for i, name in enumerate(names, start=1)]


def lines_of(told: Mapping[str, Any]) -> Iterator[str]:
    """Write problems as text, one line each with what was measured below, and what was left out."""
    for problem in told["problems"]:
        yield _head(problem)
        for line in problem["results"]:
            model = line["model"] or "score column"
            yield f"    {one_line(line['data'])}, {one_line(model)}: {line['state']}. {one_line(line['why'])}"
    if not told["problems"]:
        yield "There are no problems in this store."
    for why in dict.fromkeys(skip["why"] for skip in told["skipped"]):
        yield f"Left out: {one_line(why)}"


def detail_of(problem: Mapping[str, Any]) -> Iterator[str]:
    """Write one problem as text."""
    yield _head(problem)
    yield f"About: {one_line(problem['slice']['words'] or 'rows that are not kept any more')}"
    yield f"Harm {problem['harm']} of 5: {one_line(problem['harmed'] or 'nobody said to whom')}"
    yield f"Owner: {one_line(problem['owner'] or 'nobody')}"
    for line in problem["on_record"]:
        n = number(line["n"], digits=0)
        yield f"    {line['at']}  {line['state']}: {percent(line['error'])} of {n} wrong"
    for line in problem["history"]:
        text = f": {line['text']}" if line["text"] else ""
        yield f"{line['at']}  {one_line(line['who'])} {one_line(line['what'])}{one_line(text)}"


def _head(problem: Mapping[str, Any]) -> str:
    first = number(problem["priority"], digits=3)
    normalised = problem["normalised_error"]
    times = NOTHING if normalised is None else f"{number(normalised, digits=1)} times the usual error"
    until = "" if problem["last_day"] is None else f" until {problem['last_day']}"
    parts = [problem["id"], f"priority {first}", f"{percent(problem['share'])} of people", times]
    parts += [f"harm {problem['harm']}", f"{problem['status']}{until}"]
    if problem["regressed"]:
        parts.append("has come back")
    return "  ".join([*parts, one_line(problem["title"])])
