"""What stands beside the audit in a report, and what weights and repeated columns do, tells no number of few people."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp

from rai_dash import audit, read_dataset
from rai_dash.core.types import ReviewBand, Roles
from rai_dash.data.dataset import Dataset
from rai_dash.report.audit_report.page import report_html
from rai_dash.report.profile_json import profile_dataset
from rai_dash.report.suppressed import suppress_document
from rai_dash.report.suppressed.sentences import tells_few, whole_numbers
from tests.unit.report.suppressed.attacker import Attacker, attack
from tests.unit.report.suppressed.documents import document, random_rows

Json = dict[str, Any]
FEWEST = 10
CHOICES: Json = {"crosses": [("a", "b")], "controls": ("b",), "band": ReviewBand(0.3, 0.5, 0.7)}


def people(*cells: tuple[str, str, float, int]) -> pd.DataFrame:
    """Make rows from (group, outcome, score, how many), half of each in both groups of a second column."""
    rows = [(group, outcome, score) for group, outcome, score, n in cells for _ in range(n)]
    found = pd.DataFrame(rows, columns=["a", "outcome", "score"])
    return found.assign(b=np.where(np.arange(len(found)) % 2, "p", "q"))


def three_groups(few: int = 3, approved_few: int = 60) -> pd.DataFrame:
    """Groups x and y are large; z has so few people, and of y so many good ones are approved."""
    return people(
        ("x", "f", 0.9, 200), ("x", "f", 0.1, 60), ("x", "u", 0.9, 50), ("x", "u", 0.1, 60),
        ("y", "f", 0.9, approved_few), ("y", "f", 0.1, 55), ("y", "u", 0.9, 50), ("y", "u", 0.1, 50),
        ("z", "f", 0.9, few),
    )  # fmt: skip


def reported(rows: pd.DataFrame, *, fewest: int = FEWEST, weight: str | None = None, **choices: Any) -> Json:
    """Write the document of a report about some rows with their scores, the profile too."""
    sensitive = tuple(c for c in rows.columns if c in "ab")
    roles = Roles(
        target="outcome", favourable=("f",), unfavourable=("u",), sensitive=sensitive, weight=weight
    )
    frame = rows.drop(columns="score").assign(outcome=rows.outcome.replace({"x": None}))
    dataset = Dataset(frame=frame, roles=roles, fingerprint="0" * 64)
    found = audit(dataset, rows.score.to_numpy(), **choices)
    return found.report(fewest=fewest, profile=profile_dataset(dataset).content)


def hidden_places(told: object, at: tuple[object, ...] = ()) -> Iterator[tuple[object, ...]]:
    """List the objects from which numbers were taken."""
    if isinstance(told, dict):
        if told.get("suppressed"):
            yield at
        for key, inside in told.items():
            yield from hidden_places(inside, (*at, key))
    elif isinstance(told, list):
        for place, inside in enumerate(told):
            yield from hidden_places(inside, (*at, place))


def numbers(told: object) -> Iterator[float]:
    """List every number of a part of a document."""
    if isinstance(told, dict | list):
        for inside in told.values() if isinstance(told, dict) else told:
            yield from numbers(inside)
    elif isinstance(told, int | float) and not isinstance(told, bool):
        yield float(told)


class TestWeights:
    """A sum of weights does not say of how many people it is."""

    @pytest.mark.parametrize("drawn", ["all 10", "from 0.2 to 40"])
    def test_what_is_hidden_does_not_depend_on_weights(self, drawn: str) -> None:
        """The oracle is the same audit without weights, which is attacked elsewhere."""
        rows = random_rows(12, n=400, groups=(5, 2), skew=1.2, is_complete=True)
        rng = np.random.default_rng(5)
        rows["w"] = 10.0 if drawn == "all 10" else rng.lognormal(1.0, 1.0, len(rows)).clip(0.2, 40.0)
        plain, weighted = (reported(rows, weight=weight, **CHOICES) for weight in (None, "w"))
        for part in ("audit", "profile"):
            hidden = [place for place in hidden_places(plain[part]) if "findings" not in place]
            assert hidden
            assert [place for place in hidden_places(weighted[part]) if "findings" not in place] == hidden

    def test_a_group_of_three_people_with_heavy_weights_tells_nothing(self) -> None:
        """3 people of weight 10 are no 30 people."""
        told = reported(three_groups().assign(w=10.0), weight="w", **CHOICES)
        assert list(numbers(told["audit"]["groups"]["a"]["z"])) == []
        assert list(numbers(told["audit"]["band"]["groups"]["a"]["z"])) == []
        assert list(numbers(told["profile"]["base_rates"]["a"]["groups"]["z"])) == []
        assert "people" not in told["audit"]

    def test_few_approvals_with_heavy_weights_are_hidden(self) -> None:
        """Group y is large, 3 of its good applicants are approved: 30 by weight."""
        told = reported(three_groups(few=60, approved_few=3).assign(w=10.0), weight="w")
        y = told["audit"]["groups"]["a"]["y"]
        assert y["n"] == 158
        assert y["recall"]["numerator"] is None

    def test_many_people_lose_nothing(self) -> None:
        """Light weights make nobody few: 0.01 each, and every group tells all its shares."""
        told = reported(three_groups(few=60).assign(w=0.01), weight="w")
        full = reported(three_groups(few=60).assign(w=0.01), weight="w", fewest=0)
        assert told["audit"]["groups"] == full["audit"]["groups"]
        assert told["profile"]["base_rates"] == full["profile"]["base_rates"]

    def test_people_are_counted_beside_the_weights(self) -> None:
        """The whole audit says how many people there are, by an oracle that counts rows."""
        rows = three_groups().assign(w=10.0)
        counted = reported(rows, fewest=0, weight="w", **CHOICES)["audit"]["people"]
        for group, some in rows.groupby("a"):
            told = counted["groups"]["a"][group]
            assert told["n"] == len(some)
            assert told["selection_rate"]["numerator"] == (some.score >= 0.5).sum()
            assert told["recall"]["numerator"] == ((some.score >= 0.5) & (some.outcome == "f")).sum()
            assert counted["band"]["groups"]["a"][group]["approve"] == (some.score >= 0.7).sum()
            assert sum(counted["curves"]["a"][group]["scores"]["favourable"]) == (some.outcome == "f").sum()
            for level, inside in some.groupby("b"):
                level_told = counted["conditional"]["a"]["b"]["base_rate"]["levels"][level]["groups"][group]
                assert level_told["numerator"] == (inside.outcome == "f").sum()


class TestProfile:
    """The profile is about the same people."""

    @pytest.mark.parametrize("seed", [3, 7])
    def test_an_outsider_with_audit_and_profile(self, seed: int) -> None:
        """The attack with the outcomes by group of the profile as further equations."""
        rows = random_rows(seed, n=300, groups=(3, 2), skew=0.9, is_complete=True)
        told = reported(rows)
        small = {k: v for k, v in told["audit"].items() if k not in {"overall_curves", "curves"}}
        found = attack(
            small, rows, fewest=FEWEST, whole=False, at_most=12,
            beside=lambda attacker: attacker.read_profile(told["profile"]),
        )  # fmt: skip
        assert found
        assert not [one for one in found if one.is_leak]

    def test_what_the_audit_hides_is_not_told_by_the_profile_of_the_same_rows(self) -> None:
        """Column b repeats a group of a, so the audit hides all of b; the profile knows nothing of that."""
        rows = three_groups()
        told = reported(rows.assign(b=np.where(rows.a == "y", "yes", "no")))
        sizes = {group: one["rows"] for group, one in told["profile"]["base_rates"]["b"]["groups"].items()}
        assert sizes == {"no": None, "yes": None}

    def test_a_hidden_level_of_a_control_is_not_told_by_its_column(self) -> None:
        """Level 1 of a column of 0 and 1 has 3 people: the mean of the column would tell."""
        rows = three_groups(few=60)
        rows["c"] = np.where(np.arange(len(rows)) < 3, 1, 0)
        told = reported(rows, controls=("c",))
        assert told["audit"]["conditional"]["a"]["c"]["recall"]["levels"]["1"]["n"] is None
        assert told["profile"]["columns"]["c"]["mean"] is None
        assert told["profile"]["columns"]["c"]["missing"] is None

    def test_periods_of_a_sample_are_hidden_as_those_of_all_rows(self) -> None:
        """Of a table that lies elsewhere they stand one level deeper."""
        periods = [
            {
                "period": str(i),
                "rows": n,
                "labelled": n,
                "favourable": n,
                "share": 1.0,
                "low": 0.9,
                "high": 1.0,
            }
            for i, n in enumerate((4, 50, 200))
        ]
        full = document(random_rows(1, n=90, groups=(2,)), ("a",))
        profile = {"rows": {"time": None, "sample": {"time": {"periods": periods}}}, "columns": {}}
        told = suppress_document({"audit": full, "profile": profile}, fewest=FEWEST)
        found = told["profile"]["rows"]["sample"]["time"]["periods"]
        assert [one["rows"] for one in found] == [None, None, 200]


class _Split:
    """An outsider with the audit of the judged rows and the profile of all: whole people by group, part and outcome.

    Parameters
    ----------
    told : dict
        A document of one column, ``a``.
    groups : sequence of str
        Its groups.
    """

    def __init__(self, told: Json, groups: list[str]) -> None:
        """Read all equations."""
        self.groups = groups
        self.lines: list[np.ndarray] = []
        self.right: list[float] = []
        audited, rows = told["audit"], told["profile"]["rows"]
        overall = audited["overall"]
        self._tell(groups, (0,), overall["n"], overall["base_rate"])
        whole = {"numerator": rows["favourable"], "denominator": rows["labelled"]}
        self._tell(groups, (0, 1), rows["n"], whole)
        for group in groups:
            judged = audited["groups"]["a"].get(group)
            if judged:
                self._tell([group], (0,), judged["n"], judged["base_rate"])
            both = told["profile"]["base_rates"]["a"]["groups"][group]
            self._tell([group], (0, 1), both["rows"], both)

    def cells(self, groups: list[str], parts: tuple[int, ...], outcomes: str) -> np.ndarray:
        """Return the coefficients of a sum of cells; part 0 was judged, part 1 was not."""
        out = np.zeros((2, len(self.groups), 3))
        for part in parts:
            for group in groups:
                for outcome in outcomes:
                    out[part, self.groups.index(group), "fux".index(outcome)] = 1.0
        return out.ravel()

    def _tell(self, groups: list[str], parts: tuple[int, ...], n: float | None, share: Json) -> None:
        for outcomes, value in (("fux", n), ("f", share["numerator"]), ("fu", share["denominator"])):
            if value is not None:
                self.lines.append(self.cells(groups, parts, outcomes))
                self.right.append(value)

    def width(self, aim: np.ndarray) -> float:
        """Return how far the least and the most of a sum lie apart."""
        told = LinearConstraint(np.array(self.lines), self.right, self.right)
        ends = [
            milp(sign * aim, constraints=told, integrality=np.ones(aim.size), bounds=Bounds(0, np.inf))
            for sign in (1.0, -1.0)
        ]
        assert all(end.success for end in ends), "the document contradicts itself"
        return float(-ends[1].fun - ends[0].fun)


@pytest.mark.parametrize("seed", [0, 1, 4, 5])
def test_judged_rows_and_all_rows_subtracted_from_each_other_tell_nobody(seed: int) -> None:
    """Groups of the judged rows, of the others, and of both: least and most lie 5 people apart, or all of that cell."""
    rng = np.random.default_rng(seed)
    n, k = 400, 3 + seed % 3
    sizes = (np.arange(k) + 1.0) ** -1.8
    rows = pd.DataFrame({
        "a": rng.choice([f"g{i}" for i in range(k)], n, p=sizes / sizes.sum()),
        "outcome": rng.choice(["f", "u", None], n, p=[0.5, 0.45, 0.05] if seed % 2 else [0.5, 0.5, 0.0]),
        "score": rng.random(n).round(3),
        "split": rng.choice(["train", "test"], n, p=[0.7, 0.3] if seed % 4 else [0.03, 0.97]),
    })  # fmt: skip
    roles = Roles(
        target="outcome",
        favourable=("f",),
        unfavourable=("u",),
        sensitive=("a",),
        split="split",
        split_train=("train",),
    )
    dataset = Dataset(frame=rows.drop(columns="score"), roles=roles, fingerprint="0" * 64)
    told = audit(dataset, rows.score.to_numpy()).report(
        fewest=FEWEST, profile=profile_dataset(dataset).content
    )
    groups = sorted(rows.a.unique())
    outsider = _Split(told, groups)
    label = rows.outcome.fillna("x")
    few = 0
    for parts in ((0,), (1,), (0, 1)):
        of_parts = (rows.split == "train").astype(int).isin(parts)
        for outcomes in ("f", "u", "x", "fux"):
            whole = of_parts & label.isin(list(outcomes))
            for group in groups:
                truth = int((whole & (rows.a == group)).sum())
                if 0 < truth < FEWEST:
                    few += 1
                    width = outsider.width(outsider.cells([group], parts, outcomes))
                    assert width >= min(FEWEST / 2, int(whole.sum())), (group, parts, outcomes, truth)
    assert few


class TestSameGroups:
    """Columns that divide the same people."""

    def test_a_column_that_repeats_a_group_does_not_give_another_away(self) -> None:
        """Of x, y and z, z has 3 people; a second column says who is y: everyone less x less y is z."""
        rows = three_groups()
        rows["b"] = np.where(rows.a == "y", "yes", "no")
        told = suppress_document(document(rows, ("a", "b")), fewest=FEWEST)

        def knows(attacker: Attacker) -> None:
            attacker.sums += [
                (("b", "yes"), [("a", "y")]),
                (("b", "no"), [("a", "x"), ("a", "z")]),
            ]

        found = attack(told, rows, fewest=FEWEST, whole=True, beside=knows, at_most=8)
        assert found
        assert not [one for one in found if one.is_leak]

    def test_the_attack_sees_through_a_document_that_hides_each_column_alone(self) -> None:
        """The numbers of both columns, each safe by itself, tell z to one person."""
        rows = three_groups()
        rows["b"] = np.where(rows.a == "y", "yes", "no")
        alone = suppress_document(document(rows, ("a",)), fewest=FEWEST)
        alone["groups"]["b"] = document(rows, ("b",))["groups"]["b"]

        def knows(attacker: Attacker) -> None:
            attacker.sums += [(("b", "yes"), [("a", "y")])]

        found = attack(alone, rows, fewest=FEWEST, whole=True, beside=knows, at_most=8)
        assert any(one.is_leak and one.least == one.most == 3 for one in found)

    def test_two_columns_of_the_same_large_groups_lose_nothing(self) -> None:
        """Nobody is few, so nothing needs to be hidden."""
        rows = three_groups(few=60)
        rows["b"] = rows.a + "!"
        full = document(rows, ("a", "b"))
        assert suppress_document(full, fewest=FEWEST)["groups"] == full["groups"]


@pytest.fixture(scope="module")
def of_a_file() -> tuple[Json, Json]:
    """Write a report, full and as it leaves, about a file with a code that 7 people have: race 666."""
    sizes = {"1": 1013, "2": 283, "666": 7}
    rng = np.random.default_rng(3)
    table = pd.DataFrame({"race": np.repeat(list(sizes), list(sizes.values()))})
    is_good = rng.random(len(table)) < np.where(table.race == "1", 0.6, 0.35)
    table["ok"] = np.where(is_good, "y", "n")
    table["score"] = rng.beta(2, 2, len(table)).round(3)
    table["income"] = rng.lognormal(3, 1, len(table)).round(2)
    roles = Roles(target="ok", favourable=("y",), sensitive=("race",), score="score")
    dataset = read_dataset(table.to_csv(index=False).encode(), roles)
    found, profile = audit(dataset), profile_dataset(dataset).content
    return found.report(fewest=0, profile=profile), found.report(fewest=FEWEST, profile=profile)


class TestSentences:
    """Warnings and findings name numbers of people."""

    def test_no_sentence_tells_a_hidden_size(self, of_a_file: tuple[Json, Json]) -> None:
        """7 people have a code, 283 are hidden with them; both stand in sentences of the full report."""
        full, told = of_a_file
        assert {g: m["n"] for g, m in told["audit"]["groups"]["race"].items()} == {
            "1": 1013,
            "2": None,
            "666": None,
        }
        said = [(w["message"]) for w in (*full["audit"]["data"]["warnings"], *full["profile"]["findings"])]
        assert any("666 (7 rows)" in text for text in said)
        assert any("'666' (7)" in text for text in said)
        left = [w["message"] for w in (*told["audit"]["data"]["warnings"], *told["profile"]["findings"])]
        assert not [text for text in left if {7, 283, 1296} & set(whole_numbers(text))]
        assert not {283.0, 1296.0} & set(numbers(told))

    def test_the_page_says_no_more_than_the_document(self, of_a_file: tuple[Json, Json]) -> None:
        """HTML is written from what leaves alone; it says what is hidden, and how to show it."""
        _, told = of_a_file
        page = report_html(copy.deepcopy(told))
        assert "<!--" not in page
        text = re.sub(r"<[^>]*>", " ", re.sub(r"<style.*?</style>|<svg.*?</svg>", " ", page, flags=re.DOTALL))
        assert not {283, 1296} & set(whole_numbers(text))
        assert "fewer than 10 people are hidden" in " ".join(text.split())
        drawn = "".join(re.findall(r"<svg.*?</svg>", page, flags=re.DOTALL))
        assert not re.search(r">[^<]*\b(283|1,?296)\b[^<]*<", drawn)

    @pytest.mark.parametrize(
        ("text", "is_few"),
        [
            ("`race` holds '666' (7), kept as a number.", True),
            ("`race` holds '0' (300), kept as a number.", False),
            ("`race` holds '0' (295), kept as a number.", True),  # the others of a group of 300
            ("`race` is 12 % blank.", False),
            ("`race5` names people.", False),
        ],
    )
    def test_a_sentence_is_read_for_its_numbers(self, text: str, is_few: bool) -> None:  # noqa: FBT001
        """A number of few people, or of all but few of a group."""
        assert tells_few(text, {300.0, 900.0}, is_closed=False, fewest=FEWEST) is is_few

    def test_any_number_is_too_much_where_a_size_is_hidden(self) -> None:
        """80 is not few, but 485 people less 400 less 80 are."""
        assert tells_few("`race` holds 'none' (80).", {400.0, 80.0, 5.0}, is_closed=True, fewest=FEWEST)
        assert not tells_few("`race` names people.", {400.0, 80.0, 5.0}, is_closed=True, fewest=FEWEST)

    def test_warnings_of_model_and_policy_are_read_too(self) -> None:
        """A category that the model has never seen is a group; a policy was signed with the same warnings."""
        unseen = (
            "3 rows have a value of `a` that the model has never seen ('z' (3)); it scores it all the same."
        )
        gap = "Not ticked: Groups of a differ by 9.0 points in being sent to a person."
        other = "The model was saved with version 1.5.1 of scikit-learn."
        full = document(three_groups(), ("a",))
        full["model"] = {
            "warnings": [{"code": "unseen_category", "column": "a", "rows": 3, "message": unseen}]
        }
        told = suppress_document({"audit": full, "policy": {"warnings": [unseen, gap, other]}}, fewest=FEWEST)
        assert told["audit"]["model"]["warnings"][0]["rows"] is None
        hidden = "A warning about few people of `a` is hidden."
        assert told["audit"]["model"]["warnings"][0]["message"] == hidden
        assert told["policy"]["warnings"] == [hidden, hidden, other]

    @pytest.mark.parametrize(("blank", "is_hidden"), [(40, False), (4, True), (137, True)])
    def test_blanks_by_group_are_told_of_enough_people(self, blank: int, is_hidden: bool) -> None:  # noqa: FBT001
        """40 of 140 are told; 4 of them, or all but 3, are not."""
        text = (
            f"`income` is blank for {blank} of 140 (9 %) in `y` of `a` and for 0 of 1,900 (0 %) in `x`: more."
        )
        found = {"code": "blanks_by_group", "column": "a", "message": text, "view": "blanks"}
        profile = {"columns": {"income": {"rows": 2040, "missing": blank}}, "findings": [found], "rows": {}}
        full = document(people(("x", "f", 0.9, 1900), ("y", "f", 0.9, 140)), ("a",))
        told = suppress_document({"audit": full, "profile": profile}, fewest=FEWEST)
        assert (told["profile"]["findings"][0]["message"] != text) is is_hidden
        assert bool(told["suppression"]["notes"]) is is_hidden


def test_drivers_as_the_command_writes_them_leave_without_few_people() -> None:
    """Means, flips under noise, and values of a column by group go; so do the extremes, which are one applicant's."""
    drivers = {
        "swarm": {"quantiles": {"0": [-1.5], "0.5": [0.1], "1": [2.5]}},
        "groups": {
            "by": "a",
            "means": [{"group": "z", "rows": 3, "value": [0.2]}],
            "gap": {"rows": [3, 155]},
        },
        "column": [
            {"column": "a", "rows": [155, 3], "contribution": {"least": -1.0, "most": 1.0}},
            {
                "column": "income",
                "contribution": {"least": -1.0, "most": 1.0},
                "single_applicants": {"scores": [1]},
            },
        ],
        "noise": {"levels": [{"noise": 0.1, "groups": [{"group": "z", "rows": 3, "flip": {"value": 0.1}}]}]},
    }
    full = document(three_groups(), ("a",))
    told = suppress_document({"audit": full, "drivers": drivers}, fewest=FEWEST)["drivers"]
    assert list(numbers(told)) == [0.1, 0.1]
    assert [one["column"] for one in told["column"]] == ["a", "income"]
    assert json.dumps(told["groups"]) == '{"by": "a", "suppressed": true}'
