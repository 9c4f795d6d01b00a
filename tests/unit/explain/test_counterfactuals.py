"""The smallest allowed changes after which the model decides otherwise."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
import pandas as pd
import pytest

from rai_dash.core.errors import InvalidChoice, MissingColumn
from rai_dash.explain.counterfactuals import (
    Constraints,
    candidates_of,
    change_words,
    counterfactuals,
    linked_columns,
    sentence,
)

SCHOOL = {"none": 1, "school": 9, "college": 13, "doctor": 16}
FREE = Constraints(linked=())


def _people(n=200, seed=3):
    rng = np.random.default_rng(seed)
    degree = rng.choice(list(SCHOOL), n, p=[0.2, 0.4, 0.3, 0.1])
    return pd.DataFrame(
        {
            "age": rng.integers(18, 80, n),
            "degree": degree,
            "years": [SCHOOL[d] for d in degree],
            "income": np.round(rng.lognormal(3, 0.5, n), 2),
            "gain": np.where(rng.random(n) < 0.7, 0, rng.integers(1, 900, n)),
            "debt": rng.integers(0, 40, n),
            "home": rng.choice(["own", "rent"], n),
            "sex": rng.choice(["f", "m"], n),
        }
    )


def _score(frame):
    z = 0.03 * frame["age"] + 0.15 * frame["years"] + 0.03 * frame["income"] + 0.004 * frame["gain"]
    z = z - 0.05 * frame["debt"] + 0.8 * (frame["home"] == "own") + 1.5 * (frame["sex"] == "m")
    return (1 / (1 + np.exp(-(z - 6)))).to_numpy(dtype=float)


def _refused(frame, many):
    return [frame.iloc[[i]] for i in np.flatnonzero(_score(frame) < 0.5)[:many]]


def _changed(row, changes):
    return row.assign(**{column: [after] for column, (_, after) in changes.items()})


def test_every_result_obeys_every_constraint_and_flips():
    frame = _people()
    rules = Constraints(immutable=("sex",), only_up=("age",), only_down=("debt",))
    candidates = candidates_of(frame, frame.columns, rules, points=12)
    pairs = set(zip(frame["degree"], frame["years"], strict=True))
    seen = 0

    for row in _refused(frame, 5):
        answer = counterfactuals(_score, row, candidates, threshold=0.5)
        assert answer.feasible
        assert answer.towards == "approval"
        assert answer.before == _score(row)[0]
        assert [one.cost for one in answer.found] == sorted(one.cost for one in answer.found)
        for one, other in combinations(answer.found, 2):
            assert not one.columns <= other.columns
            assert not other.columns <= one.columns
        for one in answer.found:
            new = _changed(row, one.changes)
            seen += 1
            assert one.score == _score(new)[0] >= 0.5
            assert "sex" not in one.changes
            assert new["age"].item() >= row["age"].item()
            assert new["debt"].item() <= row["debt"].item()
            assert (new["degree"].item(), new["years"].item()) in pairs
            for column, (before, after) in one.changes.items():
                assert before == row[column].item() != after
                assert after in set(frame[column])
                assert type(after) is type(frame[column].tolist()[0])
    assert seen > 10


def test_no_change_of_a_result_can_be_left_out():
    frame = _people()
    candidates = candidates_of(
        frame, frame.columns, Constraints(immutable=("sex", "income", "gain")), points=12
    )
    several = 0

    for row in _refused(frame, 4):
        for one in counterfactuals(_score, row, candidates, threshold=0.8).found:
            # Degree and years are one change.
            parts = sorted({("degree", "years") if c in {"degree", "years"} else (c,) for c in one.changes})
            assert one.n_changes == len(parts)
            several += one.n_changes > 1
            for size in range(1, len(parts)):
                for left in combinations(parts, size):
                    less = {c: one.changes[c] for part in left for c in part if c in one.changes}
                    assert _score(_changed(row, less))[0] < 0.8
    assert several > 2


@pytest.mark.parametrize("beam", [2, 60])
def test_results_are_as_small_as_their_neighbours_allow(monkeypatch, beam):
    # More single changes than the beam keeps, and two or three of them are needed.
    monkeypatch.setattr("rai_dash.explain.counterfactuals.search.BEAM", beam)
    rng = np.random.default_rng(5)
    names = list("abcd")
    frame = pd.DataFrame(rng.integers(0, 40, (400, 4)), columns=names)

    def score(rows):
        x = np.sqrt(rows[names].to_numpy(dtype=float)) / np.sqrt(39)
        return x.mean(axis=1) ** 2

    candidates = candidates_of(frame, names, FREE, points=40)
    sizes = set()
    for i in np.argsort(score(frame))[:6]:
        row = frame.iloc[[i]]
        found = counterfactuals(score, row, candidates, threshold=0.6).found
        assert not any(one.columns <= other.columns for one in found for other in found if one is not other)
        for one in found:
            sizes.add(one.n_changes)
            fewer = [
                dict(left)
                for k in range(1, len(one.changes))
                for left in combinations(one.changes.items(), k)
            ]
            nearer = [
                one.changes | {name: (before, v)}
                for name, (before, after) in one.changes.items()
                for v in sorted(set(frame[name]))
                if 0 < abs(v - before) < abs(after - before)
            ]
            others = pd.concat([_changed(row, changes) for changes in (one.changes, *fewer, *nearer)])
            assert (score(others) >= 0.6).tolist() == [True] + [False] * (len(fewer) + len(nearer))
    assert max(sizes) > 1


def _oracle(score, frame, row, threshold, most):
    """Try everything: the cheapest cost of each set of columns that suffices and has no smaller one that does."""
    own = row.iloc[0]
    spread = {}
    for name in frame.columns:
        if frame[name].dtype.kind in "if":
            away = (frame[name] - frame[name].median()).abs()
            spread[name] = 3 * (away.median() or away.mean())
    cheapest = {}
    for size in range(1, most + 1):
        for names in combinations(frame.columns, size):
            if any(set(less) <= set(names) for less in cheapest):
                continue
            values = [sorted(set(frame[n]) - {own[n]}) for n in names]
            combos = list(product(*values))
            if not combos:
                continue
            changed = row.iloc[np.zeros(len(combos), dtype=int)].assign(
                **{n: list(v) for n, v in zip(names, zip(*combos, strict=True), strict=True)}
            )
            for combo, reached in zip(combos, score(changed), strict=True):
                if reached < threshold:
                    continue
                cost = sum(
                    0.5 + (abs(v - own[n]) / spread[n] if n in spread else 1.0)
                    for n, v in zip(names, combo, strict=True)
                )
                cheapest[names] = min(cost, cheapest.get(names, np.inf))
    return sorted(cheapest.values())


@pytest.mark.parametrize("seed", range(6))
def test_results_are_the_cheapest_there_are(seed):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {"a": rng.integers(0, 4, 60), "b": rng.choice(list("xyz"), 60), "c": rng.integers(0, 4, 60) / 2}
    )
    table = rng.random((4, 3, 4))

    def score(rows):
        b = rows["b"].map({"x": 0, "y": 1, "z": 2}).to_numpy()
        return table[rows["a"].to_numpy(dtype=int), b, (rows["c"] * 2).to_numpy(dtype=int)]

    row = frame.iloc[[int(np.argmin(score(frame)))]]
    most, threshold = 2 + seed % 2, (0.7, 0.9, 0.95)[seed % 3]
    expected = _oracle(score, frame, row, threshold, most)

    candidates = candidates_of(frame, frame.columns, FREE)
    answer = counterfactuals(score, row, candidates, threshold=threshold, wanted=20, most_changes=most)

    assert [one.cost for one in answer.found] == pytest.approx(expected)
    for wanted in (1, 2, 3):
        best = counterfactuals(score, row, candidates, threshold=threshold, wanted=wanted, most_changes=most)
        assert [one.cost for one in best.found] == pytest.approx(expected[:wanted])


def test_the_order_of_the_reference_rows_does_not_matter():
    frame = _people()
    shuffled = frame.sample(frac=1.0, random_state=1)
    once, again = (candidates_of(f, list(frame.columns), points=12) for f in (frame, shuffled))

    for row in _refused(frame, 2):
        first = counterfactuals(_score, row, once, threshold=0.5)
        assert first.found
        assert first == counterfactuals(_score, row, again, threshold=0.5)
        assert first == counterfactuals(_score, row, once, threshold=0.5)


def test_refusal_can_be_looked_for_as_well():
    frame = _people()
    row = frame.iloc[[int(np.argmax(_score(frame)))]]

    answer = counterfactuals(_score, row, candidates_of(frame, frame.columns), threshold=0.5)

    assert answer.towards == "refusal"
    assert answer.feasible
    assert all(_score(_changed(row, one.changes))[0] < 0.5 for one in answer.found)


def test_where_nothing_suffices_the_nearest_is_told():
    frame = _people()
    row = _refused(frame, 1)[0]
    candidates = candidates_of(
        frame, frame.columns, Constraints(immutable=tuple(frame.columns[:-2]), linked=())
    )

    answer = counterfactuals(_score, row.assign(home="rent", sex="f"), candidates, threshold=0.999)

    best = row.assign(home="own", sex="m")
    assert not answer.feasible
    assert answer.found == ()
    assert answer.closest.score == _score(best)[0]
    assert answer.closest.changes == {"home": ("rent", "own"), "sex": ("f", "m")}
    assert answer.closest.cost == pytest.approx(3.0)


def test_nothing_may_change():
    frame = _people()
    row = _refused(frame, 1)[0]
    candidates = candidates_of(frame, frame.columns, Constraints(immutable=tuple(frame.columns)))

    answer = counterfactuals(_score, row, candidates, threshold=0.5)

    assert (answer.feasible, answer.closest.changes, answer.closest.score) == (False, {}, answer.before)


def test_a_model_is_asked_once_a_round():
    frame = _people()
    calls = []

    def score(rows):
        calls.append(len(rows))
        return _score(rows)

    answer = counterfactuals(
        score, _refused(frame, 1)[0], candidates_of(frame, frame.columns), threshold=0.99999, most_changes=3
    )

    assert not answer.feasible
    # The applicant, three rounds, and the nearest once more.
    assert len(calls) == 5
    assert sum(calls) == answer.tried


def test_candidates_are_observed_and_few():
    frame = _people(2000)
    values = {lever.columns: lever.values for lever in candidates_of(frame, frame.columns).levers}

    income, gain = values["income",]["income"], values["gain",]["gain"]
    assert ("degree", "years") in values
    assert len(income) <= 33
    assert set(income) <= set(frame["income"])
    assert {frame["income"].min(), frame["income"].max()} <= set(income)
    assert gain.dtype == frame["gain"].dtype
    assert gain.iloc[0] == 0
    # Without care for the zeros, 70 % of the quantiles would be 0.
    assert 28 < len(gain) <= 33
    assert values["home",]["home"].tolist() == ["own", "rent"]


def test_quantiles_are_those_of_numpy():
    x = pd.Series(np.random.default_rng(0).normal(size=997).round(3) + 5.0, name="x")
    expected = np.unique(np.quantile(x, np.linspace(0, 1, 33), method="inverted_cdf"))

    (lever,) = candidates_of(x.to_frame(), ["x"]).levers

    assert lever.values["x"].tolist() == expected.tolist()


def test_the_scale_of_a_number():
    frame = pd.DataFrame({"x": [1, 2, 3, 4, 100], "zeros": [0, 0, 0, 0, 50], "same": [7, 7, 7, 7, 7]})

    scale = candidates_of(frame, frame.columns, FREE).scale

    assert scale["x"] == 3.0  # deviations from 3: 2 1 0 1 97
    assert scale["zeros"] == 30.0  # the median deviation is 0, the mean one 10
    assert np.isnan(scale["same"])


def test_linked_columns_are_found():
    frame = _people()
    bands = frame.assign(
        band=np.where(frame["age"] < 40, "young", "old"), one="same", id=np.arange(len(frame))
    )

    assert linked_columns(frame) == (("degree", "years"),)
    assert linked_columns(bands) == (("age", "band"), ("degree", "years"))
    # Rows that are there twice do not make an exact income say everything else.
    assert linked_columns(pd.concat([frame] * 3)) == (("degree", "years"),)
    # Nor do a few values that happen to repeat.
    key = np.r_[np.repeat(np.arange(40), 2), np.arange(40, 160)]
    happens = frame.assign(key=key, home=np.where(key < 40, key % 2, np.arange(200) % 2))
    assert linked_columns(happens) == (("degree", "years"),)
    broken = frame.copy()
    broken.loc[0, "years"] = 99 if broken.loc[0, "years"] != 99 else 98
    broken.loc[1, "degree"] = "doctor" if broken.loc[1, "degree"] != "doctor" else "none"
    assert linked_columns(broken) == ()


def test_the_dearest_of_linked_columns_counts():
    frame = _people()
    row = frame[frame["degree"] == "school"].iloc[[0]]

    def score(rows):
        return np.where(rows["degree"] == "college", 0.9, 0.1)

    (one,) = counterfactuals(score, row, candidates_of(frame, frame.columns), threshold=0.5).found

    years = frame["years"]
    spread = 3 * (years - years.median()).abs().median()
    assert one.changes == {"degree": ("school", "college"), "years": (9, 13)}
    assert (one.n_changes, one.cost) == (1, pytest.approx(0.5 + max(1.0, 4 / spread)))


def test_fractions_are_not_cut_for_an_applicant_with_a_whole_number():
    frame = _people().assign(age=lambda f: f["age"] + 0.5)
    row = frame.iloc[[0]].assign(age=18)

    found = counterfactuals(
        lambda rows: np.where(rows["age"] > 50.2, 0.9, 0.1),
        row,
        candidates_of(frame, frame.columns, points=80),
        threshold=0.5,
    ).found

    assert [one.changes["age"][1] for one in found] == [min(a for a in set(frame["age"]) if a > 50.2)]


def test_links_may_be_given_or_put_off():
    frame = _people()

    off = candidates_of(frame, frame.columns, FREE)
    own = candidates_of(frame, frame.columns, Constraints(linked=(("home", "sex"),)))

    assert all(len(lever.columns) == 1 for lever in off.levers)
    assert [lever.columns for lever in own.levers if len(lever.columns) > 1] == [("home", "sex")]
    assert candidates_of(frame, frame.columns).constraints.linked == (("degree", "years"),)


def test_a_column_that_stays_holds_those_linked_to_it():
    frame = _people()
    banded = frame.assign(band=np.where(frame["age"] < 40, "young", "old"))
    rules = Constraints(immutable=("band", "sex", "degree", "income"))
    row = banded[banded["age"] < 25].iloc[[0]]

    def score(rows):
        older = rows["age"] / 100 + 0.2 * (rows["band"] == "old")
        return (older + 0.02 * (rows["home"] != row["home"].item()) + 0.1 * (rows["years"] > 9)).to_numpy()

    candidates = candidates_of(banded, banded.columns, rules, points=100)
    just = counterfactuals(score, row, candidates, threshold=0.30)
    never = counterfactuals(score, row, candidates, threshold=0.45)

    assert all(one.columns <= {"age", "home"} for one in just.found)
    assert just.found[0].changes == {"age": (row["age"].item(), min(a for a in banded["age"] if a >= 30))}
    assert not never.feasible
    assert never.closest.changes["age"][1] == 39
    assert never.closest.columns == {"age", "home"}


def test_a_blank_may_be_filled_but_has_no_up_or_down():
    frame = _people().astype({"age": float, "home": object})
    row = _refused(frame, 1)[0].assign(age=np.nan, home=None)

    def score(rows):
        return np.where(rows["age"].notna() | (rows["home"] == "own"), 0.9, 0.1)

    free = counterfactuals(score, row, candidates_of(frame, frame.columns), threshold=0.5)
    tied = counterfactuals(
        score, row, candidates_of(frame, frame.columns, Constraints(only_up=("age",))), threshold=0.5
    )

    assert [set(one.changes) for one in free.found] == [{"age"}, {"home"}]
    assert [one.cost for one in free.found] == [1.5, 1.5]
    assert [one.changes for one in tied.found] == [{"home": (None, "own")}]


def test_blanks_and_whole_numbers_keep_their_kinds():
    frame = _people()
    row = _refused(frame, 1)[0].assign(age=40.5)
    seen = []

    def score(rows):
        seen.append(rows.dtypes)
        return _score(rows)

    counterfactuals(score, row, candidates_of(frame, frame.columns), threshold=0.5)

    assert all((kinds.drop("age") == frame.dtypes.drop("age")).all() for kinds in seen)
    assert all(kinds["age"] == np.float64 for kinds in seen)


@pytest.mark.parametrize(
    ("rules", "says"),
    [
        ({"immutable": ("sexx",)}, "no column 'sexx'"),
        ({"only_up": ("home",)}, "`home` holds categories"),
        ({"only_up": ("age",), "only_down": ("age",)}, "`age` may only rise and only fall"),
        ({"linked": (("age",),)}, "has 1 of them"),
    ],
)
def test_rules_that_do_not_fit_are_refused(rules, says):
    frame = _people(50)
    with pytest.raises(InvalidChoice, match=says):
        candidates_of(frame, frame.columns, Constraints(**rules))


def test_bad_questions_are_refused():
    frame = _people()
    candidates, row = candidates_of(frame, frame.columns), _refused(frame, 1)[0]

    with pytest.raises(InvalidChoice, match="no reference rows"):
        candidates_of(frame.iloc[:0], frame.columns)
    with pytest.raises(MissingColumn, match="agee"):
        candidates_of(frame, ["agee"])
    with pytest.raises(InvalidChoice, match="got 2 rows"):
        counterfactuals(_score, frame.iloc[:2], candidates, threshold=0.5)
    with pytest.raises(InvalidChoice, match=r"has that decision already \(refusal\)"):
        counterfactuals(_score, row, candidates, threshold=0.5, towards="refusal")
    with pytest.raises(InvalidChoice, match="no decision 'up'"):
        counterfactuals(_score, row, candidates, threshold=0.5, towards="up")
    with pytest.raises(InvalidChoice, match="0 changes"):
        counterfactuals(_score, row, candidates, threshold=0.5, most_changes=0)
    with pytest.raises(InvalidChoice, match="`age` holds numbers"):
        counterfactuals(_score, row.assign(age="old"), candidates, threshold=0.5)


def test_changes_in_words():
    changes = {"education": ("HS-grad", "Masters"), "hours": (40, 45.0), "rate": (1.0, 123456.78)}

    assert change_words(changes) == ("education is Masters", "hours is 45", "rate is 123456.78")
    assert sentence(changes) == "education is Masters, hours is 45 and rate is 123456.78"
    assert sentence({"a": (None, "x")}) == "a is x"
    assert sentence({}) == "nothing is changed"
