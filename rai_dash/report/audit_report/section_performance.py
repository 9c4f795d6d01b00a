"""Chapter: how well the scores and the decisions agree with the outcome, for everyone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rai_dash.core.texts import tr
from rai_dash.govern.policy_words import amount_words
from rai_dash.metrics.table import METRICS
from rai_dash.report._certificate_parts import Cell, Row, Table
from rai_dash.report.audit_report import figures
from rai_dash.report.audit_report.blocks import Block, Grid, Heading, Section, Text
from rai_dash.report.audit_report.say import Json, metric_cell, score_words

_ORDER: Final = (
    "selection_rate", "accuracy", "balanced_accuracy", "recall", "precision", "fpr", "f1", "auc", "brier", "mean_score",
    "base_rate", "calibration_slope", "calibration_intercept",
)  # fmt: skip


def performance_section(document: Json) -> Section:
    """Write the chapter."""
    audit = document["audit"]
    overall = audit["overall"]
    rows = tuple(
        Row(
            (Cell(tr(METRICS[name].label)), metric_cell(name, overall[name]), Cell(tr(METRICS[name].meaning)))
        )
        for name in _ORDER
        if name in overall
    )
    blocks: list[Block] = [
        Text(
            tr(
                "Approved means a score of {threshold} or more. Under a value are its 95 % interval and its count.",
                threshold=score_words(audit["threshold"]),
            )
        ),
        Grid(Table(caption=tr("Everyone"), heads=(tr("Figure"), tr("Value"), tr("What it is")), rows=rows)),
        *_pictures(audit),
        *_costs(audit),
    ]
    return Section("performance", tr("Performance"), blocks)


def _pictures(audit: Json) -> Iterator[Block]:
    curves = audit["overall_curves"]
    yield figures.beside(
        (
            figures.scores(curves, audit["threshold"], audit["band"]),
            tr("Where the scores lie, by outcome"),
        )
    )
    yield figures.beside(
        (
            figures.calibration(curves),
            tr("Do the scores mean what they say? Dots on the dashed line do."),
        ),
        (
            figures.roc(curves, audit["overall"], audit["threshold"], tr("everyone")),
            tr(
                "Approvals of the good against approvals of the bad, at thresholds in steps of one point (ROC)"
            ),
        ),
    )


def _costs(audit: Json) -> Iterator[Block]:
    costs = audit["costs"]
    yield Heading(tr("What wrong decisions cost"))
    if not costs:
        yield Text(tr("No costs were given. State them with --cost, or on the page Performance."), "note")
        return
    yield Text(
        tr(
            "A wrong approval costs {fp} and a wrong refusal {fn}, in one unit.",
            fp=amount_words(costs["cost_fp"]),
            fn=amount_words(costs["cost_fn"]),
        )
    )
    each, cheapest = costs["per_application"], costs["cheapest"]
    if costs.get("reason") or not cheapest or any(value is None for value in each.values()):
        yield Text(
            str(costs.get("reason") or tr("What an application costs cannot be counted here.")), "note"
        )
        return
    rows = (
        (
            tr("At the threshold of {threshold}", threshold=score_words(audit["threshold"])),
            each["at_threshold"],
        ),
        (tr("Refusing everyone"), each["refuse_all"]),
        (tr("Approving everyone"), each["approve_all"]),
        (
            tr("At the cheapest threshold on these rows, {cut}", cut=score_words(cheapest["threshold"])),
            cheapest["cost"],
        ),
    )
    yield Grid(
        Table(
            caption=tr("Cost of an application"),
            heads=(tr("Rule"), tr("Cost")),
            rows=tuple(Row((Cell(label), Cell(amount_words(value)))) for label, value in rows),
            notes=(
                tr(
                    "The cheapest threshold was found on these same rows, so its cost is too low for new ones."
                ),
            ),
        )
    )
