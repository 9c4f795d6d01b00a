"""Chapter: which rows were judged, what was found in them, who is in them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rai_dash.core.texts import mark, ntr, tr
from rai_dash.core.types import TargetKind
from rai_dash.core.words import NOTHING, count, percent
from rai_dash.report._certificate_parts import Cell, Row, Table, facts
from rai_dash.report.audit_report import figures
from rai_dash.report.audit_report.blocks import Block, Facts, Grid, Heading, Items, Section, Text
from rai_dash.report.audit_report.found import Found, target_kind, wording_of
from rai_dash.report.audit_report.say import Json, is_hidden, listed, plain_marks, quoted, share_cell, told
from rai_dash.report.audit_report.told import whole_grid

#: Rows of the table of blank cells.
_MOST_BLANK: Final = 12
TARGETS: Final = {
    TargetKind.OBSERVED: mark("an observed outcome"),
    TargetKind.DECISION: mark("a past decision, not what happened afterwards"),
    TargetKind.STAND_IN: mark("a stand-in for the outcome: no row is a real decision"),
    TargetKind.UNSTATED: mark("not stated to be an outcome or a decision"),
}
EXPOSURES: Final = {
    "held out": mark("no, as stated: the judged rows were held out"),
    "other data than the model was trained on": mark(
        "no: these are other data than the model was trained on"
    ),
    "in-sample": mark("yes: every figure is too good"),
    "in-sample?": mark("not stated: if so, every figure is too good"),
}


def data_section(document: Json) -> Section:
    """Write the chapter."""
    audit, profile = document["audit"], document["profile"]
    blocks: list[Block] = [Facts(facts(*_facts(audit), code=("SHA-256",)))]
    warnings = [plain_marks(str(w["message"])) for w in audit["data"]["warnings"]]
    blocks.append(Heading(tr("What was found in the rows")))
    blocks.append(Items(tuple(warnings)) if warnings else Text(tr("No warning.")))
    if profile is None:
        blocks.append(
            Text(
                tr(
                    "Columns, blank cells and outcome by group are not in this report, since no profile was made. "
                    "The command rai-dash audit with --html or --pdf, and the page Report, make one."
                ),
                "note",
            )
        )
    else:
        blocks += [*_rows(profile), *_blank(profile), *_outcomes(audit, profile)]
    return Section("data", tr("Data"), blocks)


def _facts(audit: Json) -> Iterator[tuple[str, str | None]]:
    data = audit["data"]
    roles = data.get("roles", {})
    yield tr("File"), str(data["name"])
    yield tr("Rows"), count(data["rows"])
    yield tr("Rows judged"), count(data["judged_rows"])
    yield tr("Was the model trained on them?"), tr(EXPOSURES[data["exposure"]])
    yield tr("Columns"), count(data["columns"])
    yield tr("Outcome"), roles.get("target") or NOTHING
    yield tr("Favourable"), listed(roles.get("favourable"))
    yield tr("What the outcome is"), tr(TARGETS[target_kind(audit)])
    yield tr("Groups compared by"), listed(roles.get("sensitive"))
    for column, edges in roles.get("bins", {}).items():
        yield tr("{column} is cut at", column=column), ", ".join(f"{edge:g}" for edge in edges)
    yield tr("Weight of a row"), roles.get("weight")
    if audit.get("rests_on"):
        yield tr("Counted where it lies"), f"{audit['rests_on']['engine']}, {audit['rests_on']['source']}"
    yield "SHA-256", str(data["fingerprint"])


def _rows(profile: Json) -> Iterator[Block]:
    rows = profile["rows"]
    told_of = [
        tr(
            "{labelled} of {n} rows have a known outcome.",
            labelled=count(rows["labelled"]),
            n=count(rows["n"]),
        )
    ]
    if rows["base_rate"] is not None:
        told_of.append(
            tr(
                "The outcome is favourable in {favourable} of them ({share}).",
                favourable=count(rows["favourable"]),
                share=percent(rows["base_rate"]),
            )
        )
    seen = rows.get("in_training_and_test")
    if seen == 0:
        told_of.append(tr("No row for testing equals one for training."))
    elif seen is not None:
        told_of.append(
            ntr(
                "{n} row for testing equals one for training.",
                "{n} rows for testing equal one for training.",
                seen,
                n=count(seen),
            )
        )
    yield Text(" ".join(told_of))


def _blank(profile: Json) -> Iterator[Block]:
    found = {name: one for name, one in profile["columns"].items() if one.get("missing")}
    hidden = [name for name, one in profile["columns"].items() if is_hidden(one)]
    if not found:
        yield Text(tr("No column has blank cells that are shown.") if hidden else tr("No cell is blank."))
        return
    most = sorted(found, key=lambda name: (-found[name]["missing"], name))
    rows = tuple(
        Row(
            (
                Cell(name),
                Cell(count(found[name]["missing"])),
                Cell(count(found[name]["rows"])),
                Cell(percent(found[name]["missing_share"])),
            )
        )
        for name in most[:_MOST_BLANK]
    )
    yield Heading(tr("Blank cells"))
    notes: tuple[str, ...] = ()
    if len(most) > _MOST_BLANK:
        notes = (
            tr(
                "The {n} columns with the most blank cells; the others are in the appendix.",
                n=count(_MOST_BLANK),
            ),
        )
    heads = (tr("Column"), tr("Blank"), tr("Rows"), tr("Share"))
    yield Grid(Table(heads=heads, rows=rows, caption=tr("Blank cells by column"), notes=notes))


def _outcomes(audit: Json, profile: Json) -> Iterator[Block]:
    words = wording_of(audit)
    for column, rates in profile["base_rates"].items():
        yield Heading(tr("Outcome by {column}", column=quoted(column)))
        groups = {name: {"base_rate": one} for name, one in rates["groups"].items()}
        found = Found(column=column, metric="base_rate", gap=rates["base_rate"], groups=groups, words=words)
        yield Text(base_rate_sentence(found))
        yield figures.beside(
            (
                figures.base_rates(rates["groups"], audit["min_n"]),
                tr(
                    "How often the outcome is favourable, and how many rows, by {column}",
                    column=quoted(column),
                ),
            )
        )
        yield whole_grid(
            Table(
                caption=tr("Favourable outcomes by {column}; 95 % intervals", column=quoted(column)),
                heads=(tr("Group"), tr("Rows"), tr("Favourable")),
                rows=tuple(
                    Row((Cell(name), _rows_of(one), share_cell(one))) for name, one in rates["groups"].items()
                ),
            )
        )


def _rows_of(one: Json) -> Cell:
    return share_cell(one) if one.get("rows") is None else Cell(count(one["rows"]))


def base_rate_sentence(found: Found) -> str:
    """Say how the outcome itself differs between groups: a fact about the data, not about a model."""
    if found.is_hidden:
        return tr(
            "How the outcome differs between these groups is hidden, since it rests on few people. This says nothing "
            "about whether it does."
        )
    if found.gap.get("difference") is None or not found.gap.get("worst"):
        return tr("The share with a favourable outcome cannot be compared between these groups.")
    low, high = found.ends
    return tr(
        "The outcome is favourable for {low_share} in {low} and {high_share} in {high}, the two extremes: {verdict}.",
        low=quoted(low),
        low_share=told(found.estimate(low)),
        high=quoted(high),
        high_share=told(found.estimate(high)),
        verdict=tr(found.verdict),
    )
