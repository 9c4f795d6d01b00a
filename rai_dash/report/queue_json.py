"""The review queue as JSON and as tables: small numbers of people are hidden, names are told to those who may."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

import pandas as pd

from rai_dash.core.types import Estimate
from rai_dash.govern.ledger import utc_seconds
from rai_dash.govern.queue.figures import Accuracy
from rai_dash.govern.queue.reasons import words_of
from rai_dash.govern.queue.state import Queue
from rai_dash.govern.queue.summary import GroupLine, QueueFigures, ReaderLine
from rai_dash.govern.queue.views import QueueLine
from rai_dash.report.small_cells import reason
from rai_dash.review.audit_sample import AuditFigures

SCHEMA: Final = "rai-dash/queue/1"
#: Which figures of a group and of a reader rest on few people where the group is small.
_OF_GROUP: Final = ("approved", "agreement", "h1", "h0")
_OF_READER: Final = ("approved", "followed", "overrides")


def queue_json(
    queue: Queue, figures: QueueFigures, *, names: Mapping[str, str | None] | None = None, fewest: int = 0
) -> dict[str, Any]:
    """Return what a queue says as plain values.

    Parameters
    ----------
    queue : Queue
    figures : QueueFigures
        Of it.
    names : mapping of str to (str or None), optional
        Names of readers by reference; None = readers are left out.
    fewest : int
        Figures of fewer people than this are null; 0 = none are.
    """
    fill = queue.fill
    return {
        "schema": SCHEMA,
        "queue": queue.id,
        "policy": {"policy_id": fill.policy_id, "version": fill.version, "content_hash": fill.content_hash},
        "batch": {"fingerprint": fill.batch, "rows": sum(fill.batch_routes), "model": fill.model},
        "routes": dict(zip(("reject", "review", "approve"), fill.batch_routes, strict=True)),
        "band": {"lo": fill.lo, "threshold": fill.threshold, "hi": fill.hi},
        "filled_at": utc_seconds(queue.filled_at),
        "rows_until": utc_seconds(fill.expires_at),
        "audit_share": fill.audit_share,
        "second_read_share": fill.second_share,
        "counts": asdict(figures.counts),
        "agreement": _plain(figures.agreement),
        "kappa": _plain(figures.kappa),
        "deference": {name: _plain(getattr(figures.deference, name)) for name in _DEFERENCE},
        "overrides": _plain(figures.overrides),
        "seconds": asdict(figures.seconds),
        "accuracy": _accuracy(figures.accuracy),
        "accuracy_all": {name: _plain(one) for name, one in figures.accuracy_all.items()},
        "audit": {"by_outcome": _audit(figures.audit_outcomes), "by_people": _audit(figures.audit_people)},
        "groups": {
            column: [_group(line, fewest) for line in lines] for column, lines in figures.groups.items()
        },
        "readers": None if names is None else [_reader(line, names, fewest) for line in figures.readers],
        "reasons": reason_counts(queue),
    }


def line_json(line: QueueLine) -> dict[str, Any]:
    """Return one line of the list of queues as plain values."""
    times = {"filled_at": utc_seconds(line.filled_at), "expires_at": utc_seconds(line.expires_at)}
    return asdict(line) | times


def reason_counts(queue: Queue) -> dict[str, int]:
    """Count the reasons of final decisions, by code in the order of the list of the queue."""
    given = [
        code
        for case in queue.cases
        for read in case.finals
        if read.final is not None
        for code in read.final.codes
    ]
    return {code: given.count(code) for code in queue.fill.codes if code in given}


def groups_table(figures: QueueFigures) -> pd.DataFrame:
    """Return the figures by group as a long table: one line a group and figure; ``people`` is what it rests on."""
    lines = [
        {
            "column": column,
            "group": line.group,
            "people": line.people,
            "figure": name,
            **_numbers(getattr(line, name)),
        }
        for column, found in figures.groups.items()
        for line in found
        for name in _OF_GROUP
    ]
    return pd.DataFrame(lines, columns=["column", "group", "people", "figure", *_NUMBERS])


def readers_table(figures: QueueFigures, names: Mapping[str, str | None]) -> pd.DataFrame:
    """Return the figures by reader: one line a person."""
    lines = [
        {
            "reader": names.get(line.reader) or "(erased)",
            "reads": line.reads,
            "approved": line.approved.value,
            "followed the model": line.followed.value,
            "against the model": line.overrides.value,
            "h1": line.accuracy.h1.value,
            "h0": line.accuracy.h0.value,
            "median seconds": line.seconds.median,
        }
        for line in figures.readers
    ]
    return pd.DataFrame(lines)


def named_figures(figures: QueueFigures) -> dict[str, Estimate]:
    """Return the figures of everybody by what they are called."""
    return {
        "two readers say the same": figures.agreement,
        "kappa of two readers": figures.kappa,
        "approve a good one (h1)": figures.accuracy.h1,
        "refuse a bad one (h0)": figures.accuracy.h0,
        "h1 over all applications": figures.accuracy_all["h1"],
        "h0 over all applications": figures.accuracy_all["h0"],
        "follow the model after disagreeing": figures.deference.followed,
        "follow it although they were right": figures.deference.misled,
        "follow it when they were wrong": figures.deference.corrected,
        "leave the model after agreeing": figures.deference.left,
        "decide against the model in the end": figures.overrides,
        "wrong automatic decisions, by outcome": figures.audit_outcomes.rates["auto_error_rate"],
        "automatic decisions that people would change": figures.audit_people.rates["auto_error_rate"],
    }


def figures_table(figures: QueueFigures) -> pd.DataFrame:
    """Return the figures of everybody: one line each with interval, counts and the reason where it is undefined."""
    named = named_figures(figures)
    return pd.DataFrame(
        [{"figure": name, **_numbers(one), "why not": one.reason} for name, one in named.items()]
    )


def reasons_table(queue: Queue) -> pd.DataFrame:
    """Return how often each reason was given, the most frequent first."""
    found = sorted(reason_counts(queue).items(), key=lambda pair: -pair[1])
    return pd.DataFrame(
        [{"reason": words_of(code), "decisions": n} for code, n in found], columns=["reason", "decisions"]
    )


_DEFERENCE: Final = ("followed", "left", "misled", "corrected")
_NUMBERS: Final = ("value", "low", "high", "numerator", "denominator")


def _numbers(one: Estimate) -> dict[str, float | None]:
    return {name: getattr(one, name) for name in _NUMBERS}


def _plain(one: Estimate) -> dict[str, object]:
    return {name: value for name, value in one.to_json().items() if name != "reason" or value is not None}


def _accuracy(found: Accuracy) -> dict[str, Any]:
    return {
        "h1": _plain(found.h1),
        "h0": _plain(found.h0),
        "decided": found.decided,
        "known": found.known,
        "corrected_for_missing_outcomes": found.is_corrected,
    }


def _audit(found: AuditFigures) -> dict[str, Any]:
    return {
        "rows": found.rows,
        "drawn": found.drawn,
        "judged": found.judged,
        "totals": {name: _plain(one) for name, one in found.totals.items()},
        "rates": {name: _plain(one) for name, one in found.rates.items()},
    }


def _group(line: GroupLine, fewest: int) -> dict[str, Any]:
    if line.people < fewest:
        hidden = Estimate.undefined(reason(fewest))
        return {"group": line.group, "people": None, **{name: _plain(hidden) for name in _OF_GROUP}}
    return {
        "group": line.group,
        "people": line.people,
        **{name: _plain(getattr(line, name)) for name in _OF_GROUP},
    }


def _reader(line: ReaderLine, names: Mapping[str, str | None], fewest: int) -> dict[str, Any]:
    own: dict[str, Any] = {"name": names.get(line.reader), "reads": line.reads}
    if line.reads < fewest:
        hidden = Estimate.undefined(reason(fewest))
        nothing = {name: _plain(hidden) for name in (*_OF_READER, "h1", "h0")}
        return {**own, "reads": None, **nothing, "seconds": None}
    return {
        **own,
        **{name: _plain(getattr(line, name)) for name in _OF_READER},
        "h1": _plain(line.accuracy.h1),
        "h0": _plain(line.accuracy.h0),
        "seconds": asdict(line.seconds),
    }
