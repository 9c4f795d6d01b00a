from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from rai_dash.case import Case, CaseData, CaseModel, DataRole, Exposure, held_out_rows, judge
from rai_dash.core.errors import InvalidChoice
from rai_dash.core.types import Roles
from rai_dash.data.read import read_dataset

pytestmark = pytest.mark.usefixtures("reading_here")

CSV = b"y,g,s,part\n1,a,0.9,train\n0,b,0.1,test\n1,b,0.8,test\n0,,0.4,train\n"
ROLES = Roles(target="y", favourable=("1",), sensitive=("g",), score="s")


def _data(roles=ROLES):
    return CaseData(key="data", title="t", role=DataRole.TRAINING, dataset=read_dataset(CSV, roles))


def test_figures_are_on_the_rows_that_were_not_trained_on():
    roles = ROLES.with_(split="part", split_train=("train",))

    found = judge(_data(roles), None)

    assert found.exposure is Exposure.HELD_OUT
    assert found.positions.tolist() == [1, 2]
    assert found.counts().n.tolist() == [2]
    assert found.counts(("g",)).groups == ("a", "b", "(missing)")
    assert found.counts(("g",)).n.tolist() == [0, 2, 0]


def test_without_a_split_it_is_not_known_whether_rows_were_seen():
    found = judge(_data(), None)

    assert found.exposure is Exposure.UNKNOWN
    assert np.array_equal(found.score, [0.9, 0.1, 0.8, 0.4])
    assert held_out_rows(_data().dataset) is None


def test_what_a_user_adds_never_reaches_the_shared_memo():
    case = Case(id="a", title="t", data=(_data(),), default_data="data")

    changed = case.with_data(_data(ROLES.with_(sensitive=())))

    assert changed.memo is not case.memo
    assert case.data_of("data").dataset.roles.sensitive == ("g",)


def test_an_unknown_key_gives_the_default():
    case = Case(id="a", title="t", data=(_data(),), default_data="data")

    assert case.data_of("nonsense").key == "data"
    assert case.model_of("nonsense") is None


class FakeModel:
    """Scores every row alike and counts how often it was asked."""

    def __init__(self, score: float = 0.5) -> None:
        self.info = SimpleNamespace(fingerprint=f"model of {score}")
        self.model_class, self.value, self.asked = "1", score, 0

    def score(self, frame, *, on_progress=None):
        """Return the same score for each row."""
        del on_progress
        self.asked += 1
        unseen = np.zeros(len(frame), dtype=bool)
        return SimpleNamespace(scores=np.full(len(frame), self.value), notices=(), unseen=unseen)

    def match(self, dataset):
        """Find every input by its name."""
        del dataset
        return ()


def _model(key="m", score=0.5, trained_on=None):
    return CaseModel(key=key, title=key, model=FakeModel(score), trained_on=trained_on)


def test_a_pair_is_scored_once_however_often_it_is_looked_at():
    model = _model()
    case = Case(id="a", title="t", data=(_data(),), models=(model,), default_data="data", default_model="m")

    assert case.judge() is case.judge("data", "m") is case.judge("nonsense", "nonsense")
    assert model.model.asked == 1


def test_other_roles_are_another_pair():
    case = Case(id="a", title="t", data=(_data(),), default_data="data")
    split = case.with_data(_data(ROLES.with_(split="part", split_train=("train",))))

    assert case.judge().n_judged == 4
    assert split.judge().n_judged == 2


def test_a_model_that_a_user_adds_never_reaches_the_shared_memo():
    shared = Case(id="a", title="t", data=(_data(),), models=(_model(),), default_data="data")

    own = shared.with_model(_model("own", 0.9))
    own.judge("data", "own")

    assert own.memo is not shared.memo
    assert [m.key for m in shared.models] == ["m"]
    assert shared.judge("data", "own").score.tolist() == [0.5] * 4


def test_a_model_of_the_same_key_is_replaced():
    case = Case(id="a", title="t", data=(_data(),), models=(_model(),), default_data="data")

    changed = case.with_model(_model("m", 0.9))

    assert [m.key for m in changed.models] == ["m"]
    assert changed.judge().score.tolist() == [0.9] * 4


@pytest.mark.parametrize(
    ("trained_on", "exposure"),
    [(None, Exposure.UNKNOWN), ("data", Exposure.IN_SAMPLE), ("elsewhere", Exposure.OTHER_DATA)],
)
def test_the_exposure_follows_what_the_model_was_trained_on(trained_on, exposure):
    assert judge(_data(), _model(trained_on=trained_on)).exposure is exposure


def test_rows_that_are_held_out_count_more_than_where_the_model_came_from():
    data = _data(ROLES.with_(split="part", split_train=("train",)))

    assert judge(data, _model(trained_on="data")).exposure is Exposure.HELD_OUT


def test_a_split_with_training_rows_alone_holds_nothing_out():
    data = _data(ROLES.with_(split="part", split_train=("train", "test")))

    assert held_out_rows(data.dataset) is None
    assert judge(data, _model(trained_on="data")).exposure is Exposure.IN_SAMPLE


def test_without_model_and_score_column_there_is_nothing_to_judge():
    found = judge(_data(ROLES.with_(score=None)), None)

    assert not found.has_scores
    assert found.counts().n.tolist() == [4]


def test_a_case_without_data_says_what_to_do():
    with pytest.raises(InvalidChoice, match="Start page"):
        Case(id="a", title="t").judge()
