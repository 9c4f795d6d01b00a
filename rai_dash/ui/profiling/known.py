"""What is known of a table; each part is made once, when a view first asks for it."""

from __future__ import annotations

from rai_dash.core.types import Notice
from rai_dash.data.alike_rows import AlikeRows, alike_rows
from rai_dash.data.blanks import Blanks, blanks_of
from rai_dash.data.column_facts import TableFacts, facts_of
from rai_dash.data.conflicts import Conflicts, conflicts
from rai_dash.data.dataset import Dataset
from rai_dash.data.findings import findings
from rai_dash.data.near_duplicates import NearDuplicates, near_duplicates
from rai_dash.data.portfolio.together import count_together
from rai_dash.data.profile import ColumnProfile, outline_of, profile_of
from rai_dash.data.time_order import TimeOrder, time_order
from rai_dash.metrics.base_rates import BaseRates, base_rates
from rai_dash.report.first_look import LookAt, first_look
from rai_dash.ui.state import View


def table(view: View) -> Dataset:
    """Return the table that is looked at: all its rows, or the sample of a portfolio that stands for them."""
    return view.judgement.data.dataset


def told(view: View, facts: TableFacts | None = None) -> tuple[Notice, ...]:
    """Return the findings about the table and the other data of the case."""
    mine = view.judgement.data
    others = [d.dataset for d in view.case.data if d.key != mine.key]
    # Other data may join the case later.
    key = ("findings", *(other.fingerprint for other in others))

    def found() -> tuple[Notice, ...]:
        seen = facts or facts_of(mine.dataset, lambda: outline(view))
        return findings(mine.dataset, others, facts=seen)

    return view.judgement.memo.get(key, found)


def rates(view: View) -> tuple[BaseRates, ...]:
    """Return the base rates by every sensitive column."""
    return view.judgement.memo.get("base rates", lambda: base_rates(table(view)))


def first(view: View) -> tuple[LookAt, ...]:
    """Return what to look at first."""

    def found() -> tuple[LookAt, ...]:
        # Not kept: what is known of the columns is as large as the table.
        facts = facts_of(table(view), lambda: outline(view))
        count_together(table(view), [c.name for c in facts.whole.values() if c.known < facts.whole.n])
        return first_look(table(view), rates=rates(view), told=told(view, facts), facts=facts)

    return view.judgement.memo.get(("first look", *(d.dataset.fingerprint for d in view.case.data)), found)


def profiles(view: View) -> tuple[ColumnProfile, ...]:
    """Return the profile of every column."""
    return view.judgement.memo.get("profile", lambda: profile_of(table(view)))


def outline(view: View) -> tuple[ColumnProfile, ...]:
    """Return what the findings need of every column."""
    return view.judgement.memo.get("outline", lambda: outline_of(table(view)))


def near(view: View) -> NearDuplicates | None:
    """Return the rows that differ in one column from another."""
    return view.judgement.memo.get("near duplicates", lambda: near_duplicates(table(view)))


def alike(view: View) -> AlikeRows | None:
    """Return the rows that differ from another by rounding and writing alone."""
    return view.judgement.memo.get("alike rows", lambda: alike_rows(table(view)))


def clash(view: View) -> Conflicts | None:
    """Return the rows with conflicting labels."""
    return view.judgement.memo.get("conflicts", lambda: conflicts(table(view)))


def in_time(view: View) -> TimeOrder | None:
    """Return the rows in the order of time."""
    return view.judgement.memo.get("time order", lambda: time_order(table(view)))


def blanks(view: View, by: str) -> Blanks:
    """Return the blank cells by the groups of a column."""
    return view.judgement.memo.get(("blanks", by), lambda: blanks_of(table(view), by))
