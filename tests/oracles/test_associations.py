"""Every measure of a pair against scipy, scikit-learn, dython and phik on published data, and where they differ.

Named differences, each with a test below that closes it:

* blanks are a category of our tables; the others drop them or are told to keep them;
* numbers are cut by our rule (deciles, or their values), phik's own default is ten bins of equal width;
* dython's correlation ratio of a single category is 0, ours is undefined;
* dython and phik correct tables of two by two after Yates, scipy can be told not to, ours does not.
"""

from __future__ import annotations

import itertools
import math
import warnings
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest
from dython import nominal
from phik.bivariate import phik_from_chi2
from phik.phik import phik_from_hist2d, phik_matrix
from scipy.stats import chi2_contingency, pearsonr, spearmanr
from scipy.stats.contingency import association
from sklearn.metrics import normalized_mutual_info_score

from rai_dash.data import associations as kinds
from rai_dash.data.associations import AssociationMatrix, associations


class Table(NamedTuple):
    """A published table and its columns by kind."""

    frame: pd.DataFrame
    numbers: list[str]
    labels: list[str]

    def of(self, measure: str) -> AssociationMatrix:
        """Our matrix of all columns, numbers first."""
        return associations(self.frame, [*self.numbers, *self.labels], measure)

    def tabled(self) -> dict[str, np.ndarray]:
        """Each column as codes of the labels that stand in our tables, made without our code."""
        return {c: pd.factorize(_labels(self.frame[c]))[0] for c in (*self.numbers, *self.labels)}


FILES = {
    "census": ("census-loan/census.csv.gz", {"index_col": 0, "skipinitialspace": True}),
    "german": ("german-credit/german_credit_decoded.csv.gz", {}),
    "boston": ("boston-mortgage/loanapp.csv.gz", {}),
}


@pytest.fixture(scope="module", params=list(FILES))
def table(request: pytest.FixtureRequest, shared) -> Table:
    path, options = FILES[request.param]
    frame = pd.read_csv(shared / "data" / path, keep_default_na=request.param != "german", **options)
    if request.param == "german":
        # The published file has no blank: some are made, so that both ways to treat them are met.
        rng = np.random.default_rng(3)
        for c in ("age_in_years", "purpose", "credit_amount", "housing"):
            frame[c] = frame[c].mask(rng.random(len(frame)) < 0.1)
    if request.param == "boston":
        # All its columns are numbers; those of few values are made labels, so that every kind of pair is met.
        for c in frame:
            if frame[c].nunique() <= 5:
                frame[c] = frame[c].map("v{:g}".format, na_action="ignore")
    frame = frame.sample(min(len(frame), 4000), random_state=0).reset_index(drop=True)
    columns = [c for c in frame if frame[c].value_counts().size > 1]
    numbers = [c for c in columns if frame[c].dtype.kind in "if"][:8]
    labels = [c for c in columns if frame[c].dtype.kind not in "if"][:8]
    return Table(frame[numbers + labels], numbers, labels)


def _labels(series: pd.Series) -> np.ndarray:
    if series.dtype.kind not in "if" or series.nunique() <= 20:
        return series.astype("object").where(series.notna(), "blank").astype(str).to_numpy()
    known = series.dropna()
    common = known.value_counts().index[0]
    edges = set(known.quantile([q / 10 for q in range(1, 10)]))
    if (known == common).mean() > 0.5:
        rest = known[known != common]
        above = rest[rest > common]
        edges = {
            *rest.quantile([q / 10 for q in range(1, 10)]),
            common,
            *([above.min()] if len(above) else []),
        }
    return np.array(["blank" if math.isnan(v) else str(sum(v >= e for e in edges)) for v in series])


def _pairs(count: int) -> list[tuple[int, int]]:
    return list(itertools.combinations(range(count), 2))


def test_pearson_and_spearman_are_those_of_scipy_over_rows_with_both(table):
    linear, ranked = table.of(kinds.PEARSON), table.of(kinds.SPEARMAN)

    for i, j in _pairs(len(table.numbers)):
        both = table.frame[[table.numbers[i], table.numbers[j]]].dropna()
        assert linear.n[i, j] == ranked.n[i, j] == len(both)
        assert linear.value[i, j] == pytest.approx(pearsonr(*both.to_numpy().T).statistic, abs=1e-10)
        assert ranked.value[i, j] == pytest.approx(spearmanr(*both.to_numpy().T).statistic, abs=1e-10)


