"""``rai-dash band``: the story's figures, brute force over rows, routes that agree, refusals in one line."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from scipy.stats import beta

import rai_dash.data.read
from rai_dash.cli import main
from rai_dash.core.types import ReviewBand
from rai_dash.review.conditions import parse_condition, training_facts
from rai_dash.review.exported import python_source, sql_case

STORY = ("--target", "loan", "--favourable", "Approved", "--sensitive", "gender")
SCORED = (*STORY, "--score-column", "score")


def command(*arguments):
    """Run the command in this process; gives its exit status."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["rai-dash", "band", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
    return ended.value.code or 0


@pytest.fixture(scope="module", autouse=True)
def _read_once():
    """Read each file in its own process once, not at every call; the last test runs the real program."""
    real, kept = rai_dash.data.read.read_dataset, {}

    def read(path, *args, **options):
        key = (str(path), repr(args), repr(options))
        if key not in kept:
            kept[key] = real(path, *args, **options)
        return kept[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rai_dash.data.read, "read_dataset", read)
        yield


@pytest.fixture(scope="module")
def by_model(repo, tmp_path_factory):
    """The story's 1,100 through the repaired model: the JSON, and the routes of its rows."""
    place = tmp_path_factory.mktemp("band")
    status = command(
        "evaluate", repo / "sample_data/story_living_1100.csv.gz", *STORY,
        "--model", repo / "sample_data/story_repaired.ubj", "--lo", 0.2, "--hi", 0.8,
        "--json", place / "band.json", "--routes", place / "routes.parquet",
    )  # fmt: skip
    assert status == 0
    return json.loads((place / "band.json").read_text()), pd.read_parquet(place / "routes.parquet")


@pytest.fixture(scope="module")
def living(repo, by_model):
    """The same rows with these scores, an amount, a weight and a person's decision."""
    frame = rai_dash.data.read.read_dataset(repo / "sample_data/story_living_1100.csv.gz", options=None).frame
    rng, n = np.random.default_rng(8), len(frame)
    score = by_model[1]["score"].to_numpy()
    return frame.assign(
        full_score=score,
        score=np.where(np.arange(n) % 17 == 0, np.nan, score),
        amount=np.where(np.arange(n) % 11 == 0, np.nan, rng.integers(1, 80, n) * 1000.0),
        weight=rng.integers(1, 4, n),
        person=pd.Series(rng.choice(["yes", "no", None], n), dtype="str"),
    )


@pytest.fixture(scope="module")
def table(living, tmp_path_factory):
    path = tmp_path_factory.mktemp("band") / "living.csv"
    living.to_csv(path, index=False)
    return path


@pytest.fixture
def run(capsys):
    """Run the command; gives the exit status, the JSON and the lines on stderr."""

    def call(*arguments):
        status = command(*arguments)
        told = capsys.readouterr()
        return status, json.loads(told.out) if told.out.startswith("{") else None, told.err

    return call


def good(frame):
    return (frame["loan"] == "Approved").to_numpy()


def routes_by_scan(score, lo, hi):
    """Route row by row, as review-band.md section 3 says."""
    return np.array([
        "review" if not np.isfinite(s) else "reject" if lo is not None and s < lo
        else "approve" if hi is not None and s >= hi else "review" for s in score
    ])  # fmt: skip


#: Half-width, share sent to a person, share right of the rest, share of men and of women sent to a person.
STEP_SEVEN = [
    (0.2, 0.18, 0.9013, 0.2182, 0.1418),
    (0.3, 0.2882, 0.9285, 0.3582, 0.2182),
    (0.4, 0.4455, 0.9623, 0.5382, 0.3527),
]


@pytest.mark.parametrize("line", STEP_SEVEN)
def test_step_seven_of_the_story(run, table, line):
    half, review, right, men, women = line
    ends = ("--lo", round(0.5 - half, 1), "--hi", round(0.5 + half, 1))
    status, found, _ = run("evaluate", table, *STORY, "--score-column", "full_score", *ends)

    by = found["groups"]["gender"]
    shares = [found["rates"]["review_rate"], *(by[g]["rates"]["review_rate"] for g in ("Male", "Female"))]
    assert status == 0
    assert [s["value"] for s in shares] == pytest.approx([review, men, women], abs=0.00005)
    assert 1 - found["rates"]["auto_error_rate"]["value"] == pytest.approx(right, abs=0.00005)
    assert found["gaps"]["gender"]["review_rate_gap"] == pytest.approx(men - women, abs=0.0001)


