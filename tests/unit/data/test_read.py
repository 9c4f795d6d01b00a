from __future__ import annotations

import hashlib

import pandas as pd
import pytest

from rai_dash.core.errors import InvalidRoles, MissingColumn, UnreadableFile
from rai_dash.core.settings import get_settings
from rai_dash.core.types import Roles
from rai_dash.data.read import read_dataset

CSV = b"loan,sex\nyes,f\nno,m\n"
LOAN = Roles(target="loan", favourable=("yes",))


def test_a_table_comes_from_its_own_process_with_roles_name_and_fingerprint():
    dataset = read_dataset(CSV, LOAN, name="mine")

    assert dataset.outcome.tolist() == [1, 0]
    assert (dataset.name, dataset.n_rows, dataset.columns) == ("mine", 2, ("loan", "sex"))
    assert dataset.fingerprint == hashlib.sha256(CSV).hexdigest()


def test_a_path_gives_the_name(tmp_path):
    path = tmp_path / "loans.csv"
    path.write_bytes(b"a;b\n1;x\n2; NA\n")

    dataset = read_dataset(str(path))

    assert dataset.name == "loans.csv"
    assert {n.code for n in dataset.warnings} == {"missing_code", "trimmed"}


def test_a_path_that_is_not_there_is_said(tmp_path):
    with pytest.raises(UnreadableFile, match=r"nowhere\.csv. cannot be read: No such file"):
        read_dataset(tmp_path / "nowhere.csv")


@pytest.mark.parametrize(
    ("content", "kind", "words"),
    [(b"\x80\x04.", UnreadableFile, "pickle"), (b"a,b\n1\n", UnreadableFile, "Line 2 has 1 field")],
)
def test_the_refusal_of_either_process_reaches_the_caller(content, kind, words):
    with pytest.raises(kind, match=words):
        read_dataset(content)


def test_wrong_roles_are_named():
    with pytest.raises(MissingColumn, match="`loan`"):
        read_dataset(CSV, Roles(target="laon", favourable=("yes",)))
    with pytest.raises(InvalidRoles, match=r"'Yes'.*Did you mean 'yes'"):
        read_dataset(CSV, Roles(target="loan", favourable=("Yes",)))


def test_a_file_over_the_upload_limit_is_not_even_parsed(monkeypatch):
    monkeypatch.setattr(get_settings(), "max_upload_mb", 0)

    with pytest.raises(UnreadableFile, match="larger than 0 MB"):
        read_dataset(CSV)


REAL = [
    ("census-loan/census", 32561, {"skipinitialspace": True}),
    ("german-credit/german_credit_decoded", 1000, {}),
    ("german-credit/german_credit_coded", 1000, {}),
    ("german-credit/south_german_credit", 1000, {"sep": " "}),
    ("boston-mortgage/loanapp", 1989, {}),
    ("hmda-pricing/hmda_2018_pricing_test", 39662, {}),
    ("taiwan-default/credit_card_clients", 30000, {}),
    ("story/group_production_110", 110, {}),
]


@pytest.mark.parametrize(("name", "rows", "options"), REAL)
def test_published_files_are_read_as_pandas_reads_them(shared, parse, name, rows, options):
    (path,) = (shared / "data").glob(f"{name}.*.gz")
    oracle = pd.read_csv(path, keep_default_na=False, na_values=[""], **options)

    frame, _ = parse(path.read_bytes())

    assert frame.shape == oracle.shape
    assert len(frame) == rows
    for ours, theirs in zip(frame.columns, oracle.columns, strict=True):
        pd.testing.assert_series_equal(frame[ours], oracle[theirs], check_names=False)
