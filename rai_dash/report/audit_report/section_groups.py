"""Chapter: who is approved and refused, group by group, and how sure that is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rai_dash.core.texts import tr
from rai_dash.core.words import NOTHING, count, number, points
from rai_dash.metrics.table import METRICS
from rai_dash.report._certificate_parts import Cell, Row, Table
from rai_dash.report.audit_report import figures
from rai_dash.report.audit_report.blocks import Block, Grid, Heading, Items, Section, Text
from rai_dash.report.audit_report.found import Found, findings_of, sentences_of, share_of, wording_of
from rai_dash.report.audit_report.say import (
    Json,
    is_hidden,
    listed,
    nothing,
    points_cell,
    quoted,
    ratio_cell,
    rows_cell,
    share_cell,
    short,
)
from rai_dash.report.audit_report.told import told_grid, whole_grid

_COLUMNS: Final = ("selection_rate", "recall", "fpr", "precision", "accuracy")
_COMPARED: Final = ("selection_rate", "recall", "fpr", "precision", "fnr", "accuracy", "base_rate")
_DRAWN: Final = ("selection_rate", "recall")
#: Cells of a cross that the chapter lists; the appendix has the metrics of all.
_MOST_CELLS: Final = 12
_EXCLUDED: Final = 8


def groups_section(document: Json) -> Section:
    """Write the chapter."""
    audit = document["audit"]
    blocks: list[Block] = []
    if not audit["groups"]:
        blocks.append(
            Text(
                tr(
                    "No sensitive column was named, so groups are not compared. Name one with --sensitive, or on the "
                    "page "
                    "Data."
                ),
                "note",
            )
        )
        return Section("groups", tr("Groups"), blocks)
    blocks.append(
        Text(
            tr(
                "Groups with fewer than {min_n} rows are grey and are not compared. A difference of {tolerance} or "
                "less was "
                "said not to matter.",
                min_n=count(audit["min_n"]),
                tolerance=points(audit["tolerance"]),
            ),
        )
    )
    for column in (*audit["groups"], *audit["crosses"]):
        blocks += _column(audit, column)
    blocks += _within(audit)
    return Section("groups", tr("Groups"), blocks)


def _column(audit: Json, column: str) -> Iterator[Block]:
    groups = audit["groups"].get(column) or audit["crosses"][column]
    found = list(findings_of(audit, column))
    yield Heading(tr("By {column}", column=quoted(column)))
    yield Items(sentences_of(found))
    if found and (left := _left_out(found[0])):
        yield Text(left, "note")
    yield _dots(audit, column, groups)
    yield whole_grid(_table(audit, column, groups))
    compared = audit["disparities"].get(column) or {}
    if any(gap.get("difference") is not None for gap in compared.values()):
        yield told_grid(_compared(column, compared))
    if column in audit["crosses"]:
        yield from _cells(audit, column)


def _left_out(found: Found) -> str:
    excluded = [e for e in found.gap.get("excluded") or () if isinstance(e, dict)]
    if not excluded or found.is_hidden:
        return ""
    names = [f"{quoted(e['group'])} ({e['reason']})" for e in excluded[:_EXCLUDED]]
    more = len(excluded) - len(names)
    if more:
        names.append(tr("{n} more", n=count(more)))
    return tr("Left out of the comparison: {groups}.", groups=", ".join(names))


def _dots(audit: Json, column: str, groups: Json) -> Block:
    if len(groups) > figures.MOST_ROWS:
        text = tr("{n} groups are too many for a figure; the table has them all.", n=count(len(groups)))
        return Text(text, "note")
    words = wording_of(audit)
    makers = []
    for metric in _DRAWN:
        what = share_of(metric, words)
        title = tr("{column}: {share}", column=short(column), share=what)
        makers.append((figures.group_dots(groups, audit["overall"], metric, audit["min_n"], what), title))
    return figures.beside(*makers)


def _table(audit: Json, column: str, groups: Json) -> Table:
    heads = (tr("Group"), tr("Rows"), *(tr(METRICS[name].label) for name in _COLUMNS))
    rows = tuple(
        Row(
            (Cell(name), rows_cell(one), *(share_cell(one[metric]) for metric in _COLUMNS)),
            one.get("n") is None or one["n"] < audit["min_n"],
        )
        for name, one in groups.items()
    )
    caption = tr("Shares by {column}, with 95 % intervals and counts", column=quoted(column))
    return Table(caption=caption, heads=heads, rows=rows, is_even=True)


def _compared(column: str, compared: Json) -> Table:
    rows = tuple(_line(metric, compared[metric]) for metric in _COMPARED if metric in compared)
    return Table(
        caption=tr("Differences between the extremes of {column}", column=quoted(column)),
        heads=(
            tr("Figure"), tr("Lowest and highest"), tr("Gap"), tr("Ratio"), tr("By chance"), tr("Verdict"),
        ),
        rows=rows,
    )  # fmt: skip


def _line(metric: str, gap: Json) -> Row:
    verdict = Cell(tr(str(gap.get("verdict") or NOTHING)))
    if gap.get("difference") is None and not is_hidden(gap):
        verdict = Cell(NOTHING)
    elif gap.get("rows_needed") is not None:
        verdict = Cell(verdict.text, (tr("rows needed a group: {n}", n=count(gap["rows_needed"])),))
    elif gap.get("starred"):
        verdict = Cell(
            verdict.text,
            (tr("more than chance apart from the others: {groups}", groups=listed(gap["starred"])),),
        )
    ends = [str(gap[end]) for end in ("worst", "best") if gap.get(end)]
    return Row(
        (
            Cell(tr(METRICS[metric].label)),
            Cell(short(ends[0]), (short(ends[1]),)) if len(ends) == 2 else nothing(gap),
            points_cell(gap),
            ratio_cell(gap),
            Cell(points(gap.get("expected_by_chance"))),
            verdict,
        )
    )


def _cells(audit: Json, column: str) -> Iterator[Block]:
    """Say which cells of a cross stand out against all others."""
    for metric in _DRAWN:
        cells = [one for one in audit["intersections"].get(metric) or () if one["column"] == column]
        if not cells:
            continue
        yield Grid(
            Table(
                caption=tr(
                    "{metric}: cells of {column} against all others",
                    metric=tr(METRICS[metric].label),
                    column=quoted(column),
                ),
                heads=(
                    tr("Cell"),
                    tr("Rows"),
                    tr("Share"),
                    tr("Difference to all others"),
                    tr("More than chance?"),
                ),
                rows=tuple(_cell(one) for one in cells[:_MOST_CELLS]),
                notes=_cut(len(cells)),
            )
        )


def _cut(n: int) -> tuple[str, ...]:
    if n <= _MOST_CELLS:
        return ()
    return (tr("The first {shown} of {n} cells.", shown=count(_MOST_CELLS), n=count(n)),)


def _cell(one: Json) -> Row:
    star = tr("yes") if one.get("starred") else tr("too few rows") if one.get("small") else tr("not shown")
    p = one.get("adjusted_p")
    return Row(
        (
            Cell(str(one["group"])),
            rows_cell(one),
            share_cell({key: value for key, value in one.items() if key not in {"low", "high"}}),
            points_cell(one),
            Cell(star, () if p is None else (p_words(p),)),
        ),
        bool(one.get("small")),
    )


def p_words(p: float) -> str:
    """Write a p-value."""
    return tr("p under 0.001") if p < 0.001 else tr("p {p}", p=number(p, digits=3))


def _within(audit: Json) -> Iterator[Block]:
    """Say how groups differ within the levels of another column: like with like."""
    for column, controls in audit["conditional"].items():
        for control, metrics in controls.items():
            found = metrics.get("selection_rate")
            if not found:
                continue
            yield Heading(
                tr("By {column}, like with like by {control}", column=quoted(column), control=quoted(control))
            )
            yield Grid(_like(found["groups"]))


def _like(groups: Json) -> Table:
    return Table(
        caption=tr("Approval rate against all others: at first sight, and within the same level"),
        heads=(tr("Group"), tr("Rows"), tr("At first sight"), tr("Like with like"), tr("More than chance?")),
        rows=tuple(_like_row(name, one) for name, one in groups.items()),
    )


def _like_row(name: str, one: Json) -> Row:
    crude = {
        key: one.get(f"crude{end}") for key, end in (("difference", ""), ("low", "_low"), ("high", "_high"))
    }
    marks = {key: one[key] for key in ("suppressed",) if key in one}
    star = tr("yes") if one.get("starred") else tr("too few rows") if one.get("small") else tr("not shown")
    if one.get("sparse") and not one.get("small"):
        star = tr("too few people in the levels to say")
    why = one.get("test_reason")
    p = one.get("adjusted_p")
    under = tuple(str(text) for text in (why, None if p is None else p_words(p)) if text)
    return Row(
        (
            Cell(name),
            rows_cell(one),
            points_cell({**crude, **marks, "reason": one.get("reason")}),
            points_cell(one),
            Cell(star, under),
        ),
        bool(one.get("small")),
    )