def test_these_are_the_figures_that_were_expected(shared):
    story = json.loads((shared / "data/story/EXPECTED.json").read_text())["group"][
        "7 collected, up loan x gender"
    ]
    lines = story["band(w,review share,acc auto,review M,review F)"]

    assert [line for line in lines if line[0] in {0.2, 0.3, 0.4}] == [list(line) for line in STEP_SEVEN]


def test_a_model_file_and_its_scores_in_a_column_give_the_same(run, table, by_model):
    found, routes = by_model
    _, again, _ = run("evaluate", table, *STORY, "--score-column", "full_score", "--lo", 0.2, "--hi", 0.8)

    assert found["model"]["format"] == "xgboost"
    assert again["model"] is None
    assert again["score_column"] == "full_score"
    same = ("band", "counts", "rates", "after_review", "cost", "groups", "gaps", "guarantee")
    assert {k: found[k] for k in same} == {k: again[k] for k in same}
    assert routes["route"].tolist() == routes_by_scan(routes["score"], 0.2, 0.8).tolist()


@pytest.mark.parametrize("ends", [(0.3333, 0.6667), (None, 0.7), (0.25, None)])
def test_everything_about_a_band_off_the_grid_is_that_of_the_rows(run, table, living, ends):
    lo, hi = ends
    status, found, _ = run(
        "evaluate", table, *SCORED, "--lo", "none" if lo is None else lo, "--hi", "none" if hi is None else hi,
        "--weight", "weight", "--amount", "amount", "--human", "person", "--human-approve", "yes",
        "--h1", 0.8, "--h0", 0.7, "--deference", 0.25, "--fp-cost", 2, "--fp-per-amount", 0.4, "--fn-cost", 1,
        "--fn-per-amount", 0.1, "--review-cost", 3,
    )  # fmt: skip

    w, y, s = living["weight"].to_numpy(float), good(living), living["score"].to_numpy()
    route = routes_by_scan(s, lo, hi)
    counts = found["counts"]
    assert status == 0
    assert (counts["n"], counts["W"]) == (1100, w.sum())
    for name in ("approve", "reject", "review"):
        assert counts[name] == w[route == name].sum()
    cells = {"TP": ("approve", True), "FP": ("approve", False), "TN": ("reject", False), "FN": ("reject", True),
             "RP": ("review", True), "RN": ("review", False)}  # fmt: skip
    assert {c: counts[c] for c in cells} == {
        c: w[(route == r) & (y == label)].sum() for c, (r, label) in cells.items()
    }
    own = np.where(y, 0.8, 1 - 0.7)
    own = np.where(np.isnan(s), own, 0.25 * (s >= 0.5) + 0.75 * own)
    person = living["person"].map({"yes": 1.0, "no": 0.0}).to_numpy(float)
    p = np.where(route == "review", np.where(np.isnan(person), own, person), route == "approve")
    after = found["after_review"]
    assert after["post_error_rate"] == pytest.approx((w * np.where(y, 1 - p, p)).sum() / w.sum())
    assert after["post_fnr"] == pytest.approx((w * (1 - p))[y].sum() / w[y].sum())
    amount = living["amount"].fillna(0.0).to_numpy()
    error = w * np.where(y, (1 + 0.1 * amount) * (1 - p), (2 + 0.4 * amount) * p)
    assert found["cost"]["error_cost"] == pytest.approx(error.sum())
    assert found["cost"]["review_cost"] == 3 * w[route == "review"].sum()
    assert found["cost"]["n_amount_missing"] == living["amount"].isna().sum()
    assert {n["code"] for n in found["notices"]} == {"in_sample_unknown", "weights_ignored"}


ALWAYS = (
    "amount > 60,000",
    'education in "HS-grad", 11th unless blank',
    "out of range in age",
    "unseen category in occupation",
)


@pytest.fixture(scope="module")
def training(living, tmp_path_factory):
    path = tmp_path_factory.mktemp("band") / "training.csv"
    living[living["age"].between(25, 60) & (living["occupation"] != "Sales")].to_csv(path, index=False)
    return path


