from __future__ import annotations

import threading

import numpy as np

from rai_dash.case import Case, CaseData, DataRole, Exposure, Memo, held_out_rows, judge
from rai_dash.core.types import Roles
from rai_dash.data.read import read_dataset

CSV = b"y,g,s,part\n1,a,0.9,train\n0,b,0.1,test\n1,b,0.8,test\n0,,0.4,train\n"
ROLES = Roles(target="y", favourable=("1",), sensitive=("g",), score="s")


def _data(roles=ROLES):
    return CaseData(key="data", title="t", role=DataRole.TRAINING, dataset=read_dataset(CSV, roles))


def test_one_key_is_computed_once_also_when_threads_ask_together():
    memo, calls, gate = Memo(), [], threading.Barrier(8)

    def ask():
        gate.wait()
        memo.get("k", lambda: calls.append(1) or "v")

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()

    assert calls == [1]


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
