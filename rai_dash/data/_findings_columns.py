"""Findings about single columns: leaks, personal data, and what is odd."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from rai_dash.core.texts import mark, tr
from rai_dash.core.types import Notice
from rai_dash.core.words import count, percent
from rai_dash.data.column_facts import ColumnFacts, TableFacts
from rai_dash.data.columns import is_row_number
from rai_dash.data.dataset import Dataset
from rai_dash.data.date_forms import is_dates
from rai_dash.data.identifiers import is_id_like, is_long_text
from rai_dash.data.leaks import find_leaks
from rai_dash.data.outcome_rows import among
from rai_dash.data.personal import PersonalColumn
from rai_dash.data.profile import MOST_LABELS
from rai_dash.data.role_words import is_counted, is_late

#: With more columns of one kind they are told of in one sentence.
_ONE_BY_ONE: Final = 3
_LISTED: Final = 8
#: Whole numbers with so many values may be codes.
_CODES: Final = (3, 15)
_CODE_ENDS: Final = (-9, 99)
_ROWS_A_CODE: Final = 5
#: What to say by code of a finding: of one column, of several, what to do.
_WORDS: Final = {
    "row_number": (
        "only numbers the rows",
        "only number the rows",
        mark("Leave it out: it says nothing about an applicant."),
    ),
    "id_like": (
        "holds another value in (nearly) every row, as an id does",
        "hold another value in (nearly) every row, as ids do",
        mark("Name it as the id, or leave it out."),
    ),
    "long_text": (
        "holds sentences, which may name people and fit no category",
        "hold sentences, which may name people and fit no category",
        mark("Leave it out."),
    ),
    "many_values": (
        f"is text with more than {MOST_LABELS} values and is kept out of training and associations",
        f"are text with more than {MOST_LABELS} values and are kept out of training and associations",
        mark("Group its values before, or leave it out."),
    ),
    "date_column": (
        "holds dates, each of which would be a category of its own",
        "hold dates, each of which would be a category of its own",
        mark("Name the date of the decision as the time, or count days or years instead."),
    ),
    "code_or_quantity": (
        "holds a few whole numbers",
        "hold a few whole numbers",
        mark(
            "Are they codes or quantities? They are used as quantities; if they are codes, have them read as "
            "text."
        ),
    ),
    "constant_column": (
        "has the same value in every cell that is filled",
        "have the same value in every cell that is filled",
        mark("It tells nobody apart; leave it out."),
    ),
    "empty_column": (
        "is empty",
        "are empty",
        mark("Leave it out, or check how the file was made."),
    ),
}


def about_columns(
    dataset: Dataset, facts: TableFacts, personal: Sequence[PersonalColumn]
) -> Iterator[Notice]:
    """Say which columns give the outcome away, name people, or are odd."""
    leaks = tuple(_leaks(dataset, facts))
    yield from leaks
    yield from _personal(dataset, personal)
    yield from _odd(dataset, facts.whole, skip={n.column for n in leaks} | {p.name for p in personal})


def _leaks(dataset: Dataset, facts: TableFacts) -> Iterator[Notice]:
    roles = dataset.roles
    if roles.target is None:
        return
    skip = (roles.score, roles.split, roles.id, roles.weight)
    strong = {
        leak.column: leak for leak in find_leaks(facts, dataset.outcome, target=roles.target, skip=skip)
    }
    for column in facts.without((*skip, roles.target)):
        name, is_left_out = column.name, column.name in roles.ignored
        if (leak := strong.get(name)) is not None:
            advice = (
                tr("It is left out; keep it so.")
                if is_left_out
                else tr("If that is known only after the decision, leave it out.")
            )
            said = f"`{name}` {leak.evidence}. {advice}{among(dataset)}"
            yield Notice("leak_suspect", said, column=name)
        elif is_late(name) and not is_left_out and not column.has_few(1):
            msg = tr(
                "`{name}` reads as something known only after the decision. If it is, leave it out: a "
                "model cannot have it when it decides.",
                name=name,
            )
            yield Notice("leak_suspect", msg, column=name)


def _personal(dataset: Dataset, personal: Sequence[PersonalColumn]) -> Iterator[Notice]:
    roles = dataset.roles
    for one in personal:
        if one.name in roles.ignored:
            advice = tr("It is left out; better still, take it out of the file.")
        elif one.name == roles.id:
            advice = tr("It is the id; a number made up for this purpose would do as well.")
        else:
            advice = tr("Leave it out: it says who somebody is, not whether they repay.")
        msg = tr(
            "`{one}` holds {what} ({share} of its cells). {advice}{among}",
            one=one.name,
            what=one.what,
            share=percent(one.share),
            advice=advice,
            among=among(dataset),
        )
        yield Notice("personal_data", msg, column=one.name)


def _kind(column: ColumnFacts, dataset: Dataset) -> str | None:
    """Tell in which way a column is odd; the first that fits."""
    if not column.known:
        return "empty_column"
    if column.has_few(1):
        return "constant_column"
    if is_row_number(column.series):
        return "row_number"
    # Where the values are too many to be counted, no cell of the sample may repeat another.
    if is_id_like(column.seen) and (column.seen is column or column.seen.is_unique):
        return "id_like"
    if column.is_number:
        is_asked = column.name not in dataset.roles.sensitive and may_be_code(column)
        return "code_or_quantity" if is_asked else None
    return _kind_of_text(column)


def _kind_of_text(column: ColumnFacts) -> str | None:
    if is_dates(column.looked_at):
        return "date_column"
    if is_long_text(column):
        return "long_text"
    return "many_values" if column.distinct > MOST_LABELS else None


def may_be_code(column: ColumnFacts) -> bool:
    """Whether a column of numbers may hold codes: few small whole numbers, and a name that does not count."""
    low, high = _CODES
    if is_counted(column.name) or not column.is_whole or not column.has_few(high) or column.distinct < low:
        return False
    is_small = column.low >= _CODE_ENDS[0] and column.high <= _CODE_ENDS[1]
    return is_small and column.distinct * _ROWS_A_CODE <= column.known


def _odd(dataset: Dataset, facts: TableFacts, *, skip: set[str | None]) -> Iterator[Notice]:
    roles = dataset.roles
    quiet = {
        roles.target,
        roles.id,
        roles.split,
        roles.score,
        roles.time,
        roles.weight,
        *roles.ignored,
        *skip,
    }
    said = {(n.code, n.column) for n in dataset.warnings}
    by_code: dict[str, list[ColumnFacts]] = {}
    for column in facts.without(quiet):
        code = _kind(column, dataset) if facts.n else None
        if code is not None and (code, column.name) not in said:
            by_code.setdefault(code, []).append(column)
    for code, columns in by_code.items():
        yield from _told(code, columns)


def _told(code: str, columns: Sequence[ColumnFacts]) -> Iterator[Notice]:
    one, several, advice = _WORDS[code]
    if len(columns) > _ONE_BY_ONE:
        names = ", ".join(f"`{c.name}`" for c in columns[:_LISTED])
        more = tr(" and {columns} more", columns=len(columns) - _LISTED) if len(columns) > _LISTED else ""
        yield Notice(
            code,
            tr(
                "{columns} columns {several}: {names}{more}. {advice}",
                columns=count(len(columns)),
                several=several,
                names=names,
                more=more,
                advice=advice,
            ),
        )
        return
    for column in columns:
        yield Notice(code, f"`{column.name}` {one} ({_measure(code, column)}). {advice}", column=column.name)


def _measure(code: str, column: ColumnFacts) -> str:
    """Give the figure behind a finding."""
    if code == "empty_column":
        return tr("{column} blank cells", column=count(column.n))
    if code == "code_or_quantity":
        return tr(
            "{distinct} values from {low} to {high}",
            distinct=column.distinct,
            low=f"{column.low:.0f}",
            high=f"{column.high:.0f}",
        )
    if code == "constant_column":
        return tr("{known} of {column} cells", known=count(column.known), column=count(column.n))
    if code in {"id_like", "row_number"} and column.seen is not column:
        return tr(
            "{distinct} different in {known} sampled cells",
            distinct=count(column.seen.distinct),
            known=count(column.seen.known),
        )
    more = tr("more than ") if column.more_distinct else ""
    return tr(
        "{more}{distinct} different in {known} cells",
        more=more,
        distinct=count(column.distinct),
        known=count(column.known),
    )
