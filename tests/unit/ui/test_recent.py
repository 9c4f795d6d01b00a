from __future__ import annotations

from types import SimpleNamespace

from rai_dash.core.memo import Memo
from rai_dash.ui.reviewing.recent import Recent, recent


def test_a_result_is_made_once_and_the_one_unused_for_longest_goes():
    made = []
    kept = Recent(2)

    def get(key):
        return kept.get(key, lambda: made.append(key) or key.upper())

    assert [get(key) for key in "abacab"] == list("ABACAB")
    assert "".join(made) == "abcb"


def test_kinds_of_results_do_not_push_each_other_out():
    judgement = SimpleNamespace(memo=Memo())
    first = recent(judgement, "map", 1, object, most=1)
    recent(judgement, "cloud", 1, object, most=1)

    assert recent(judgement, "map", 1, object, most=1) is first


def test_a_result_of_nothing_is_a_result():
    kept = Recent(2)
    kept.get("a", lambda: None)

    assert kept.get("a", lambda: 1) is None