def test_routes_of_the_command_of_python_and_of_sql_agree_on_every_row(
    run, table, living, training, tmp_path
):
    out = tmp_path / "routes.parquet"
    always = [part for text in ALWAYS for part in ("--always", text)]
    status, found, _ = run(
        "evaluate", table, *SCORED, "--lo", 0.35, "--hi", 0.7, *always, "--training", training, "--routes", out,
        "--id", "application_id", "--amount", "amount",
    )  # fmt: skip
    routes = pd.read_parquet(out)

    frame = rai_dash.data.read.read_dataset(table, options=None).frame
    known = rai_dash.data.read.read_dataset(training, options=None).frame
    conditions = [parse_condition(t, columns=list(frame.columns)) for t in ALWAYS]
    facts = training_facts(known, ["age", "occupation"])
    conditions = [c.frozen(facts) for c in conditions]
    band = ReviewBand(0.35, 0.5, 0.7)
    space = {"__name__": "exported"}
    exec(python_source(band, conditions), space)  # noqa: S102 - our own text; only a test runs it
    told = [space["route"](row["score"], row) for row in frame.to_dict("records")]
    database = sqlite3.connect(":memory:")
    frame.to_sql("t", database)
    case = sql_case(band, conditions=conditions, dialect="sqlite")
    queried = [r for (r,) in database.execute(f"SELECT {case} FROM t ORDER BY `index`")]  # noqa: S608

    assert status == 0
    assert list(zip(routes["route"], routes["reason"], strict=True)) == told
    assert routes["route"].tolist() == queried
    held = (
        ~living["amount"].le(60000) | living["education"].isin(["HS-grad", "11th"])
        | ~living["age"].between(25, 60) | (living["occupation"] == "Sales")
    ).to_numpy()  # fmt: skip
    expected = np.where(held, "review", routes_by_scan(living["score"], 0.35, 0.7))
    assert routes["route"].tolist() == expected.tolist()
    assert routes["id"].tolist() == living["application_id"].tolist()
    assert {r: found["counts"][r] for r in ("reject", "review", "approve")} == routes[
        "route"
    ].value_counts().to_dict()
    assert found["conditions"]["rows"] == held.sum()
    assert found["conditions"]["with_score"] == (held & living["score"].notna()).sum()
    assert found["conditions"]["each"][0]["words"] == "amount > 60000"
    assert found["counts"]["no_score"] == (held | living["score"].isna()).sum()


LIMITS = ("review at most 30 %", "wrongly declined gap between women and men under 4 points")


def numbers_by_scan(living, lo, hi):
    """Cost per application (5 a bad approved, 2 a good refused, 0.4 a review; h = .9), review and gap of one band."""
    y, route = good(living), routes_by_scan(living["score"], lo, hi)
    review = route == "review"
    p = np.where(review, np.where(y, 0.9, 0.1), route == "approve")
    cost = (np.where(y, 2 * (1 - p), 5 * p) + 0.4 * review).mean()
    wrong = [(route[y & (living["gender"] == g)] == "reject").mean() for g in ("Female", "Male")]
    return cost, review.mean(), abs(wrong[0] - wrong[1])


def test_the_best_band_is_that_of_a_search_through_all_of_them(run, table, living):
    limits = [part for text in LIMITS for part in ("--limit", text)]
    status, found, _ = run(
        "optimise",
        table,
        *SCORED,
        "--step",
        0.1,
        "--fp-cost",
        5,
        "--fn-cost",
        2,
        "--review-cost",
        0.4,
        *limits,
    )

    cuts = [i / 10 for i in range(11)]
    bands = [(lo, hi) for lo in cuts for hi in cuts if lo <= 0.5 <= hi]
    numbers = {band: numbers_by_scan(living, *band) for band in bands}
    feasible = {b: n for b, n in numbers.items() if n[1] <= 0.3 and n[2] <= 0.04}
    best = min(
        feasible, key=lambda b: (round(feasible[b][0], 12), round(feasible[b][1], 12), b[1] - b[0], b[0])
    )
    optimum = found["optimum"]
    assert status == 0
    assert (optimum["best"]["lo"], optimum["best"]["hi"]) == best
    assert optimum["best"]["cost"] == pytest.approx(feasible[best][0])
    assert (optimum["candidates"], optimum["feasible"]) == (len(bands), len(feasible))
    assert 0 < len(feasible) < len(bands)
    assert [f["fails"] for f in optimum["fails_by_constraint"]] == [
        sum(n[1] > 0.3 for n in numbers.values()), sum(n[2] > 0.04 for n in numbers.values()),
    ]  # fmt: skip
    assert [(limit["found"], limit["kept"]) for limit in found["limits"]] == [
        (pytest.approx(feasible[best][1]), True), (pytest.approx(feasible[best][2]), True),
    ]  # fmt: skip
    assert (found["band"]["lo"], found["band"]["hi"]) == best
    assert (found["guarantee"]["method"], found["guarantee"]["certified"]) == ("picked", False)
    assert "picked on the same data" in found["guarantee"]["reason"]