def test_corrected_v_is_dythons_with_blanks_as_a_label(table):
    ours, labels = table.of(kinds.CRAMER), table.tabled()

    # dython takes some 30 ms a pair: a fixed third of them.
    for (i, a), (j, b) in list(itertools.combinations(enumerate(labels), 2))[::3]:
        theirs = nominal.cramers_v(labels[a], labels[b], bias_correction=True)
        counts = pd.crosstab(labels[a], labels[b]).to_numpy()
        if counts.shape == (2, 2):
            assert theirs == pytest.approx(_corrected(counts, yates=True), abs=1e-9)
            theirs = _corrected(counts, yates=False)
        assert ours.value[i, j] == pytest.approx(theirs, abs=1e-9), (a, b)


def _corrected(counts: np.ndarray, *, yates: bool) -> float:
    """V corrected for bias of a table of two by two (Bergsma 2013)."""
    n = counts.sum()
    phi2 = max(0.0, chi2_contingency(counts, correction=yates).statistic / n - 1 / (n - 1))
    return math.sqrt(phi2 / (1 - 1 / (n - 1)))


def test_v_before_the_correction_is_scipys(table):
    from rai_dash.data.pairs import PLAIN_V, measures

    labels = table.tabled()
    for a, b in itertools.combinations(table.labels, 2):
        ours = {m.measure: m.value for m in measures(table.frame, a, b)}[PLAIN_V]
        counts = pd.crosstab(labels[a], labels[b]).to_numpy()
        assert ours == pytest.approx(association(counts, method="cramer", correction=False), abs=1e-12)


def test_the_correlation_ratio_is_dythons_over_rows_with_both(table):
    ours = table.of(kinds.ETA)

    for i, number in enumerate(table.numbers):
        for j, label in enumerate(table.labels, start=len(table.numbers)):
            both = table.frame[[number, label]].dropna()
            theirs = nominal.correlation_ratio(both[label], both[number])
            assert ours.value[i, j] == pytest.approx(theirs, abs=1e-9), (number, label)
            assert ours.n[i, j] == len(both)


def test_mutual_information_is_scikit_learns_with_the_geometric_mean(table):
    ours, labels = table.of(kinds.MUTUAL), table.tabled()

    for (i, a), (j, b) in itertools.combinations(enumerate(labels), 2):
        theirs = normalized_mutual_info_score(labels[a], labels[b], average_method="geometric")
        assert ours.value[i, j] == pytest.approx(theirs, abs=1e-10), (a, b)


def test_phi_k_is_phiks_on_the_same_bins(table):
    ours, labels = table.of(kinds.PHI_K), table.tabled()

    # phik takes some 50 ms a pair: a fixed third of them.
    for (i, a), (j, b) in list(itertools.combinations(enumerate(labels), 2))[::3]:
        counts = pd.crosstab(labels[a], labels[b]).to_numpy()
        theirs = phik_from_hist2d(counts)
        if counts.shape == (2, 2):
            # phik corrects after Yates; without it, through its own inversion, it agrees.
            plain = chi2_contingency(counts, correction=False).statistic
            theirs = phik_from_chi2(plain, counts.sum(), 2, 2, pedestal=1)
        # phik stops its search at 1e-5 and integrates the limit of correlation 1 numerically.
        assert ours.value[i, j] == pytest.approx(theirs, abs=2e-5), (a, b)


def test_on_bins_of_equal_width_phi_k_is_that_of_phiks_own_matrix(table):
    """Its default bins are another choice than ours; on them the formula gives the same."""
    number = next(c for c in ("capital-gain", "credit_amount", "loanamt") if c in table.frame)
    other = next(c for c in table.labels if table.frame[c].value_counts().size > 2)
    pair = table.frame[[number, other]].dropna()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = phik_matrix(pair, interval_cols=[number], verbose=False, njobs=1).iloc[0, 1]
    edges = np.linspace(pair[number].min(), pair[number].max(), 11)
    cut = pair.assign(**{number: np.clip(np.digitize(pair[number], edges), 1, 10).astype(str)})

    assert associations(cut, [number, other], kinds.PHI_K).value[0, 1] == pytest.approx(theirs, abs=2e-5)


def test_dythons_correlation_ratio_of_a_single_category_is_zero_and_ours_undefined():
    frame = pd.DataFrame({"one": ["k"] * 50, "a": list("xy") * 25, "x": range(50)})

    assert np.isnan(associations(frame, ["one", "x"]).value[0, 1])
    assert nominal.correlation_ratio(frame["one"], frame["x"]) == 0.0
