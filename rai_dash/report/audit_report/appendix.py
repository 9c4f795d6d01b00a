"""Appendix: all metrics by group, the named measures, the columns; and the fingerprints of what it rests on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, Final

from rai_dash.core.texts import tr
from rai_dash.core.words import NOTHING, count, number, percent, points
from rai_dash.metrics.parity import MEANINGS
from rai_dash.metrics.table import METRICS
from rai_dash.report._certificate_parts import Cell, Row, Table, facts
from rai_dash.report.audit_report.blocks import Block, Facts, Grid, Heading, Section, Text
from rai_dash.report.audit_report.document import SCHEMA, document_sha256
from rai_dash.report.audit_report.say import (
    Json,
    is_hidden,
    metric_cell,
    nothing,
    points_range,
    quoted,
    rows_cell,
    short,
)
from rai_dash.report.audit_report.told import told_grid

#: Groups of one table; a wider one would not fit the page.
_WIDE: Final = 3
_APPLICANTS: Final = 5
#: Named measures that are no difference of two shares.
_NO_POINTS: Final = frozenset({"demographic_parity_ratio", "smoothed_differential_fairness"})
#: From here on six digits would cut whole numbers.
_LONG: Final = 100_000
_ORDER: Final = (
    "selection_rate", "recall", "fnr", "fpr", "tnr", "precision", "fdr", "npv", "for_rate", "accuracy",
    "balanced_accuracy", "f1", "base_rate", "auc", "brier", "mean_score", "calibration_intercept", "calibration_slope",
    "expected_cost",
)  # fmt: skip


def appendix_section(document: Json) -> Section:
    """Write the appendix of tables."""
    audit = document["audit"]
    blocks: list[Block] = [
        Text(
            tr(
                "Every number that the charts and tables above are made of. Under a value: 95 % interval, count."
            ),
            "note",
        )
    ]
    for column, groups in ({**audit["groups"], **audit["crosses"]}).items():
        blocks += [told_grid(table, is_dense=True) for table in _metrics(column, groups, audit["overall"])]
    blocks += _parities(audit)
    blocks += _contributions(audit)
    blocks += _columns(document["profile"])
    return Section("appendix", tr("Appendix: tables"), blocks)


def _metrics(column: str, groups: Json, overall: Json) -> Iterator[Table]:
    names = list(groups)
    present = {
        name
        for name in METRICS
        if _says(overall.get(name)) and any(_says(one.get(name)) for one in groups.values())
    }
    metrics = sorted(present, key=lambda name: (_ORDER.index(name) if name in _ORDER else len(_ORDER), name))
    for part in _chunks(names, _WIDE):
        yield Table(
            caption=_part_caption(column, part, names),
            heads=(tr("Figure"), *(short(name) for name in part)),
            rows=(
                Row((Cell(tr("Rows")), *(rows_cell(groups[name]) for name in part))),
                *(
                    Row(
                        (
                            Cell(tr(METRICS[metric].label)),
                            *(one_line(metric_cell(metric, groups[name].get(metric))) for name in part),
                        )
                    )
                    for metric in metrics
                ),
            ),
            is_even=True,
        )


def _says(one: Json | None) -> bool:
    """Whether there is a number, or one that is hidden: costs that nobody stated need no line."""
    return one is not None and (
        one.get("value") is not None or is_hidden(one) or "costs" not in str(one.get("reason"))
    )


def one_line(cell: Cell) -> Cell:
    """Set what stands under a value into one line."""
    return Cell(cell.text, (" · ".join(cell.under),) if cell.under else ())


def _part_caption(column: str, part: Sequence[str], names: Sequence[str]) -> str:
    if len(names) <= _WIDE:
        return tr("All figures by {column}", column=quoted(column))
    first = list(names).index(part[0]) + 1
    return tr(
        "All figures by {column}, groups {first} to {last} of {n}",
        column=quoted(column),
        first=count(first),
        last=count(first + len(part) - 1),
        n=count(len(names)),
    )


def _chunks(items: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    """Split into parts of at most a size, as even as can be."""
    if not items:
        return
    n_parts = -(-len(items) // size)
    ends = [len(items) * part // n_parts for part in range(n_parts + 1)]
    for start, end in pairwise(ends):
        yield items[start:end]


def _parities(audit: Json) -> Iterator[Block]:
    for column, found in audit["parities"].items():
        rows = tuple(
            Row(
                (
                    Cell(name.replace("_", " ")),
                    _parity(name, one),
                    Cell(" / ".join(short(group) for group in one["groups"]) or NOTHING),
                    Cell(tr(MEANINGS[name])),
                )
            )
            for name, one in found.items()
            if name in MEANINGS
        )
        if rows:
            yield _named(column, rows)


def _named(column: str, rows: tuple[Row, ...]) -> Block:
    """Write the named measures of a column."""
    table = Table(
        caption=tr("Named measures by {column}", column=quoted(column)),
        heads=(tr("Measure"), tr("Value"), tr("Groups"), tr("What it is")),
        rows=rows,
        notes=(tr("Intervals of the gaps and of the ratio are in the chapter about groups."),),
    )
    return told_grid(table, numbers=slice(1, 2), is_dense=True)


def _parity(name: str, one: Json) -> Cell:
    value, low, high = one.get("value"), one.get("low"), one.get("high")
    if value is None:
        return nothing(one)
    if name in _NO_POINTS:
        return Cell(number(value, digits=3))
    return Cell(points(value), () if low is None or high is None else (points_range(low, high),))


def _contributions(audit: Json) -> Iterator[Block]:
    found = [one for one in audit["explanations"] if one.get("values")]
    if not found:
        return
    yield Heading(tr("Contributions of all columns"))
    for part in _chunks(found, _APPLICANTS):
        names = sorted({name for one in part for name in one["values"]})
        yield Grid(
            is_dense=True,
            table=Table(
                caption=tr("Contributions in log-odds, towards approval above 0"),
                heads=(tr("Column"), *(tr("Row {row}", row=count(one["row"])) for one in part)),
                rows=tuple(
                    Row((Cell(name), *(Cell(number(one["values"].get(name), digits=3)) for one in part)))
                    for name in names
                ),
            ),
        )


def _columns(profile: Json | None) -> Iterator[Block]:
    if profile is None:
        return
    yield Heading(tr("Columns of the data"))
    yield Grid(
        is_dense=True,
        table=Table(
            caption=tr("Columns, blank cells and where the values of numbers lie"),
            notes=(tr("Ends that few rows hold are left out."),) if _has_hidden_ends(profile) else (),
            heads=(
                tr("Column"), tr("Kind"), tr("Different"), tr("Blank"), tr("Smallest"), tr("Mean"), tr("Largest"),
            ),
            rows=tuple(Row(_column(name, one)) for name, one in profile["columns"].items()),
        )
    )  # fmt: skip


def _has_hidden_ends(profile: Json) -> bool:
    return any(
        one.get("mean") is not None and None in (one.get("low"), one.get("high"))
        for one in profile["columns"].values()
    )


def _column(name: str, one: Json) -> tuple[Cell, ...]:
    distinct = one.get("distinct")
    above = one.get("distinct_above")
    different = tr("over {n}", n=count(above)) if distinct is None and above is not None else count(distinct)
    blank = nothing(one) if one.get("missing") is None else Cell(f"{count(one['missing'])}{_share(one)}")
    values = (Cell(value_words(one.get(key))) for key in ("low", "mean", "high"))
    return (Cell(name), Cell(str(one["kind"])), Cell(different), blank, *values)


def _share(one: Json) -> str:
    return f" ({percent(one['missing_share'])})" if one.get("missing_share") else ""


def value_words(value: object) -> str:
    """Write a value of a column of numbers with six digits."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return NOTHING if value is None else str(value)
    is_long = abs(value) >= _LONG and float(value).is_integer()
    return (f"{value:,.0f}" if is_long else f"{value:,.6g}").replace("-", "−")