def test_without_a_feasible_band_the_status_is_1_and_the_cause_is_said(run, table):
    limits = ("--limit", "review at most 1 %", "--limit", "cost at most 5")
    status, found, told = run("optimise", table, *SCORED, *limits, "--fail-if", "review_rate > 0.5")

    assert status == 1
    assert found["optimum"]["best"] is None
    assert found["guarantee"] is None
    assert "None of the 10,201 bands keeps all limits" in told
    assert "review at most 1 %" in told.splitlines()[-1]
    assert "cost" not in told


def test_a_split_judges_the_band_on_the_rows_it_was_not_chosen_on(run, table):
    arguments = (
        "optimise",
        table,
        *SCORED,
        "--step",
        0.05,
        "--fp-cost",
        1,
        "--fn-cost",
        1,
        "--review-cost",
        0.2,
    )
    status, found, _ = run(*arguments, "--guarantee", "split", "--alpha", 0.12)
    again = run(*arguments, "--guarantee", "split", "--alpha", 0.12)[1]

    counts, promise = found["counts"], found["guarantee"]
    k, n = counts["FP"] + counts["FN"], counts["TP"] + counts["FP"] + counts["TN"] + counts["FN"]
    assert status == 0
    assert (found["split"]["searched_rows"], counts["n"]) == (550, 550)
    assert (promise["method"], promise["k"], promise["n"]) == ("split", k, n)
    assert promise["bound"] == pytest.approx(beta.ppf(0.95, k + 1, n - k))
    assert promise["certified"] is (promise["bound"] <= 0.12)
    assert again == found


@pytest.mark.parametrize("way", ["fixed", "sequence", "sgr", None])
def test_a_band_is_certified_only_by_a_way_that_was_stated(run, table, way):
    stated = () if way is None else ("--guarantee", way)
    _, found, _ = run("evaluate", table, *SCORED, "--lo", 0.2, "--hi", 0.8, "--alpha", 0.15, *stated)

    promise = found["guarantee"]
    assert promise["method"] == {"sequence": "fixed_sequence", None: "picked"}.get(way, way)
    assert promise["certified"] is (way is not None)
    if way in {"fixed", None}:
        c = found["counts"]
        k, n = c["FP"] + c["FN"], c["TP"] + c["FP"] + c["TN"] + c["FN"]
        assert promise["bound"] == pytest.approx(beta.ppf(0.95, k + 1, n - k))


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_the_table_of_a_grid_holds_the_numbers_of_its_bands(run, table, living, tmp_path, ending):
    out = tmp_path / f"grid.{ending}"
    costs = ("--fp-cost", 5, "--fn-cost", 2, "--review-cost", 0.4)
    metrics = [p for m in ("cost", "review_rate", "good_auto_rejected_gap") for p in ("--metric", m)]
    status, found, _ = run(
        "grid",
        table,
        *SCORED,
        *costs,
        "--step",
        0.25,
        *metrics,
        "--limit",
        "review at most 30 %",
        "--out",
        out,
    )

    long = pd.read_csv(out) if ending == "csv" else pd.read_parquet(out)
    assert status == 0
    assert long.columns.tolist() == ["lo", "threshold", "hi", "metric", "column", "value"]
    assert len(long) == 9 * 4
    wide = long.pivot_table(index=["lo", "hi"], columns="metric", values="value")
    for (lo, hi), row in wide.iterrows():
        cost, review, gap = numbers_by_scan(living, lo, hi)
        found_here = (row["cost"], row["review_rate"], row["good_auto_rejected_gap"], row["feasible"])
        assert found_here == pytest.approx((cost, review, gap, float(review <= 0.3)))
    grid = found["grid"]
    assert (grid["lo"], grid["hi"]) == ([0.0, 0.25, 0.5], [0.5, 0.75, 1.0])
    planes = {p["metric"]: np.array(p["values"]) for p in grid["planes"]}
    assert planes["cost"].ravel() == pytest.approx(wide["cost"].to_numpy())
    assert np.array(grid["feasible"]).ravel().tolist() == (wide["feasible"] == 1).tolist()


