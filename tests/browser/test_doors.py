"""Every kind of file through the browser: tables in any dress, models of each format, and what is refused."""

from __future__ import annotations

import gzip
import os
import re
import zipfile
from pathlib import Path

import driving
import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Visit

os.environ["ORT_DISABLE_TELEMETRY"] = "1"

TARGET = "credit_risk"


@pytest.fixture(scope="module")
def german(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, pd.DataFrame]:
    """A folder, and German credit in words."""
    raw = gzip.decompress((shared / "data/german-credit/german_credit_decoded.csv.gz").read_bytes())
    folder = tmp_path_factory.mktemp("doors")
    (folder / "source.csv").write_bytes(raw)
    return folder, pd.read_csv(folder / "source.csv", keep_default_na=False)


def _upload(page: Page, label: str, path: Path) -> None:
    box = page.locator("[data-testid=stFileUploader]").filter(has_text=label)
    box.locator("input[type=file]").set_input_files(str(path))
    page.wait_for_timeout(500)
    driving.settle(page, timeout_s=120)


def _place(page: Page) -> Locator:
    return page.locator("[data-testid=stMain]")


def _main(page: Page) -> str:
    text = _place(page).inner_text()
    assert page.locator("[data-testid=stException]").count() == 0
    assert "Something went wrong" not in text
    return text.replace("\N{WORD JOINER}", "")


def _dressed(folder: Path, frame: pd.DataFrame, dress: str) -> Path:
    path = folder / f"loans.{dress}"
    if dress == "xlsx":
        with pd.ExcelWriter(path) as book:
            frame.to_excel(book, sheet_name="Loans", index=False)
            frame.head(3).to_excel(book, sheet_name="Sample", index=False)
    elif dress == "zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("folder/loans.csv", frame.to_csv(index=False))
    elif dress == "parquet":
        frame.to_parquet(path)
    elif dress == "feather":
        frame.to_feather(path)
    else:
        path.write_bytes(gzip.compress(frame.to_csv(index=False, sep=";", decimal=",").encode("utf-16")))
    return path


@pytest.mark.parametrize("dress", ["xlsx", "zip", "parquet", "feather", "csv.gz"])
def test_the_same_table_in_any_dress_has_the_same_rows_and_approvals(
    visit: Visit, german: tuple[Path, pd.DataFrame], dress: str
) -> None:
    folder, frame = german
    page = visit()

    _upload(page, "Data file", _dressed(folder, frame, dress))

    text = _main(page)
    assert f"loans.{dress}, training or test data: 1,000 rows, 22 columns" in text
    assert f"Favourable: {TARGET} = good" in text


def _models(folder: Path, frame: pd.DataFrame) -> dict[str, tuple[Path, np.ndarray]]:
    """Train one model of each format; return its file and the library's own probability of good."""
    import lightgbm
    import skops.io
    import xgboost
    from skl2onnx import to_onnx
    from skl2onnx.common.data_types import FloatTensorType, StringTensorType
    from sklearn.compose import make_column_transformer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    features = frame.drop(columns=[TARGET])
    numbers = list(features.select_dtypes("number"))
    words = [c for c in features if c not in numbers]
    good = (frame[TARGET] == "good").astype(int)
    coded = features.astype(dict.fromkeys(words, "category"))
    pipeline = make_pipeline(
        make_column_transformer(
            (OneHotEncoder(handle_unknown="ignore"), words), (StandardScaler(), numbers), sparse_threshold=0
        ),
        LogisticRegression(max_iter=1000),
    ).fit(features, frame[TARGET])
    types = [(c, (FloatTensorType if c in numbers else StringTensorType)([None, 1])) for c in features]
    onnx = to_onnx(pipeline, initial_types=types, options={"zipmap": False}).SerializeToString()
    trees = lightgbm.train(
        {"objective": "binary", "verbose": -1, "num_threads": 1}, lightgbm.Dataset(coded, good), 20
    )
    boosted = xgboost.XGBClassifier(n_estimators=20, enable_categorical=True, n_jobs=1).fit(coded, good)
    p = pipeline.predict_proba(features)[:, 1]
    skops.io.dump(pipeline, folder / "m.skops")
    (folder / "m.onnx").write_bytes(onnx)
    trees.save_model(folder / "m.txt")
    boosted.get_booster().save_model(folder / "m.ubj")
    return {
        "skops": (folder / "m.skops", p),
        "onnx": (folder / "m.onnx", p),
        "lightgbm": (folder / "m.txt", np.asarray(trees.predict(coded))),
        "xgboost": (folder / "m.ubj", boosted.predict_proba(coded)[:, 1].astype(np.float64)),
    }


@pytest.fixture(scope="module")
def models(german: tuple[Path, pd.DataFrame]) -> dict[str, tuple[Path, np.ndarray]]:
    return _models(*german)


