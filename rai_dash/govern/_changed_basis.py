"""What a policy rests on that is not as it was: data, model, score, code."""

from __future__ import annotations

from collections.abc import Iterator

from rai_dash.core.texts import tr
from rai_dash.core.words import count
from rai_dash.govern._policy_change import Change, came_and_went, listing, told
from rai_dash.govern.policy import Policy


def basis_changes(old: Policy, new: Policy) -> Iterator[Change]:
    """Yield what is not as it was, in this order: data, model, score, code."""
    yield from _data(old, new)
    yield from _model(old, new)
    yield from _code(old, new)


def _data(old: Policy, new: Policy) -> Iterator[Change]:
    was, now = old.data, new.data
    names = tuple(
        tr("{d} ({rows} rows, {columns} columns)", d=d.name, rows=count(d.rows), columns=count(d.columns))
        for d in (was, now)
    )
    other = was.sha256 != now.sha256
    yield from told("data", "Data", *names, more=_same_name(names, other=other))
    yield from told("data", tr("Role of the data"), was.role, now.role)
    yield from told("data", tr("Rows that were counted"), count(was.rows_judged), count(now.rows_judged))
    yield from told("data", tr("Column of the outcome"), was.target, now.target)
    yield from told("data", tr("What the outcome is"), _spaced(was.target_kind), _spaced(now.target_kind))
    yield from told("data", tr("Favourable outcome"), listing(was.favourable), listing(now.favourable))
    yield from came_and_went("data", tr("Column whose groups are compared"), was.sensitive, now.sensitive)


def _same_name(names: tuple[str, ...], *, other: bool) -> str:
    """Say that a file of the same name is another one."""
    return tr(", and the content differs") if other and names[0] == names[1] else ""


def _spaced(name: str) -> str:
    return name.replace("_", " ")


def _model(old: Policy, new: Policy) -> Iterator[Change]:
    was, now = old.model, new.model
    names = tuple(f"{m.name} ({_spaced(m.format)})" for m in (was, now))
    yield from told("model", "Model", *names, more=_same_name(names, other=was.sha256 != now.sha256))
    yield from told("model", tr("Favourable class of the model"), was.favourable_class, now.favourable_class)
    yield from came_and_went("model", tr("Input of the model"), was.features, now.features)
    yield from told("score", "Score", _score(old), _score(new))


def _score(policy: Policy) -> str:
    score = policy.score
    source = tr("of the model") if score.column is None else tr("in the column {column}", column=score.column)
    return tr(
        "{source}, {unit} from {low} to {high}, {direction} is better",
        source=source,
        unit=score.unit,
        low=f"{score.low:g}",
        high=f"{score.high:g}",
        direction=score.direction,
    )


def _code(old: Policy, new: Policy) -> Iterator[Change]:
    was, now = old.code, new.code
    yield from told("code", "Version of the app", was.version, now.version)
    yield from told("code", "State of its source", _source(old), _source(new))
    yield from told("code", "Lockfile", was.lockfile_sha256, now.lockfile_sha256)
    yield from told("code", "Python", was.python, now.python)
    for name in sorted({*was.libraries, *now.libraries}):
        yield from told("code", name, was.libraries.get(name), now.libraries.get(name))


def _source(policy: Policy) -> str | None:
    code = policy.code
    return code.git if code.git is None or not code.dirty else tr("{git} with changes", git=code.git)