def test_limits_and_gates_end_with_status_1(run, table):
    gates = ("auto_error_rate > 0.9", "review_rate gap by gender > 0.01", "certified < 1", "post_fnr > 0.01",
             "reviewers_needed > 2")  # fmt: skip
    limits = ("review at most 5 %", "review at most 99 %")
    asked = [p for text in limits for p in ("--limit", text)] + [
        p for text in gates for p in ("--fail-if", text)
    ]
    work = ("--volume", 100, "--minutes", 30, "--minutes-per-day", 300)
    status, found, told = run("evaluate", table, *SCORED, "--lo", 0.3, "--hi", 0.7, *asked, *work)

    broken = [line.removeprefix("Limit broken: ") for line in told.splitlines()]
    assert status == 1
    assert [limit["kept"] for limit in found["limits"]] == [False, True]
    starts = (limits[0], *gates[1:])
    assert len(broken) == len(starts)
    assert all(line.startswith(start) for line, start in zip(broken, starts, strict=True))
    assert found["capacity"]["reviews_per_day"] == pytest.approx(100 * found["rates"]["review_rate"]["value"])


MISTAKES = [
    (("evaluate", "--lo", "0.7", "--hi", "0.3"), "The band needs low <= threshold <= high"),
    (("evaluate", "--lo", "half"), "`half` is not an end of a band"),
    (("evaluate", "--guarantee", "split"), "nothing to split"),
    (("evaluate", "--guarantee", "sequence"), "Give alpha"),
    (("evaluate", "--alpha", "2"), "must lie between 0 and 1"),
    (("optimise", "--guarantee", "fixed"), "Use split"),
    (("evaluate", "--limit", "be nice"), "be nice"),
    (("evaluate", "--always", "amont > 5"), "Did you mean `amount`"),
    (("evaluate", "--always", "out of range"), "which they are is not known"),
    (("evaluate", "--always", "fragile"), "fragile"),
    (("evaluate", "--human", "person"), "means that a person approved"),
    (("evaluate", "--amount", "education"), "does not hold numbers"),
    (("evaluate", "--fp-per-amount", "1"), "no amount column"),
    (("evaluate", "--volume", "5"), "Give all three"),
    (("evaluate", "--out", "x.csv"), "belongs to `rai-dash band grid`"),
    (("evaluate", "--metric", "cost"), "belongs to `rai-dash band grid`"),
    (("grid", "--routes", "x.csv"), "belongs to `rai-dash band evaluate and optimise`"),
    (("grid", "--metric", "niceness"), "niceness"),
    (("grid", "--step", "0"), "makes no useful grid"),
    (("grid", "--out", "x.doc"), "ends neither in .csv nor in .parquet"),
    (("evaluate", "--routes", "/nowhere/x.csv"), "cannot be written"),
    (("evaluate", "--h1", "2"), "is a probability"),
    (("guess",), "guess"),
]


@pytest.mark.parametrize(("mistake", "says"), MISTAKES)
def test_a_mistake_is_refused_in_one_line(run, table, mistake, says):
    action, *more = mistake

    status, _, told = run(action, table, *SCORED, *more)

    assert status == 2
    assert says in told
    assert len(told.strip().splitlines()) == 1


def test_without_scores_there_is_nothing_to_route(run, table):
    status, _, told = run("evaluate", table, *STORY)

    assert status == 2
    assert "Give a model or a score column" in told


def test_the_command_runs_as_a_program(table):
    program = [
        sys.executable,
        "-c",
        "from rai_dash.cli import main; main()",
        "band",
        "evaluate",
        table,
        *SCORED,
        "--h0",
        "-1",
    ]

    done = subprocess.run(program, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "`h0` is a probability, so -1 is not possible. Give a number from 0 to 1.\n"
