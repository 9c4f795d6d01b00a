"""The mitigation trials against fairlearn, AIF360 and scikit-learn, each run directly on the same rows."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
import skops.io
from fairlearn.metrics import demographic_parity_difference, equalized_odds_difference
from fairlearn.postprocessing import ThresholdOptimizer
from fairlearn.preprocessing import CorrelationRemover
from fairlearn.reductions import EqualizedOdds, ExponentiatedGradient
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from rai_dash.core.errors import Cancelled, InvalidChoice, UnsupportedModel
from rai_dash.core.types import Roles
from rai_dash.data.groups import GroupIndex, group_index
from rai_dash.data.read import read_dataset
from rai_dash.models.client import load_model
from rai_dash.trials.mitigating.choosing import Scored, decide, optimised_draws
from rai_dash.trials.mitigating.decorrelate import decorrelated
from rai_dash.trials.mitigating.judging import halves
from rai_dash.trials.mitigating.weights import reweighing
from rai_dash.trials.mitigation import Goal, mitigate
from rai_dash.trials.rebalance import all_rows, make_fold

FEATURES = ["a", "b", "c"]
KEYS = [
    "reweighing", "correlation_remover", "group_thresholds", "threshold_optimizer", "exponentiated_gradient",
]  # fmt: skip


def make_table(n, *, seed=4, weight=False):
    rng = np.random.default_rng(seed)
    group = rng.choice(["f", "m"], n, p=[0.4, 0.6])
    a, b = rng.normal(size=n) + 0.9 * (group == "m"), rng.normal(size=n)
    c = rng.choice(["x", "y", "z"], n)
    y = (a + b + 0.7 * (c == "x") + rng.normal(size=n) > 0.9).astype(int)
    frame = pd.DataFrame({"y": y, "g": group, "a": a, "b": b, "c": c})
    roles = Roles(target="y", favourable=("1",), sensitive=("g",), features=tuple(FEATURES))
    if weight:
        frame["w"] = rng.choice([0.5, 1.0, 4.0], n)
        roles = roles.with_(weight="w")
    return read_dataset(frame.to_csv(index=False).encode(), roles)


def make_pipe():
    columns = make_column_transformer((StandardScaler(), ["a", "b"]), (OneHotEncoder(), ["c"]))
    return make_pipeline(columns, LogisticRegression(C=0.5))


class Oracle:
    """The same trials by hand: the fold, the halves, and the base fitted with scikit-learn."""

    def __init__(self, dataset, weight=None):
        self.frame, self.y = dataset.frame, dataset.outcome
        self.index = group_index(dataset.frame, "g")
        self.fold = make_fold(dataset, None, seed=0)
        at = self.fold.test
        part = GroupIndex("g", self.index.groups, self.index.codes[at])
        chosen, reported = halves(self.y[at], part, seed=0)
        self.train, self.chosen, self.reported = self.fold.train, at[chosen], at[reported]
        self.base = self.fit(weight)
        self.group = dataset.frame["g"].to_numpy()[self.reported]

    def fit(self, weight=None, frame=None):
        rows = self.frame if frame is None else frame
        return make_pipe().fit(
            rows[FEATURES].iloc[self.train], self.y[self.train], logisticregression__sample_weight=weight
        )

    def decide(self, model, frame=None):
        rows = self.frame if frame is None else frame
        return (model.predict_proba(rows[FEATURES].iloc[self.reported])[:, 1] >= 0.5).astype(int)

    def check(self, judged, decision, gap=equalized_odds_difference):
        """Compare with fairlearn and scikit-learn on the decisions."""
        y = self.y[self.reported]
        assert judged.gap.value == pytest.approx(gap(y, decision, sensitive_features=self.group), abs=1e-12)
        assert judged.everyone.estimate("accuracy", 0).value == pytest.approx(accuracy_score(y, decision))
        for i, g in enumerate(judged.by_group.groups):
            rows = self.group == g
            assert judged.by_group.estimate("selection_rate", i).numerator == decision[rows].sum()
            assert judged.by_group.estimate("recall", i).numerator == (decision[rows] & y[rows]).sum()


@pytest.fixture(scope="module")
def dataset():
    return make_table(2_000)


@pytest.fixture(scope="module")
def oracle(dataset):
    return Oracle(dataset)


@pytest.fixture(scope="module")
def found(dataset, oracle):
    with load_model(skops.io.dumps(oracle.base), model_class="1") as model:
        return mitigate(
            dataset, model, by="g", goal=Goal.EQUALIZED_ODDS, threshold=0.5, seed=0, fold=oracle.fold
        )


def trial(found, key):
    return next(t for t in found.trials if t.method.key == key)


def test_every_method_is_tried_on_the_same_rows_and_the_result_is_plain_json(found, oracle):
    assert [t.method.key for t in found.trials] == KEYS
    assert [t.failed for t in found.trials] == [None] * 5
    assert (found.chosen_on, found.reported_on) == (oracle.chosen.size, oracle.reported.size)
    assert {int(t.judged.everyone.n[0]) for t in found.trials} == {found.reported_on}
    assert not found.is_stand_in
    told = json.loads(json.dumps(found.to_json(), allow_nan=False))
    assert [t["method"]["key"] for t in told["trials"]] == KEYS


def test_the_base_is_the_same_kind_of_model_fitted_on_the_fold(found, oracle):
    oracle.check(found.base, oracle.decide(oracle.base))


def test_reweighing_equals_a_fit_with_the_weights_of_aif360(found, oracle):
    from aif360.algorithms.preprocessing import Reweighing
    from aif360.datasets import BinaryLabelDataset

    own = np.random.default_rng(0).choice([0.5, 1.0, 3.0], oracle.train.size)
    codes, good = oracle.index.codes[oracle.train], oracle.y[oracle.train] == 1
    for weight in (None, own):
        frame = pd.DataFrame(
            {"y": good.astype(float), "g": codes.astype(float), "w": 1.0 if weight is None else own}
        )
        table = BinaryLabelDataset(
            df=frame, label_names=["y"], protected_attribute_names=["g"], instance_weights_name="w"
        )
        theirs = Reweighing([{"g": 0.0}], [{"g": 1.0}]).fit_transform(table).instance_weights
        assert reweighing(good, codes, weight=weight) == pytest.approx(theirs, abs=1e-12)

    fitted = oracle.fit(reweighing(good, codes))
    oracle.check(trial(found, "reweighing").judged, oracle.decide(fitted))


def test_correlation_remover_equals_fairlearns_on_the_numeric_columns(found, oracle):
    dummies = pd.get_dummies(oracle.frame["g"], dtype=float)
    whole = pd.concat([dummies, oracle.frame[["a", "b"]]], axis=1)
    remover = CorrelationRemover(sensitive_feature_ids=["f", "m"], alpha=1)
    remover.fit(whole.iloc[oracle.train])
    theirs = remover.transform(whole)

    ours = decorrelated(oracle.frame[FEATURES], ["a", "b"], oracle.index, oracle.train)

    assert ours[["a", "b"]].to_numpy() == pytest.approx(theirs, abs=1e-9)
    assert ours["c"].equals(oracle.frame["c"])
    rows = ours.iloc[oracle.train]
    assert abs(np.corrcoef(rows["a"], dummies["f"].iloc[oracle.train])[0, 1]) < 1e-9
    oracle.check(trial(found, "correlation_remover").judged, oracle.decide(oracle.fit(frame=ours), ours))


def test_blanks_stay_blank_and_the_compared_column_tells_nothing():
    frame = pd.DataFrame({"a": [1.0, np.nan, 3.0, 5.0, 9.0], "g": ["f", "f", "m", "m", "m"]})

    out = decorrelated(frame, ["a"], group_index(frame, "g"), np.arange(4))

    # Means of the training rows: 1 in f, 4 in m, 3 in all.
    assert out["a"].tolist() == pytest.approx([3.0, np.nan, 2.0, 4.0, 8.0], abs=1e-12, nan_ok=True)
    assert set(out["g"]) == {"f"} or set(out["g"]) == {"m"}


class Scores(ClassifierMixin, BaseEstimator):
    """Hands the first column on as the probability."""

    def fit(self, X, y):  # noqa: ARG002, N803
        self.classes_ = np.unique(y)
        return self

    def predict_proba(self, X):  # noqa: N803
        return np.column_stack((1 - X[:, 0], X[:, 0]))


@pytest.mark.parametrize(
    ("goal", "constraint"),
    [
        (Goal.EQUALIZED_ODDS, "equalized_odds"),
        (Goal.DEMOGRAPHIC_PARITY, "demographic_parity"),
        (Goal.EQUAL_OPPORTUNITY, "true_positive_rate_parity"),
    ],
)
def test_threshold_optimizer_decides_as_fairlearns_does_under_every_seed(oracle, goal, constraint):
    def side(rows):
        index = GroupIndex("g", oracle.index.groups, oracle.index.codes[rows])
        score = oracle.base.predict_proba(oracle.frame[FEATURES].iloc[rows])[:, 1]
        return Scored(outcome=oracle.y[rows], score=score, index=index)

    chosen, reported = side(oracle.chosen), side(oracle.reported)
    X, y = chosen.score[:, None], chosen.outcome.astype(int)  # noqa: N806
    theirs = ThresholdOptimizer(
        estimator=Scores().fit(X, y), constraints=constraint, prefit=True, predict_method="predict_proba"
    ).fit(X, y, sensitive_features=oracle.frame["g"].iloc[oracle.chosen])

    draws, kept = optimised_draws(chosen, reported, goal, 0.5, seeds=range(11))

    assert kept == ()
    for seed in range(11):
        want = theirs.predict(reported.score[:, None], sensitive_features=oracle.group, random_state=seed)
        assert np.array_equal(draws[seed], want)


def test_a_group_that_cannot_be_fitted_keeps_the_common_cut_instead_of_being_refused_as_a_whole(oracle):
    rng = np.random.default_rng(0)
    codes = np.repeat([0, 1, 2], [200, 200, 50]).astype(np.int32)
    label = np.where(codes == 2, 1, rng.integers(0, 2, 450)).astype(np.int8)
    score = np.clip(rng.normal(0.4 + 0.2 * label, 0.2), 0, 1)
    score[-1] = np.nan
    rows = Scored(outcome=label, score=score, index=GroupIndex("g", ("a", "b", "one outcome"), codes))

    draws, kept = optimised_draws(rows, rows, Goal.EQUALIZED_ODDS, 0.45, seeds=range(3))

    assert kept == ("one outcome",)
    want = decide(score, 0.45)
    assert np.array_equal(draws[:, codes == 2], np.tile(want[codes == 2], (3, 1)), equal_nan=True)
    assert np.isnan(draws[:, -1]).all()
    part = codes != 1
    index = GroupIndex("g", ("a", "b"), codes[part] // 2)
    lone = Scored(outcome=label[part], score=score[part], index=index)
    with pytest.raises(UnsupportedModel, match="Fewer than two groups"):
        optimised_draws(lone, lone, Goal.EQUALIZED_ODDS, 0.45, seeds=range(3))


def test_the_figures_of_a_random_method_are_of_the_seed_whose_gap_is_in_the_middle(found, oracle):
    def side(rows):
        index = GroupIndex("g", oracle.index.groups, oracle.index.codes[rows])
        score = oracle.base.predict_proba(oracle.frame[FEATURES].iloc[rows])[:, 1]
        return Scored(outcome=oracle.y[rows], score=score, index=index)

    draws, _ = optimised_draws(
        side(oracle.chosen), side(oracle.reported), Goal.EQUALIZED_ODDS, 0.5, seeds=range(11)
    )
    y = oracle.y[oracle.reported]
    gaps = sorted(equalized_odds_difference(y, d, sensitive_features=oracle.group) for d in draws)
    got = trial(found, "threshold_optimizer")

    assert got.judged.gap.value == pytest.approx(gaps[5], abs=1e-12)
    assert (got.flips.gap_low, got.flips.gap_high) == pytest.approx((gaps[0], gaps[-1]), abs=1e-12)
    pairs = [(draws[i] != draws[j]).mean() for i in range(11) for j in range(i)]
    assert got.flips.share == pytest.approx(np.mean(pairs), abs=1e-12)
    assert got.flips.share > 0.005


@pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning")
@pytest.mark.parametrize("favourable", ["1", "accepted"])
def test_exponentiated_gradient_equals_fairlearns_with_the_same_pipeline(dataset, oracle, favourable):
    """Also where the favourable class is the first one of the model."""
    own = oracle.y if favourable == "1" else np.where(oracle.y == 1, "accepted", "refused")
    model = clone(oracle.base).fit(oracle.frame[FEATURES], own)
    rows = oracle.frame[FEATURES].iloc[oracle.train]
    theirs = ExponentiatedGradient(
        make_pipe(), EqualizedOdds(difference_bound=0.02), eps=0.02, max_iter=50,
        sample_weight_name="logisticregression__sample_weight",
    )  # fmt: skip
    theirs.fit(
        rows, oracle.y[oracle.train].astype(int), sensitive_features=oracle.frame["g"].iloc[oracle.train]
    )
    draws = [theirs.predict(oracle.frame[FEATURES].iloc[oracle.reported], random_state=s) for s in range(11)]

    with load_model(skops.io.dumps(model), model_class=favourable) as loaded:
        got = mitigate(
            dataset, loaded, by="g", goal=Goal.EQUALIZED_ODDS, threshold=0.5, seed=0, fold=oracle.fold
        )

    oracle.check(got.base, oracle.decide(oracle.base))
    gradient, y = trial(got, "exponentiated_gradient"), oracle.y[oracle.reported]
    gaps = sorted(equalized_odds_difference(y, d, sensitive_features=oracle.group) for d in draws)
    assert gradient.judged.gap.value == pytest.approx(gaps[5], abs=1e-12)
    pairs = [(draws[i] != draws[j]).mean() for i in range(11) for j in range(i)]
    assert gradient.flips.share == pytest.approx(np.mean(pairs), abs=1e-12)


def test_thresholds_by_group_are_chosen_on_one_half_and_judged_on_the_other(found, oracle):
    got = trial(found, "group_thresholds")
    score = oracle.base.predict_proba(oracle.frame[FEATURES])[:, 1]
    good = oracle.chosen[oracle.y[oracle.chosen] == 1]
    target = (score[good] >= 0.5).mean()

    for g, cut in got.cuts.items():
        mine = score[good[oracle.frame["g"].to_numpy()[good] == g]]
        assert (mine >= cut).mean() >= target
        assert (mine >= cut + 0.001).mean() < target
    cuts = np.array([got.cuts[g] for g in oracle.group])
    oracle.check(got.judged, (score[oracle.reported] >= cuts).astype(int))
    assert "study" in got.method.study


def test_at_the_same_share_approved_the_shares_are_the_same(found):
    for t in found.trials:
        before, after = (
            j.everyone.estimate("selection_rate", 0).value for j in (t.matched.before, t.matched.after)
        )
        assert before == pytest.approx(after, abs=0.006)
        assert t.matched.moved == ("after" if t.method.has_score else "before")


def test_weights_of_the_rows_are_multiplied_in_and_count_in_every_figure():
    dataset = make_table(1_200, weight=True)
    weight = dataset.weight
    train = make_fold(dataset, None, seed=0).train
    oracle = Oracle(dataset, weight[train])

    with load_model(skops.io.dumps(oracle.base), model_class="1") as model:
        got = mitigate(
            dataset, model, by="g", goal=Goal.DEMOGRAPHIC_PARITY, threshold=0.5, seed=0, fold=oracle.fold
        )

    good, codes = oracle.y[train] == 1, oracle.index.codes[train]
    fitted = oracle.fit(reweighing(good, codes, weight=weight[train]))
    y, w = oracle.y[oracle.reported], weight[oracle.reported]
    for judged, fit in ((got.base, oracle.base), (trial(got, "reweighing").judged, fitted)):
        decision = oracle.decide(fit)
        accuracy = judged.everyone.estimate("accuracy", 0).value
        assert accuracy == pytest.approx(accuracy_score(y, decision, sample_weight=w), abs=1e-12)
        gap = demographic_parity_difference(y, decision, sensitive_features=oracle.group, sample_weight=w)
        assert judged.gap.value == pytest.approx(gap, abs=1e-12)
    assert trial(got, "reweighing").change.gap_low is None
    assert "weights" in got.notes[0]


def test_a_case_without_a_model_uses_a_stand_in_for_every_method_and_says_so():
    dataset = make_table(1_000)

    got = mitigate(
        dataset, None, by="g", goal=Goal.EQUAL_OPPORTUNITY, threshold=0.5, seed=0,
        fold=make_fold(dataset, None, seed=0),
    )  # fmt: skip

    assert got.is_stand_in
    assert got.kind.startswith("a stand-in")
    assert [t.failed for t in got.trials] == [None] * 5


def test_a_method_that_cannot_be_tried_says_why_beside_the_others():
    """k nearest neighbours take no weights."""
    from sklearn.neighbors import KNeighborsClassifier

    dataset = make_table(1_200)
    pipe = make_pipeline(StandardScaler(), KNeighborsClassifier())
    fitted = pipe.fit(dataset.frame[["a", "b"]], dataset.outcome.astype(int))

    with load_model(skops.io.dumps(fitted), model_class="1") as model:
        got = mitigate(
            dataset, model, by="g", goal=Goal.EQUALIZED_ODDS, threshold=0.5, seed=0,
            fold=make_fold(dataset, None, seed=0),
        )  # fmt: skip

    failed = {t.method.key: t.failed for t in got.trials if t.failed}
    assert set(failed) == {"reweighing", "exponentiated_gradient"}
    assert all("sample_weight" in text for text in failed.values())


def test_the_trials_can_be_stopped_and_need_test_rows(dataset):
    fold = make_fold(dataset, None, seed=0)
    with pytest.raises(Cancelled):
        mitigate(
            dataset, None, by="g", goal=Goal.EQUALIZED_ODDS, threshold=0.5, seed=0, fold=fold,
            cancelled=lambda: True,
        )  # fmt: skip
    with pytest.raises(InvalidChoice, match="no test row"):
        mitigate(
            dataset, None, by="g", goal=Goal.EQUALIZED_ODDS, threshold=0.5, seed=0, fold=all_rows(dataset)
        )
