"""Every page on a table that is counted where it lies: the numbers of rows it says, and what it says of the sample."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from rai_dash.case import Case, CaseData, CaseModel, DataRole
from rai_dash.casefile import pack, unpack
from rai_dash.core.errors import InvalidChoice, NotAllowed, UnreadableFile
from rai_dash.core.settings import get_settings
from rai_dash.core.types import Roles
from rai_dash.data.portfolio.engines import ProcessEngine
from rai_dash.data.portfolio.opening import dataset_of, open_portfolio
from rai_dash.data.portfolio.questions import Tally
from rai_dash.models.client import load_model
from rai_dash.ui import state
from rai_dash.ui.choices import Choices
from rai_dash.ui.reviewing.bench import bench_of
from rai_dash.ui.signing.stating import policy_on_page
from rai_dash.ui.state import View
from rai_dash.ui.store import CaseStore
from rai_dash.ui.tour.route import view_of
from rai_dash.ui.tour.sentences import said
from rai_dash.ui.tour.stops import BY_KEY
from tests.app.conftest import Open, pressed, words
from tests.app.small_loans import SAID

PARTS, ROWS, SAMPLED = 3, 2_000, 1_000
COUNTED = "6,000 rows counted · 1,000 in the sample"
OF_THE_SAMPLE = "This uses the sample of 1,000 rows, not all 6,000"
#: Where most of a panel is counted.
PARTLY = "Counts are of all 6,000 rows; leaks, personal data and copies are looked for in the sample of 1,000 rows."
ROLES = Roles(
    target="outcome", favourable=("repaid",), unfavourable=("defaulted",), sensitive=("sex", "age"),
    features=("income", "term"), id="id", amount="amount", score="score",
)  # fmt: skip
FEATURES = ["income", "term"]


def loans(n: int = PARTS * ROWS) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    income = rng.lognormal(10, 0.5, n).round(2)
    score = 1 / (1 + np.exp(-(np.log(income) - 10) - rng.normal(0, 1, n)))
    return pd.DataFrame(
        {
            "id": np.arange(n) + 10_000,
            "sex": rng.choice(["f", "m", None], n, p=[0.45, 0.5, 0.05]),
            "age": rng.integers(20, 70, n),
            "income": np.where(rng.random(n) < 0.02, np.nan, income),
            "term": rng.choice([12, 24, 36], n),
            "amount": rng.integers(1_000, 20_000, n),
            "outcome": np.where(rng.random(n) < score, "repaid", "defaulted"),
            "score": np.where(rng.random(n) < 0.01, np.nan, score.round(4)),
        }
    )


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return loans()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, table: pd.DataFrame) -> Path:
    folder = tmp_path_factory.mktemp("server") / "loans"
    folder.mkdir()
    for i in range(PARTS):
        part = table.iloc[i * ROWS : (i + 1) * ROWS]
        part.to_parquet(folder / f"part-{i}.parquet", index=False, row_group_size=500)
    return folder


@pytest.fixture(autouse=True)
def settings(place: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("RAI_DASH_DATA_FOLDER", str(place.parent))
    monkeypatch.setenv("RAI_DASH_SAMPLE_ROWS", str(SAMPLED))
    monkeypatch.setenv("RAI_DASH_MOST_SAMPLE_ROWS", str(SAMPLED))
    get_settings.cache_clear()
    yield
    get_settings.cache_clear()


@pytest.fixture(scope="module")
def opened(place: Path) -> Case:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAI_DASH_SAMPLE_ROWS", str(SAMPLED))
        patch.setenv("RAI_DASH_MOST_SAMPLE_ROWS", str(SAMPLED))
        get_settings.cache_clear()
        dataset = dataset_of(open_portfolio(place), ROLES)
    data = CaseData(
        key="data", title="loans", role=DataRole.TRAINING, dataset=dataset, source="uploaded", content=place
    )
    return Case(id="portfolio-of-the-tests-0123456789", title="loans", data=(data,), default_data="data")


@pytest.fixture(scope="module")
def with_model(opened: Case, table: pd.DataFrame) -> Case:
    from xgboost import DMatrix, train

    rows = DMatrix(table[FEATURES], (table["outcome"] == "repaid").astype(int))
    booster = train({"objective": "binary:logistic", "max_depth": 2, "nthread": 1}, rows, 5)
    model = load_model(bytes(booster.save_raw("ubj")), model_class="1")
    item = CaseModel(key="model", title="small", model=model)
    return replace(
        opened, id="model-on-portfolio-of-the-tests-0123456789", models=(item,), default_model="model"
    )


def shown(at: AppTest) -> str:
    text = words(at)
    assert not at.exception
    assert "Something went wrong" not in text
    return text


@pytest.mark.parametrize(
    ("page", "is_of_sample"),
    [
        ("start", False), ("data", True), ("correlations", True), ("rebalance", True), ("performance", False),
        ("fairness", False), ("mitigation", True), ("review_band", False), ("sign_off", False), ("monitor", False),
        ("problems", False), ("queue", False),
    ],
)  # fmt: skip
def test_every_page_says_how_many_rows_were_counted_and_which_panels_are_of_the_sample(
    open_page: Open, opened: Case, page: str, *, is_of_sample: bool
) -> None:
    at = open_page(page, case=opened)

    text = shown(at)
    assert COUNTED in text
    assert (OF_THE_SAMPLE if page != "data" else PARTLY) in text or not is_of_sample
    assert not at.error, [e.value for e in at.error]


def test_the_tour_tells_of_all_rows_and_says_where_it_is_of_the_sample(
    opened: Case, with_model: Case, table: pd.DataFrame
) -> None:
    # Before any test scores the rows of this case by its model.
    known = table.fillna({"sex": "(missing)"})
    scored = known[known["score"].notna()]
    right = int(((scored["score"] >= 0.5) == (scored["outcome"] == "repaid")).sum())
    rows, good = (part.groupby("sex").size() for part in (known, known[known["outcome"] == "repaid"]))

    def told(case: Case, key: str) -> str:
        stop = BY_KEY[key]
        return said(stop, view_of(case, stop, Choices(case=case.id))).replace("\\", "").replace("*", "")

    assert f"{right:,} of {len(scored):,} applicants" in told(opened, "accuracy")
    named = sum(f"{good[sex]:,} of {rows[sex]:,}" in told(opened, "imbalance") for sex in rows.index)
    assert named == 2
    assert all("sample of" not in told(opened, key) for key in ("accuracy", "imbalance", "groups", "band"))
    assert told(opened, "rebalance").endswith("(In a sample of 1,000 rows.)")
    assert told(with_model, "accuracy").endswith("(In a sample of 1,000 rows.)")


def test_a_folder_is_opened_where_it_lies_and_its_outcomes_are_counted_over_all_parts(
    open_page: Open, table: pd.DataFrame
) -> None:
    at = open_page("start")
    at.selectbox(key="folder_file").select("loans").run()
    at.button(key="open_folder_file").click().run()

    text = shown(at)
    assert (
        "**loans**, training or test data: 6,000 rows, 8 columns. Counted where it lies, 3 Parquet files"
        in text
    )
    assert "1,000 rows of it are in the sample" in text
    assert COUNTED in text
    case = state.store().get(at.session_state["choices"].case)
    assert case is not None
    roles = case.data[0].dataset.roles
    assert (roles.target, roles.score, roles.sensitive) == ("outcome", "score", ("sex", "age"))
    good = int((table["outcome"] == "repaid").sum())
    found = case.judge().counts(())
    assert found.counts[0, 1].sum() == good
    assert found.counts[0].sum() == len(table)


def test_a_second_table_of_the_case_stays_where_it_lies_too(open_page: Open, opened: Case) -> None:
    case = replace(opened, id="second-portfolio-of-the-tests-0123456789")
    at = open_page("start", case=case)
    at.selectbox(key="upload_kind").select(DataRole.PRODUCTION).run()
    at.selectbox(key="folder_file").select("loans").run()
    at.button(key="open_folder_file").click().run()

    assert "**loans**, applications from production: 6,000 rows" in shown(at)
    both = state.store().get(case.id)
    assert both is not None
    assert [d.dataset.n_all for d in both.data] == [6_000, 6_000]
    assert both.data[1].dataset.roles == opened.data[0].dataset.roles


def test_nobody_below_an_analyst_opens_one(open_page: Open, as_role, settings: None) -> None:
    as_role("expert")

    at = open_page("start")

    assert "folder_file" not in [s.key for s in at.selectbox]
    assert "needs the role analyst" in words(at)


def test_a_table_that_the_operator_lists_is_opened_and_found_again_by_its_name_alone(
    open_page: Open, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAI_DASH_DATA_FOLDER", "")
    monkeypatch.setenv("RAI_DASH_PORTFOLIOS", json.dumps({"bank loans": str(place)}))
    get_settings.cache_clear()
    at = open_page("start")
    at.selectbox(key="folder_file").select("bank loans").run()
    at.button(key="open_folder_file").click().run()
    assert COUNTED in shown(at)
    case = state.store().get(at.session_state["choices"].case)
    assert case is not None

    packed = pack(case)

    assert str(place).encode() not in packed
    assert unpack(packed, "again").data[0].dataset.n_all == 6_000
    monkeypatch.setenv("RAI_DASH_PORTFOLIOS", "{}")
    get_settings.cache_clear()
    with pytest.raises(NotAllowed, match="`bank loans` is not among the tables that the operator lists"):
        unpack(packed, "again")


def test_what_cannot_be_opened_is_said_in_a_sentence(open_page: Open, place: Path) -> None:
    (place.parent / "empty").mkdir(exist_ok=True)

    at = open_page("start")
    at.selectbox(key="folder_file").select("empty").run()
    at.button(key="open_folder_file").click().run()

    assert "The folder 'empty' holds no file with rows" in shown(at)


def test_a_file_with_too_many_rows_for_memory_can_be_opened_where_it_lies(
    open_page: Open, place: Path, table: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAI_DASH_MAX_ROWS", "5000")
    get_settings.cache_clear()
    table.to_parquet(place.parent / "all.parquet", index=False)

    at = open_page("start")
    at.selectbox(key="folder_file").select("all.parquet").run()
    at.button(key="open_folder_file").click().run()
    assert "The table has more than 5,000 rows" in words(at)
    at.button(key="open_in_place").click().run()

    assert COUNTED in shown(at)


def test_a_model_has_scored_the_sample_until_all_rows_are_scored(
    open_page: Open, with_model: Case, table: pd.DataFrame
) -> None:
    case = replace(with_model, id="all-scored-on-portfolio-of-the-tests-0123456789")
    at = open_page("performance", case=case)
    before = shown(at)
    assert "1,000 rows in a sample of 6,000" in before
    assert "The model has scored 1,000 of 6,000 rows" in before

    pressed(at, "start_score_all")

    text = shown(at)
    assert COUNTED in text
    assert "The model has scored" not in text
    scored = case.models[0].model.score(table).scores
    right = int(((scored >= 0.5) == (table["outcome"] == "repaid")).sum())
    assert f"{right:,} of 6,000** applicants" in text


def test_single_applicants_and_drivers_are_of_the_sample(open_page: Open, with_model: Case) -> None:
    for page in ("explain", "drivers"):
        assert OF_THE_SAMPLE in shown(open_page(page, case=with_model))


def test_models_are_compared_on_the_sample_alone(open_page: Open, with_model: Case) -> None:
    second = replace(with_model.models[0], key="second", title="the same again")
    case = replace(with_model, id="two-models-of-the-tests-0123456789", models=(*with_model.models, second))

    text = shown(open_page("models", case=case))

    assert "1,000 rows in a sample of 6,000" in text
    assert OF_THE_SAMPLE in text


def test_a_kept_case_names_the_folder_and_draws_the_same_sample_again(opened: Case) -> None:
    packed = pack(opened)

    again = unpack(packed, "again")

    assert b"PAR1" not in packed
    assert again.data[0].dataset.portfolio is not None
    assert again.data[0].dataset.roles == opened.data[0].dataset.roles
    pd.testing.assert_frame_equal(again.data[0].dataset.frame, opened.data[0].dataset.frame)


def test_a_kept_case_says_when_its_files_have_changed_or_are_gone(opened: Case, place: Path) -> None:
    copy = place.parent / "moving"
    shutil.copytree(place, copy)
    item = replace(
        opened.data[0], title="moving", content=copy, dataset=dataset_of(open_portfolio(copy), ROLES)
    )
    packed = pack(replace(opened, id="moving", data=(item,)))

    pd.read_parquet(copy / "part-2.parquet").head(10).to_parquet(copy / "part-2.parquet", index=False)
    with pytest.raises(UnreadableFile, match="the files of `moving` have changed since the case was kept"):
        unpack(packed, "again")
    shutil.rmtree(copy)
    with pytest.raises(UnreadableFile, match="`moving` is not in the folder of data on this server any more"):
        unpack(packed, "again")


def test_no_queue_is_filled_with_a_sample(opened: Case) -> None:
    from rai_dash.data.all_rows import require_all_rows

    with pytest.raises(InvalidChoice, match="only 1,000 of 6,000 are in memory"):
        require_all_rows(opened.data[0].dataset, "Filling a review queue")


def test_a_batch_is_counted_where_it_lies_for_the_monitor(open_page: Open, opened: Case) -> None:
    case = replace(opened, id="monitored-portfolio-of-the-tests-0123456789")
    at = open_page("monitor", case=case)
    assert "Count all 6,000 rows" in [b.label for b in at.button]

    pressed(at, "start_monitor_count")

    text = shown(at)
    assert "6,000 applications, the outcome of all is known" in text


def test_what_is_stated_says_what_was_counted_what_is_sampled_and_what_the_fingerprint_is_of(
    opened: Case,
) -> None:
    view = View(opened, Choices(case=opened.id))

    policy = policy_on_page(bench_of(view), SAID, "loans-of-the-tests")

    assert (policy.data.rows, policy.data.rows_judged) == (6_000, 6_000)
    assert policy.data.sha256 == opened.data[0].dataset.fingerprint
    told = [w.message for w in policy.warnings_shown if w.code == "counted_in_place"]
    said = (
        "6,000 rows were counted where they lie (3 Parquet files); figures that need single rows are of a sample of "
        "1,000. The fingerprint of the data is of the names, sizes and footers of the files."
    )
    assert told == [said]


def test_two_tables_that_lie_there_are_compared_over_all_rows(
    open_page: Open, opened: Case, place: Path, table: pd.DataFrame
) -> None:
    now = place.parent / "now"
    now.mkdir(exist_ok=True)
    table.assign(income=table["income"] * 2).iloc[:5_000].to_parquet(now / "part-0.parquet", index=False)
    item = CaseData(
        key="production", title="now", role=DataRole.PRODUCTION, source="uploaded", content=now,
        dataset=dataset_of(open_portfolio(now), ROLES.with_(bins=opened.data[0].dataset.roles.bins)),
    )  # fmt: skip
    case = replace(opened, id="two-portfolios-of-the-tests-0123456789").with_data(item)

    changed = shown(open_page("changed", case=case, changed="data"))
    shift = shown(open_page("shift", case=case))

    assert "6,000 rows before, 5,000 now" in changed
    assert (
        "only a sample of the rows is in memory, so single rows are not looked for in the other table"
        in changed
    )
    assert "6,000 rows" in shift
    assert "5,000 rows" in shift


def test_a_case_that_is_dropped_lets_its_process_go_and_it_starts_again_when_it_is_needed(
    opened: Case,
) -> None:
    portfolio = opened.data[0].dataset.portfolio
    assert portfolio is not None
    store = CaseStore(limit=1, ttl_s=60)
    store.put(opened)
    engine = portfolio.engine
    assert isinstance(engine, ProcessEngine)

    store.put(replace(opened, id="another", data=()))

    assert engine._child is None
    assert int(engine.tally(Tally()).column("n")[0].as_py()) == 6_000
