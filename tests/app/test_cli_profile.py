"""``rai-dash profile`` as a pipeline meets it."""

from __future__ import annotations

import json
from functools import partial

import pytest

from tests.command import command

BOSTON = ["sample_data/loanapp.csv.gz", "--target", "approve", "--favourable", "1", "--sensitive", "black"]


@pytest.fixture(scope="module")
def run(repo):
    return partial(command, "profile", cwd=repo)


def test_a_table_that_breaks_limits_exits_with_1_and_still_writes_the_json(run, tmp_path):
    out = tmp_path / "p.json"

    done = run(
        *BOSTON, "--json", out, "--fail-if", "leaks > 0", "--fail-if", "duplicates > 0",
        "--fail-if", "base_rate gap by black > 0.05 with evidence",
    )  # fmt: skip

    assert done.returncode == 1
    assert done.stderr.count("Limit broken") == 2
    content = json.loads(out.read_text())
    assert content["schema"] == "rai-dash/profile/1"
    assert {"action", "reject"} <= set(content["leaks"])


def test_limits_that_hold_exit_with_0_and_nonsense_with_2(run):
    held = run(*BOSTON, "--json", "-", "--fail-if", "missing of black > 0")
    assert (held.returncode, held.stderr) == (0, "")
    assert json.loads(held.stdout)["rows"]["n"] == 1989

    refused = run(*BOSTON, "--fail-if", "missing of blakc > 0", "--json", "-")
    assert refused.returncode == 2
    assert "`black`" in refused.stderr
    assert len(refused.stderr.splitlines()) == 1
