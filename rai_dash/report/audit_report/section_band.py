"""Chapters: what the model looked at, what a person decides, and who signed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rai_dash.core.texts import ntr, tr
from rai_dash.core.words import NOTHING, count, number
from rai_dash.govern.policy_labels import OF, SHARES
from rai_dash.report._certificate_parts import Cell, Row, Table
from rai_dash.report.audit_report import figures
from rai_dash.report.audit_report.blocks import Block, Grid, Heading, Pictures, Section, Text
from rai_dash.report.audit_report.executive import band_words
from rai_dash.report.audit_report.say import HIDDEN, Json, is_hidden, quoted, rows_cell, share_cell
from rai_dash.report.audit_report.told import whole_grid

_BY_GROUP: Final = (
    "auto_approve_rate", "auto_reject_rate", "review_rate", "auto_error_rate", "good_auto_rejected",
)  # fmt: skip
#: Applicants whose contributions are drawn; the appendix has all that were explained.
MOST_DRAWN: Final = 6


def band_section(document: Json) -> Section:
    """Write the chapter about the review band."""
    audit = document["audit"]
    band = audit["band"]
    if not band:
        text = tr(
            "No review band was given. State one with --band LO HI, or choose it on the page Review band."
        )
        return Section("band", tr("Review band"), [Text(text, "note")])
    blocks: list[Block] = [Text(f"{band_words(band)} {tr('A person decides about the others.')}")]
    charts = {column: figures.routes(band, column) for column in band["groups"]}
    if all(chart is None for chart in charts.values()):
        blocks.append(figures.beside((figures.routes(band, None), tr("Which way applications go"))))
    blocks.append(Grid(_everyone(band)))
    for column, groups in band["groups"].items():
        blocks += [
            Heading(tr("By {column}", column=quoted(column))),
            figures.beside(
                (
                    charts[column],
                    tr("Which way applications go, by {column}", column=quoted(column)),
                )
            ),
            whole_grid(_group(column, groups, audit["min_n"])),
        ]
    return Section("band", tr("Review band"), blocks)


def _everyone(band: Json) -> Table:
    overall = band["overall"]
    return Table(
        caption=tr("Everyone, with 95 % intervals and counts"),
        heads=(tr("Share"), tr("Value"), tr("Of")),
        rows=tuple(
            Row((Cell(tr(label)), share_cell(overall[name]), Cell(tr(OF[name]))))
            for name, label in SHARES.items()
            if name in overall
        ),
    )


def _group(column: str, groups: Json, min_n: int) -> Table:
    return Table(
        caption=tr("Routes and errors by {column}", column=quoted(column)),
        heads=(tr("Group"), tr("Rows"), *(tr(SHARES[name]) for name in _BY_GROUP)),
        rows=tuple(
            Row(
                (Cell(name), rows_cell(one), *(share_cell(one[share]) for share in _BY_GROUP)),
                one.get("n") is None or one["n"] < min_n,
            )
            for name, one in groups.items()
        ),
        is_even=True,
    )


def explained_section(document: Json) -> Section:
    """Write the chapter about single applicants."""
    found = document["audit"]["explanations"]
    title = tr("Explanations")
    left_out = (document.get("suppression") or {}).get("rows_of_single_people")
    if not found and left_out:
        text = ntr(
            "{n} explained applicant is left out: an explanation tells of a single person. Who may see it makes this "
            "report with small cells shown.",
            "{n} explained applicants are left out: an explanation tells of a single person. Who may see them makes "
            "this report with small cells shown.",
            left_out,
            n=count(left_out),
        )
        return Section("explanations", title, [Text(text, "note")])
    if not found:
        text = tr(
            "No decision is explained here. Ask for some with --explain N, which needs a model file, or on the "
            "page Report."
        )
        return Section("explanations", title, [Text(text, "note")])
    blocks: list[Block] = [
        Text(
            tr(
                "What pushed single scores towards approval or refusal, in log-odds, against the reference rows. It "
                "says "
                "what the model did, not what would have been right, and is no advice on what to change."
            )
        ),
        Grid(_applicants(found)),
    ]
    drawn = [(chart, one) for one in found[:MOST_DRAWN] if (chart := figures.contributions(one)) is not None]
    pictures = [
        figures.drawn(
            chart, tr("Row {row}: the strongest columns", row=count(one["row"])), width=figures.HALF
        )
        for chart, one in drawn
    ]
    blocks += [Pictures(tuple(pictures[i : i + 2])) for i in range(0, len(pictures), 2)]
    return Section("explanations", title, blocks)


def _applicants(found: list[Json]) -> Table:
    return Table(
        caption=tr("Applicants that are explained, in log-odds"),
        heads=(
            tr("Row"), tr("Starts from"), tr("Ends at"), tr("Error of the sum"), tr("Reference rows"), tr("Method"),
        ),
        rows=tuple(_applicant(one) for one in found),
        notes=(tr("Rows are counted from 0. Contributions add up from start to end."),),
    )  # fmt: skip


def _applicant(one: Json) -> Row:
    row = Cell(count(one["row"]))
    if is_hidden(one):
        return Row((row, *(Cell(NOTHING, (tr(HIDDEN),)) for _ in range(5))))
    error = one["additivity_error"]
    return Row(
        (
            row,
            Cell(number(one["base"])),
            Cell(number(one.get("output"))),
            Cell(tr("under 0.001") if abs(error) < 0.001 else number(error, digits=3)),
            Cell(count(one["background_rows"])),
            Cell(str(one["method"])),
        )
    )


def signed_section(document: Json) -> Section:
    """Write the chapter about the sign-off certificate."""
    policy = document["policy"]
    title = tr("Sign-off certificate")
    if not policy:
        text = tr(
            "No policy was given, so nobody has signed what this report says. Draft, review and sign one on the page "
            "Sign-off, or with rai-dash policy; then make this report again with it."
        )
        return Section("certificate", title, [Text(text, "note")])
    return Section("certificate", title, list(_signed(policy)))


def _signed(policy: Json) -> Iterator[Block]:
    from rai_dash.report._certificate_parts import facts
    from rai_dash.report.audit_report.blocks import Facts, Items, Typed

    if policy["mark"]:
        yield Text(policy["mark"], "warn")
    for text in policy["differs"]:
        yield Text(text, "warn")
    yield Facts(
        facts(
            *((label, value) for label, value in policy["facts"]),
            (tr("Content, SHA-256"), policy["content_sha256"]),
            code=(tr("Content, SHA-256"),),
        )
    )
    yield Heading(tr("What was decided"))
    for text in policy["decided"]:
        yield Text(text)
    yield Heading(tr("Who signed"))
    for one in policy["signatures"]:
        yield Typed(f"{one['headline']}. {one['detail']}", one["rationale"], bool(one["rationale"]))
    if not policy["signatures"]:
        yield Text(tr("Nobody has signed this version."))
    if policy["warnings"]:
        yield Heading(tr("What was warned of"))
        yield Items(tuple(policy["warnings"]))
    yield Text(
        tr("The certificate itself, with the records to check it by, is on the page Sign-off."), "note"
    )
