"""Five published data sets with a seeded model each, read by the product and, for the oracles, by pandas alone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import rai_dash
from rai_dash.core.counts import GroupCounts
from rai_dash.core.types import Roles
from rai_dash.data.counting import count
from rai_dash.data.dataset import Dataset
from rai_dash.data.groups import cross, group_index

AGES = (25.0, 35.0, 50.0, 65.0)


@dataclass(frozen=True)
class Spec:
    """What a data set is used for, in its own words."""

    path: str
    roles: Roles
    crosses: tuple[tuple[str, str], ...]
    features: tuple[str, ...]
    #: Privileged group of each sensitive column, for the oracles that know pairs only, and the other of the pair.
    pairs: Mapping[str, tuple[str, str]]
    weight: str
    trees: bool = False


SPECS = {
    "census": Spec(
        "census-loan/census.csv.gz",
        Roles(
            target="loan",
            favourable=(">50K",),
            sensitive=("gender", "ethnicity", "age", "marital-status"),
            bins={"age": AGES},
            ignored=("Unnamed: 0",),
        ),
        (("gender", "ethnicity"), ("ethnicity", "marital-status")),
        ("age", "education-num", "capital-gain", "hours-per-week"),
        {"gender": ("Male", "Female"), "ethnicity": ("White", "Black"), "age": ("[35, 50)", "[-inf, 25)")},
        "hours-per-week",
    ),
    "german": Spec(
        "german-credit/german_credit_decoded.csv.gz",
        Roles(
            target="credit_risk",
            favourable=("good",),
            sensitive=("sex", "age_in_years", "foreign_worker"),
            bins={"age_in_years": AGES},
        ),
        (("sex", "foreign_worker"), ("sex", "age_in_years")),
        ("duration_in_month", "credit_amount", "age_in_years", "number_of_existing_credits_at_this_bank"),
        {"sex": ("male", "female"), "foreign_worker": ("no", "yes")},
        "credit_amount",
    ),
    "boston": Spec(
        "boston-mortgage/loanapp.csv.gz",
        Roles(
            target="approve",
            favourable=("1",),
            sensitive=("black", "hispan", "male", "married"),
            ignored=("action", "reject"),
        ),
        (("black", "male"), ("hispan", "married")),
        ("appinc", "obrat", "loanprc", "pubrec"),
        {"black": ("0", "1"), "hispan": ("0", "1"), "male": ("1", "0")},
        "loanamt",
    ),
    "hmda": Spec(
        "hmda-pricing/hmda_2018_pricing_test.csv.gz",
        Roles(
            target="high_priced",
            favourable=("0",),
            unfavourable=("1",),
            sensitive=("black", "hispanic", "male", "agegte62"),
            ignored=("Unnamed: 0",),
        ),
        (("black", "agegte62"), ("hispanic", "male")),
        ("loan_amount", "loan_to_value_ratio", "property_value", "income", "term_360"),
        {"black": ("0", "1"), "agegte62": ("0", "1")},
        "loan_amount",
        trees=True,
    ),
    "taiwan": Spec(
        "taiwan-default/credit_card_clients.csv.gz",
        Roles(
            target="default payment",
            unfavourable=("1",),
            sensitive=("SEX", "EDUCATION", "MARRIAGE", "AGE"),
            bins={"AGE": AGES},
        ),
        (("SEX", "EDUCATION"), ("EDUCATION", "MARRIAGE")),
        ("LIMIT_BAL", "PAY_0", "PAY_2", "BILL_AMT1", "PAY_AMT1"),
        {"SEX": ("2", "1"), "MARRIAGE": ("1", "2")},
        "LIMIT_BAL",
        trees=True,
    ),
}


@dataclass
class Real:
    """One data set: ours beside the plain one."""

    name: str
    spec: Spec
    dataset: Dataset
    plain: pd.DataFrame
    label: NDArray[np.int64]
    score: NDArray[np.float64]
    weight: NDArray[np.float64]
    _counts: dict[tuple[tuple[str, ...], bool], GroupCounts] = field(default_factory=dict)
    _groups: dict[tuple[str, ...], pd.Series] = field(default_factory=dict)
    _rows: dict[tuple[str, ...], Mapping[str, NDArray[np.intp]]] = field(default_factory=dict)
    _contents: dict[tuple[str, int, bool], dict[str, object]] = field(default_factory=dict)

    @property
    def divisions(self) -> list[tuple[str, ...]]:
        """Return all that people are compared by: columns and crosses."""
        return [*((c,) for c in self.spec.roles.sensitive), *self.spec.crosses]

    @cached_property
    def thresholds(self) -> dict[str, float]:
        """Return cuts on a score that many have, on the grid, on a score between two edges, and at both ends."""
        tie = float(pd.Series(np.round(self.score, 2)).mode()[0])
        off_grid = self.score[np.abs(self.score * 1000 - np.rint(self.score * 1000)) > 1e-3]
        between = float(np.quantile(off_grid, 0.4, method="nearest"))
        return {"tie": tie, "grid": 0.725, "between": between, "all": 0.0, "none": 1.0}

    def counts(self, columns: tuple[str, ...] = (), *, weighted: bool = False) -> GroupCounts:
        """Return our counts by some columns."""
        key = (columns, weighted)
        if key not in self._counts:
            frame, bins = self.dataset.frame, self.dataset.roles.bins
            parts = [group_index(frame, c, bins=bins.get(c)) for c in columns]
            index = cross(*parts) if parts else None
            weight = self.weight if weighted else None
            self._counts[key] = count(self.dataset.outcome, self.score, index, weight=weight)
        return self._counts[key]

    def groups(self, columns: tuple[str, ...]) -> pd.Series:
        """Return the group of each row, named as the contract says, by pandas alone."""
        if columns not in self._groups:
            parts = [self._plain_groups(c) for c in columns]
            joined = parts[0]
            for part in parts[1:]:
                joined = joined + " × " + part
            self._groups[columns] = joined
        return self._groups[columns]

    def rows(self, columns: tuple[str, ...]) -> Mapping[str, NDArray[np.intp]]:
        """Return the positions of the rows of each group that has any."""
        if columns not in self._rows:
            self._rows[columns] = self.groups(columns).groupby(self.groups(columns)).indices
        return self._rows[columns]

    def _plain_groups(self, column: str) -> pd.Series:
        values = self.plain[column]
        edges = self.spec.roles.bins.get(column)
        if edges is not None:
            ends = [-np.inf, *edges, np.inf]
            text = ["-inf", *(str(int(e)) for e in edges), "inf"]
            names = [f"[{a}, {b})" for a, b in pairwise(text)]
            return pd.cut(values, ends, right=False, labels=names).astype(str)
        if pd.api.types.is_numeric_dtype(values):
            return values.map(lambda v: "(missing)" if np.isnan(v) else str(int(v)))
        return values.str.strip().fillna("(missing)")

    def content(self, cut: str, *, min_n: int = 1, weighted: bool = False):
        """Return the JSON of an audit at one of the thresholds, as a script reads it."""
        key = (cut, min_n, weighted)
        if key not in self._contents:
            roles = self.dataset.roles.with_(weight=self.spec.weight if weighted else None)
            found = rai_dash.audit(
                self.dataset.with_roles(roles),
                self.score,
                threshold=self.thresholds[cut],
                crosses=self.spec.crosses,
                min_n=min_n,
                references={column: pair[0] for column, pair in self.spec.pairs.items()},
            )
            self._contents[key] = json.loads(found.to_json())
        return self._contents[key]

    @cached_property
    def sample(self) -> Real:
        """Return up to 2,000 rows, for oracles that are slow."""
        at = np.sort(np.random.default_rng(5).permutation(self.label.size)[:2000])
        frame = self.dataset.frame.iloc[at].reset_index(drop=True)
        return Real(
            name=self.name,
            spec=self.spec,
            dataset=replace(self.dataset, frame=frame),
            plain=self.plain.iloc[at].reset_index(drop=True),
            label=self.label[at],
            score=self.score[at],
            weight=self.weight[at],
        )


def _labels(name: str, plain: pd.DataFrame) -> NDArray[np.int64]:
    """Return 1 = favourable, read from the documentation of each data set."""
    rule = {
        "census": lambda f: f["loan"].str.strip() == ">50K",
        "german": lambda f: f["credit_risk"] == "good",
        "boston": lambda f: f["approve"] == 1,
        "hmda": lambda f: f["high_priced"] == 0,
        "taiwan": lambda f: f["default payment"] == 0,
    }
    return rule[name](plain).to_numpy(np.int64)


def _fit(spec: Spec, plain: pd.DataFrame, label: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return scores of a small seeded model: half of them in hundredths, some a double below their hundredth."""
    inputs = plain[list(spec.features)]
    inputs = inputs.fillna(inputs.median()).to_numpy(np.float64)
    if spec.trees:
        model = GradientBoostingClassifier(n_estimators=15, random_state=7)
    else:
        model = make_pipeline(StandardScaler(), LogisticRegression())
    raw = model.fit(inputs[::3], label[::3]).predict_proba(inputs)[:, 1]
    row = np.arange(raw.size)
    coarse = np.round(raw, 2)
    score = np.where(row % 2 == 0, coarse, np.round(raw, 5))
    return np.where(row % 31 == 0, np.clip(np.nextafter(coarse, 0.0), 0.0, 1.0), score)


def read_real(name: str, shared: Path) -> Real:
    """Read a data set and score it."""
    spec = SPECS[name]
    path = shared / "data" / spec.path
    # "none" is a value of the German data, not a blank.
    plain = pd.read_csv(path, keep_default_na=False, na_values=[""])
    label = _labels(name, plain)
    return Real(
        name=name,
        spec=spec,
        dataset=rai_dash.read_dataset(path, spec.roles),
        plain=plain,
        label=label,
        score=_fit(spec, plain, label),
        weight=plain[spec.weight].to_numpy(np.float64),
    )