def rests_section(document: Json) -> Section:
    """Write what the report rests on."""
    audit, run = document["audit"], document["run"]
    lines: list[tuple[str, str | None]] = [
        (tr("Report, SHA-256 of its JSON"), document_sha256(document)),
        (tr("Form"), SCHEMA),
        (tr("Data, SHA-256"), str(audit["data"]["fingerprint"])),
        (tr("Model, SHA-256"), None if audit["model"] is None else str(audit["model"]["fingerprint"])),
    ]
    code = tuple(label for label, _ in lines if "SHA" in label)
    blocks: list[Block] = [
        Text(
            tr("Equal inputs give this same report, byte by byte."),
            "note",
        ),
        Facts(facts(*lines, code=code)),
    ]
    if run is None:
        blocks.append(
            Text(
                tr("No record of the run was kept with this report. The command rai-dash audit keeps one."),
                "note",
            )
        )
    else:
        blocks += _run(run)
    return Section("fingerprints", tr("Fingerprints"), blocks)


def _run(run: Json) -> Iterator[Block]:
    program = run["program"]
    inputs = {
        tr("Input {name}: {file}", name=name, file=one["file"]): one["sha256"] or NOTHING
        for name, one in run["inputs"].items()
    }
    yield Heading(tr("The run"))
    yield Facts(
        facts(
            (tr("Command"), f"rai-dash {run['job']}"),
            *inputs.items(),
            (tr("Result, SHA-256"), run["result_sha256"]),
            ("RAI Dash", str(program["version"])),
            (tr("Source"), program.get("git")),
            (tr("Python"), str(program["python"])),
            (
                tr("Libraries"),
                ", ".join(f"{name} {version}" for name, version in program["libraries"].items()),
            ),
            code=(tr("Result, SHA-256"), tr("Source"), *inputs),
        )
    )
    yield Heading(tr("What was asked"))
    given = {key: value for key, value in run["parameters"].items() if value not in (None, [], False, "")}
    yield Facts(facts(*((key.replace("_", " "), _plain(value)) for key, value in given.items())))


def _plain(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