@pytest.mark.parametrize("kind", ["skops", "onnx", "lightgbm", "xgboost"])
def test_a_model_of_each_format_gives_the_scores_that_its_library_gave(
    visit: Visit,
    german: tuple[Path, pd.DataFrame],
    models: dict[str, tuple[Path, np.ndarray]],
    kind: str,
) -> None:
    folder, frame = german
    path, expected = models[kind]
    table = folder / f"{kind}.csv"
    frame.assign(score=expected).to_csv(table, index=False)
    page = visit()
    _upload(page, "Data file", table)

    _upload(page, "Model file", path)

    found = re.search(
        r"practically equal: they differ by at most (\S+) on 1,000 rows and decide (\d+)", _main(page)
    )
    assert found is not None
    assert float(found[1]) <= (5e-7 if kind == "onnx" else 0.0)
    assert found[2] == "0"


def test_a_model_in_the_door_for_tables_is_moved_by_a_button_and_a_table_back(
    visit: Visit, german: tuple[Path, pd.DataFrame], models: dict[str, tuple[Path, np.ndarray]]
) -> None:
    folder, frame = german
    table = folder / "wrong_slot.csv"
    frame.to_csv(table, index=False)
    page = visit()
    _upload(page, "Model file", table)
    assert "This is a text table, not a model file" in _main(page)
    page.get_by_role("button", name="Open it as data").click()
    expect(_place(page)).to_contain_text("wrong_slot.csv, training or test data: 1,000 rows", timeout=60_000)
    driving.settle(page)

    _upload(page, "Data file", models["lightgbm"][0])
    assert "not a table" in _main(page)
    page.get_by_role("button", name="Use it as the model").click()

    expect(_place(page)).to_contain_text("LightGBM, 20 trees", timeout=60_000)


def test_a_table_that_was_read_wrongly_is_read_again_as_the_user_says(visit: Visit, tmp_path: Path) -> None:
    table = tmp_path / "codes.csv"
    rows = "".join(f"{'?' if i % 10 == 0 else i},{'yes' if i % 3 else 'no'}\n" for i in range(60))
    table.write_text("income,approved\n" + rows, encoding="utf-8")
    page = visit()
    _upload(page, "Data file", table)
    page.get_by_text("How codes.csv was read").click()
    page.wait_for_timeout(500)
    box = page.get_by_label("These mean “missing”, not a value")
    box.click()
    box.press_sequentially("income")
    page.get_by_role("option", name="income: ? (6 rows)").wait_for()
    page.wait_for_timeout(500)
    box.press("Enter")
    expect(page.locator("[data-testid=stMultiSelect]").first).to_contain_text("income: ? (6 rows)")
    page.keyboard.press("Escape")

    page.get_by_role("button", name="Read it this way").click()
    driving.settle(page)

    page.get_by_text("Noticed while reading and scoring").click()
    assert "Favourable: approved = yes" in _main(page)
    assert (
        "6"
        in page.get_by_text(re.compile("count as missing|counted as missing|are missing")).first.inner_text()
    )


def test_after_each_refusal_the_next_file_works_and_the_case_is_as_it_was(
    visit: Visit, german: tuple[Path, pd.DataFrame], tmp_path: Path
) -> None:
    folder, frame = german
    good = folder / "good.csv"
    frame.to_csv(good, index=False)
    refused = {
        "ragged.csv": (b"a,b\n1,2\n1,2,3\n", "Line 3 has 3 fields, the header has 2"),
        "page.csv": (b"<html><body>Sign in</body></html>", "HTML"),
        "model.csv": (b"\x80\x04\x95\x05\x00\x00\x00\x00\x00\x00\x00K\x01.", "Python pickle file"),
        "empty.csv": (b"", "The file is empty"),
    }
    page = visit()
    for name, (content, words) in refused.items():
        path = tmp_path / name
        path.write_bytes(content)
        _upload(page, "Data file", path)
        assert words in _main(page)
        assert "Past applications (8,000), training or test data: 8,000 rows" in _main(page)

    _upload(page, "Data file", good)

    expect(page.locator("[data-testid=stMain]")).to_contain_text(
        "good.csv, training or test data: 1,000 rows"
    )


def test_hostile_names_are_shown_letter_by_letter(visit: Visit, tmp_path: Path) -> None:
    name = "**bold** [a](https://evil.example) <b>x</b> $x$ :red[y]"
    rows = "".join(f"{i % 2},{name} {i % 2},0.{i % 9 + 1},{i}\n" for i in range(80))
    path = tmp_path / "names.csv"
    path.write_text(f'approved,gender,score,"{name}"\n{rows}', encoding="utf-8")
    page = visit()
    _upload(page, "Data file", path)
    query = page.url.split("?", 1)[1]

    for place in ("fairness", "performance", "explain", "data", "correlations"):
        visit(f"{place}?{query}", page)
        shown = _main(page)
        assert page.locator("[data-testid=stMain] :is(a[href*='evil'], b, .katex)").count() == 0
        if "bold" in shown:
            # Axes cut long names; what is left is still letter by letter.
            at = shown.index("bold") - 2
            assert shown[at : at + 20] == name[:20], place
