"""The page and the command line freeze the same reference into a policy."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from rai_dash.core.types import Roles
from rai_dash.govern.monitor.limits import read_limits
from rai_dash.review.conditions import parse_condition
from rai_dash.ui.choices import Choices
from rai_dash.ui.reviewing.bench import bench_of
from rai_dash.ui.signing.stating import Said, policy_on_page
from rai_dash.ui.state import View
from tests.app.conftest import table_case
from tests.command import command
from tests.unit.govern.monitor_story import applications

ROLES = Roles(target="outcome", favourable=("repaid",), sensitive=("sex", "age"), id="id", score="score")


@pytest.mark.parametrize("condition", [(), ("amount > 20000",)])
def test_page_and_command_line_freeze_the_same_rows_whatever_the_conditions(
    condition: tuple[str, ...], tmp_path: Path
) -> None:
    csv = applications(400, 61).to_csv(index=False)
    (tmp_path / "signed.csv").write_text(csv)
    case = table_case(csv, ROLES)
    asked = tuple(parse_condition(text, columns=case.data[0].dataset.columns) for text in condition)
    case = replace(case, always=asked)
    on_page = policy_on_page(bench_of(View(case, Choices(case=case.id))), Said.first("Loans"), "loans-1")

    done = command(
        "policy", "draft", "signed.csv", "--target", "outcome", "--favourable", "repaid", "--sensitive", "sex",
        "--sensitive", "age", "--id", "id", "--score-column", "score", "--threshold", on_page.band.threshold,
        *(part for text in condition for part in ("--always", text)), "--out", "policy.json", cwd=tmp_path,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")

    typed = json.loads((tmp_path / "policy.json").read_text())
    assert on_page.content()["monitoring"] == typed["monitoring"]
    assert on_page.monitoring.score.missing == 0
    assert {c.name for c in on_page.monitoring.columns} == {"amount", "purpose", "sex", "age"}


def test_limits_that_somebody_typed_stay_with_the_next_version_from_the_page() -> None:
    case = table_case(applications(200, 62).to_csv(index=False), ROLES)
    bench = bench_of(View(case, Choices(case=case.id)))
    limits = read_limits(["review_rate=0.05", "ks=0.2"])

    first = policy_on_page(bench, replace(Said.first("Loans"), limits=limits), "loans-1")
    second = policy_on_page(bench, Said.of(first), "loans-1")

    assert first.monitoring.limits == limits
    assert second.monitoring == first.monitoring
