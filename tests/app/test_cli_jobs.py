"""`rai-dash score` and `explain` on tables of any size: parts, what they hold, and how a run ends and goes on."""

from __future__ import annotations

import gc
import json
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import csv

from rai_dash.case import Case, CaseData, CaseModel, DataRole, judge
from rai_dash.core.settings import get_settings
from rai_dash.core.types import Roles
from rai_dash.data.portfolio.opening import dataset_of, open_portfolio
from rai_dash.data.read import read_dataset
from rai_dash.models import portfolio_scores
from rai_dash.models.client import load_model
from rai_dash.models.row_worker import RowWorker
from tests.command import command
from tests.in_process import play
from tests.jobs import expected, loans, trained

CLASS = ("--model-class", "1")
N = 3_000


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A table as a folder of three parts and as a file, and a model."""
    folder = tmp_path_factory.mktemp("jobs")
    (folder / "parts").mkdir()
    table = loans(N)
    for i in range(3):
        pq.write_table(table.slice(1_000 * i, 1_000), folder / "parts" / f"{i}.parquet")
    pq.write_table(table, folder / "one.parquet")
    (folder / "model.ubj").write_bytes(trained())
    (folder / "other.ubj").write_bytes(trained(2))
    return folder


@pytest.fixture(autouse=True)
def one_process(request, monkeypatch):
    """Start no process, but where the test is of the processes themselves."""
    if "locked" not in request.node.name:
        play(monkeypatch)


def score(files, data, out, *more, model="model.ubj"):
    return command("score", files / data, "--model", files / model, *CLASS, "--out", out, *more)


def scores(path):
    return pq.read_table(path)["score"].to_numpy()


def stamps(out):
    return [(p.name, p.stat().st_ino, p.stat().st_mtime_ns) for p in sorted(out.glob("part-*"))]


def test_the_locked_process_of_a_job_reads_scores_and_answers_in_order(files, tmp_path):
    portfolio = open_portfolio(files / "parts")
    with load_model(trained(), model_class="1") as model:
        portfolio_scores.score_parts(portfolio, model, tmp_path / "out")

    np.testing.assert_array_equal(scores(tmp_path / "out"), expected(trained(), loans(N)))


def test_a_folder_is_scored_part_by_part_and_not_again(files, tmp_path):
    out = tmp_path / "out"
    done = score(files, "parts", out, "--keep", "id", "--keep", "region")

    assert done.returncode == 0, done.stderr
    assert f"{out}: 3,000 rows in 3 parts." in done.stderr
    found = pq.read_table(out)
    assert found.column_names == ["id", "region", "score", "unseen"]
    np.testing.assert_array_equal(found["score"], expected(trained(), loans(N)))
    assert found["id"].to_pylist() == list(range(N))
    assert found["region"].to_pylist() == loans(N)["region"].to_pylist()
    unseen = sum(text == "R9" for text in loans(N)["region"].to_pylist())
    assert f"Note: {unseen:,} rows have a category that the model has never seen" in done.stderr

    before = stamps(out)
    assert score(files, "parts", out, "--keep", "id", "--keep", "region").returncode == 0
    assert stamps(out) == before

    assert score(files, "parts", out, "--quiet", model="other.ubj").returncode == 0
    np.testing.assert_array_equal(scores(out), expected(trained(2), loans(N)))


def test_a_small_file_becomes_one_file_as_ever(files, tmp_path):
    out = tmp_path / "scores.parquet"
    done = score(files, "one.parquet", out)

    assert done.returncode == 0, done.stderr
    assert pq.read_table(out).column_names == ["score"]
    np.testing.assert_array_equal(scores(out), expected(trained(), loans(N)))
    assert score(files, "one.parquet", out, "--keep", "id").returncode == 0
    assert pq.read_table(out).column_names == ["id", "score"]


def test_a_single_file_is_cut_where_the_result_is_to_be_a_folder_or_it_is_too_large(
    files, tmp_path, monkeypatch
):
    done = score(files, "one.parquet", f"{tmp_path}/a/", "--part-rows", 1_100)
    assert "3,000 rows in 3 parts" in done.stderr
    np.testing.assert_array_equal(scores(tmp_path / "a"), expected(trained(), loans(N)))

    with monkeypatch.context() as patch:
        patch.setenv("RAI_DASH_MAX_ROWS", "2999")
        get_settings.cache_clear()
        done = score(files, "one.parquet", tmp_path / "b")
    get_settings.cache_clear()
    assert "3,000 rows in 1 part." in done.stderr
    np.testing.assert_array_equal(scores(tmp_path / "b"), expected(trained(), loans(N)))


def test_ctrl_c_leaves_a_folder_that_the_same_command_finishes(files, tmp_path, monkeypatch):
    results = RowWorker.results

    def interrupted(self, op, pieces, *columns, **more):
        for i, batch in enumerate(results(self, op, pieces, *columns, **more)):
            if i == 1:
                raise KeyboardInterrupt
            yield batch

    with monkeypatch.context() as patch:
        patch.setattr(RowWorker, "results", interrupted)
        done = score(files, "parts", tmp_path / "out")

    assert done.returncode == 130
    assert done.stderr.splitlines()[-1] == (
        f"Stopped. 1 of 3 parts are finished in `{tmp_path / 'out'}`; the same command goes on from there."
    )
    assert [name for name, *_ in stamps(tmp_path / "out")] == ["part-00000.parquet"]
    before = stamps(tmp_path / "out")
    assert score(files, "parts", tmp_path / "out").returncode == 0
    assert stamps(tmp_path / "out")[:1] == before
    np.testing.assert_array_equal(scores(tmp_path / "out"), expected(trained(), loans(N)))


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--keep", "regoin"], "no column `regoin`. Closest names here: `region`."),
        (["--keep", "id", "--keep", "id"], "`id` cannot be kept"),
        (["--read", "part=x"], "--read is for a table that is read at once"),
        (["--spark-master", "local[2]"], "Add --engine spark"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(files, tmp_path, more, words):
    done = score(files, "parts", tmp_path / "out", *more)

    assert done.returncode == 2
    assert words in done.stderr
    assert not (tmp_path / "out").exists()


def test_the_folder_of_the_table_is_not_for_the_results(files):
    done = score(files, "parts", files / "parts")

    assert done.returncode == 2
    assert "nothing was changed" in done.stderr
    assert len(list((files / "parts").iterdir())) == 3


def test_every_row_is_explained_and_adds_up_to_the_models_own_margin(files, tmp_path):
    out = tmp_path / "out"
    given = ("explain", files / "parts", "--model", files / "model.ubj", *CLASS, "--keep", "id", "--out", out)
    done = command(*given, "--background", files / "one.parquet", "--quiet")

    assert done.returncode == 0, done.stderr
    assert (
        "3,000 rows in 3 parts. Exact tree kernel, interventional, against 3,000 reference rows"
        in done.stderr
    )
    found = pq.read_table(out).to_pandas()
    everyone = tmp_path / "everyone.parquet"
    small = command(
        "explain", files / "one.parquet", "--model", files / "model.ubj", *CLASS, "--all", everyone
    )
    assert small.returncode == 0, small.stderr
    theirs = pq.read_table(everyone).to_pandas()
    names = ["base", "output", *(c for c in theirs if c.startswith("shap: "))]
    assert list(found) == ["id", "base", "output", "additivity_error", *names[2:]]
    np.testing.assert_allclose(found[names], theirs[names], rtol=0, atol=1e-6)
    own = expected(trained(), loans(N))
    np.testing.assert_allclose(found["output"], np.log(own / (1 - own)), atol=1e-4)
    np.testing.assert_allclose(found[names[2:]].sum(axis=1) + found["base"], found["output"], atol=1e-5)
    manifest = json.loads((out / "_manifest.json").read_text())
    assert manifest["about"]["space"] == "log-odds"
    assert manifest["sums"]["additivity_error"]["largest"] == found["additivity_error"].max()

    before = stamps(out)
    assert command(*given, "--background", files / "one.parquet", "--quiet").returncode == 0
    assert stamps(out) == before
    other = command(*given, "--background", files / "parts", "--background-rows", 500, "--quiet")
    assert "against 500 reference rows" in other.stderr
    assert {name for name, *_ in stamps(out)} == {name for name, *_ in before}
    assert not set(stamps(out)) & set(before)


def test_what_only_a_small_table_has_is_refused_with_a_folder_of_explanations(files, tmp_path):
    done = command(
        "explain",
        files / "parts",
        "--model",
        files / "model.ubj",
        *CLASS,
        "--out",
        tmp_path / "out",
        "--rows",
        "0",
    )

    assert done.returncode == 2
    assert "--rows is for a table that is read at once" in done.stderr


def test_a_portfolio_that_a_model_has_scored_is_counted_by_its_scores(files, tmp_path):
    """A column called like the results is in its way nowhere."""
    (tmp_path / "table").mkdir()
    table = loans(N).append_column("score", pa.array(np.full(N, 0.125)))
    pq.write_table(table, tmp_path / "table" / "only.parquet")
    portfolio = open_portfolio(tmp_path / "table")
    with load_model(trained(), model_class="1") as model:
        assert not portfolio_scores.is_scored(portfolio, model)
        told = []
        scored = portfolio_scores.score_portfolio(
            portfolio, model, tmp_path / "scores", on_progress=lambda *given: told.append(given)
        )

        assert told[-1] == (N, N, "rows scored")
        assert portfolio_scores.is_scored(portfolio, model)
        assert portfolio_scores.scored_of(portfolio, model) is scored
        assert scored.scored_by == (model.info.fingerprint, "1")
    with load_model(trained(2), model_class="1") as other:
        assert not portfolio_scores.is_scored(portfolio, other)
    assert scored.columns == portfolio.columns == tuple(table.column_names)
    frame = scored.engine.head(["id", "score", "rai_dash_score"], N).to_pandas().sort_values("id")
    np.testing.assert_array_equal(frame["score"], np.full(N, 0.125))
    np.testing.assert_array_equal(frame["rai_dash_score"], expected(trained(), loans(N)))


def test_scores_of_a_file_that_was_cut_stand_beside_its_rows(files, tmp_path):
    portfolio = open_portfolio(files / "one.parquet")
    with load_model(trained(), model_class="1") as model:
        portfolio_scores.score_parts(
            portfolio, model, tmp_path / "scores", portfolio_scores.ScoreOptions(piece_rows=700)
        )
        found = portfolio_scores.with_scores(
            portfolio, tmp_path / "scores", portfolio_scores.scoring_of(model)
        )
    assert len(list((tmp_path / "scores").glob("part-*"))) == 5
    frame = found.engine.head(["id", "rai_dash_score"], N).to_pandas().sort_values("id")
    np.testing.assert_array_equal(frame["rai_dash_score"], expected(trained(), loans(N)))
    assert "rai_dash_score" not in dataset_of(found).columns


def test_scores_stand_beside_text_files_too(files, tmp_path):
    (tmp_path / "texts").mkdir()
    for i in range(2):
        rows = loans(N).select(["id", "region", "income", "age"]).slice(1_500 * i, 1_500)
        csv.write_csv(rows, tmp_path / "texts" / f"{i}.csv")
    portfolio = open_portfolio(tmp_path / "texts")
    content = trained(inputs=("region", "income", "age"))
    with load_model(content, model_class="1") as model:
        scored = portfolio_scores.score_portfolio(portfolio, model, tmp_path / "scores")
    del portfolio
    gc.collect()  # the copy of the texts has to outlive the table that it was made for

    found = scored.engine.head(["id", "rai_dash_score"], N).to_pandas().sort_values("id")
    np.testing.assert_array_equal(found["rai_dash_score"], expected(content, loans(N)))


def test_a_background_may_say_which_rows_were_trained_on(files, tmp_path):
    table = loans(900).append_column("part", pa.array(["train"] * 700 + ["test"] * 200))
    pq.write_table(table, tmp_path / "background.parquet")
    given = ("explain", files / "parts", "--model", files / "model.ubj", *CLASS, "--quiet", "--split", "part")
    done = command(*given, "--out", tmp_path / "out", "--background", tmp_path / "background.parquet")

    assert done.returncode == 0, done.stderr
    assert "against 700 reference rows" in done.stderr
    assert "Name the table with --background" in command(*given, "--out", tmp_path / "other").stderr


def test_a_case_counts_all_rows_once_its_model_has_scored_them(files, tmp_path):
    portfolio = open_portfolio(files / "parts")
    roles = Roles(sensitive=("owner",))
    whole = read_dataset(files / "one.parquet", roles)
    with load_model(trained(), model_class="1") as model:
        data = CaseData(key="d", title="d", role=DataRole.PRODUCTION, dataset=dataset_of(portfolio, roles))
        case = Case(id="c", title="c", data=(data,), models=(CaseModel(key="m", title="m", model=model),))
        assert case.judge("d", "m").whole is None

        portfolio_scores.score_portfolio(portfolio, model, tmp_path / "scores")
        found = case.judge("d", "m")
        in_memory = judge(replace(data, dataset=whole), case.models[0])
    assert found.n_counted == N
    for columns in [(), ("owner",)]:
        assert found.counts(columns).groups == in_memory.counts(columns).groups
        np.testing.assert_array_equal(found.counts(columns).n, in_memory.counts(columns).n)
