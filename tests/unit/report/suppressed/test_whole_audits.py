"""Whole audits as the program writes them: gaps, comparisons and rankings do not tell what the groups hide."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from rai_dash import audit
from rai_dash.audit import audit_of
from rai_dash.bundled import open_bundled
from rai_dash.core.types import ReviewBand, Roles
from rai_dash.data.dataset import Dataset
from rai_dash.report.suppressed import suppress_document
from tests.unit.report.suppressed.attacker import attack
from tests.unit.report.suppressed.documents import document, random_rows

Json = dict[str, Any]
FEWEST = 10
COMPARED = ("selection_rate", "recall", "precision", "fpr", "fnr", "accuracy", "base_rate")


def whole(rows: pd.DataFrame, **choices: Any) -> Json:
    """Run the audit of some rows with their scores."""
    columns = tuple(c for c in rows.columns if c in "abcd")
    frame = rows.drop(columns="score").assign(outcome=rows.outcome.replace({"x": None}))
    roles = Roles(target="outcome", favourable=("f",), unfavourable=("u",), sensitive=columns)
    found = audit(Dataset(frame=frame, roles=roles, fingerprint="0" * 64), rows.score.to_numpy(), **choices)
    return dict(found.content)


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    """400 people in 4 and 2 groups: some hide their sizes, some their decisions by outcome, some nothing."""
    return random_rows(12, n=400, groups=(4, 2), skew=0.9, is_complete=True)


@pytest.fixture(scope="module")
def full(rows: pd.DataFrame) -> Json:
    """Return the full audit."""
    return whole(
        rows, crosses=[("a", "b")], band=ReviewBand(0.3, 0.5, 0.7), controls=("b",), references={"a": "a0"}
    )


@pytest.fixture(scope="module")
def told(full: Json) -> Json:
    """Return what leaves."""
    return suppress_document(full, fewest=FEWEST)


def tables(told: Json) -> Iterator[tuple[str, Json]]:
    yield from told["groups"].items()
    yield from told["crosses"].items()


def test_some_of_it_is_hidden_and_some_is_not(told: Json) -> None:
    """The other tests would say nothing else."""
    values = [groups[g]["recall"]["value"] for _, groups in tables(told) for g in groups]
    sizes = [groups[g]["n"] for _, groups in tables(told) for g in groups]
    assert None in values
    assert None in sizes
    assert any(value is not None for value in values)


def test_a_gap_is_told_only_where_both_its_ends_are(told: Json) -> None:
    """A difference is the one less the other."""
    for name, groups in tables(told):
        for metric in COMPARED:
            gap = told["disparities"][name][metric]
            if gap["difference"] is None:
                assert gap["p_value"] is None
                assert gap["worst"] is None
                assert gap["starred"] == []
                continue
            ends = sorted(groups[gap[end]][metric]["value"] for end in ("worst", "best"))
            assert gap["difference"] == pytest.approx(ends[1] - ends[0], abs=1e-12)


def test_who_is_left_out_of_a_gap_says_no_size(told: Json) -> None:
    """Every group without a size is named with the same words, and no other number of rows is told."""
    for name, groups in tables(told):
        for gap in told["disparities"][name].values():
            reasons = {one["group"]: one["reason"] for one in gap["excluded"]}
            for group, metrics in groups.items():
                if metrics["n"] is None:
                    assert reasons[group] == "fewer than 10 people, or needed to hide such a number"


def test_comparisons_are_told_only_of_groups_that_tell_their_share(told: Json) -> None:
    """Against the rest, everyone and the reference, and in the ranking of crosses."""
    for name, groups in tables(told):
        for metric in COMPARED:
            found = told["against"][name][metric]
            for other in ("rest", "overall", "reference"):
                for group, against in found.get(other, {}).items():
                    if groups[group][metric].get("suppressed"):
                        assert against["difference"] is against["other"] is against["ratio"] is None
    for metric, cells in told["intersections"].items():
        for cell in cells:
            if told["crosses"][cell["column"]][cell["group"]][metric].get("suppressed"):
                assert all(
                    cell[key] is None for key in ("value", "numerator", "difference", "other", "adjusted_p")
                )
                assert not cell["starred"]


def test_impact_ratios_follow_from_rates_that_are_told(told: Json) -> None:
    """A ratio to a hidden highest rate would tell it."""
    for name, _ in tables(told):
        for kind in ("selection", "scoring"):
            groups = told["impact_ratios"][name]["groups"].values()
            ratios = [g for g in groups if g[f"{kind}_impact_ratio"] is not None]
            if ratios:
                highest = max(g[f"{kind}_rate"] for g in groups)
                for g in ratios:
                    assert g[f"{kind}_impact_ratio"] == pytest.approx(g[f"{kind}_rate"] / highest)


def test_pooled_comparisons_need_every_level(told: Json) -> None:
    """A number pooled over levels is told where all counts inside the levels are."""
    for metric, found in told["conditional"]["a"]["b"].items():
        counts = [counts for gap in found["levels"].values() for counts in gap["groups"].values()]
        is_whole = all(c["numerator"] is not None for c in counts)
        for pooled in found["groups"].values():
            assert is_whole or pooled["difference"] is pooled["p_value"] is pooled["crude"] is None, metric


def test_everything_about_everyone_stays(full: Json, told: Json) -> None:
    """Totals name no group."""
    assert told["overall"] == full["overall"]
    assert told["overall_curves"] == full["overall_curves"]
    assert told["band"]["overall"] == full["band"]["overall"]


def test_an_outsider_with_the_whole_audit(told: Json, rows: pd.DataFrame) -> None:
    """The attack on what the program writes, levels of the control and cells of the cross included."""
    small = {key: value for key, value in told.items() if key not in {"overall_curves", "curves"}}
    found = attack(small, rows, fewest=FEWEST, whole=False, at_most=10)
    assert len(found) == 10
    assert not [one for one in found if one.is_leak]


def test_nothing_is_left_of_eight_people() -> None:
    """Fewer people in all than a number may be about."""
    few = random_rows(1, n=8, groups=(2,), is_complete=True)
    told = suppress_document(document(few, ("a",)), fewest=FEWEST)
    assert all(metrics["n"] is None for metrics in told["groups"]["a"].values())


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_german_credit(shared: Path) -> None:
    """Real people: sex, foreign worker (37 of 1,000) and age; a third or more of the numbers by group stays."""
    table = pd.read_csv(shared / "data/german-credit/german_credit_decoded.csv.gz", keep_default_na=False)
    rows = pd.DataFrame(
        {
            "outcome": np.where(table.credit_risk.astype(str).isin(["1", "good"]), "f", "u"),
            "score": (1 - table.duration_in_month.rank(pct=True)).round(3),
            "a": table.sex.astype(str),
            "b": table.foreign_worker.astype(str),
            "c": pd.cut(table.age_in_years, [0, 25, 35, 50, 65, 99], right=False).astype(str),
        }
    )
    told = suppress_document(document(rows, "abc", [("a", "c")], band=(0.3, 0.7)), fewest=FEWEST)
    assert not [one for one in attack(told, rows, fewest=FEWEST, whole=False) if one.is_leak]
    values = [m["recall"]["value"] for groups in told["groups"].values() for m in groups.values()]
    assert sum(value is not None for value in values) * 3 >= len(values)


def test_where_totals_bind_a_small_count_only_what_helps_is_hidden():
    """Everyone's own numbers bind some cells of this audit to few people: hiding all groups would not widen them."""
    judged = open_bundled("story", "story").judge("living", "biased")
    audit = audit_of(judged, threshold=0.5, band=ReviewBand(0.2, 0.5, 0.8)).content

    shown = suppress_document(audit, fewest=10)["groups"]

    people = judged.data.dataset.frame["gender"].value_counts().to_dict()
    assert {name: group["n"] for name, group in shown["gender"].items()} == people
    assert shown["gender"]["Female"]["predicted_positives"] is None
