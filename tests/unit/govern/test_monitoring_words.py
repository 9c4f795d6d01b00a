from __future__ import annotations

from rai_dash.govern.monitoring_words import limit_words, monitoring_words
from tests.unit.govern.desk_story import make_policy

RATE = {"value": 0.25, "low": 0.2, "high": 0.3, "numerator": 25.0, "denominator": 100.0}
NONE = {"value": None, "reason": "no row"}


def watched(**limits: object) -> dict[str, object]:
    columns = [
        {"name": name, "kind": "number", "is_feature": True, "n": 9, "blank": 0, "edges": (), "counts": (9,)}
        for name in ("age", "income")
    ]
    return {
        "columns": columns,
        "score": {"edges": (), "counts": (9,), "missing": 0, "cells": ((500, 9),)},
        "approval": [{"column": "", "group": "", "n": 9, "rate": RATE}],
        "base_rate": RATE,
        "calibration": {"intercept": NONE, "slope": NONE, "brier": NONE, "source": "cells"},
        "limits": limits,
    }


def test_a_policy_without_monitoring_says_nothing_about_it():
    assert monitoring_words(make_policy()) is None
    assert list(limit_words(make_policy())) == []


def test_the_usual_limits_are_told_in_one_sentence():
    assert monitoring_words(make_policy(monitoring=watched())) == (
        "Later batches are held against these figures and 2 watched columns: a share may move by half the width of its "
        "interval, at least 1 point; drift is a breach from a PSI of 0.25 on. A breach opens a problem and suspends "
        "nothing by itself."
    )


def test_own_limits_and_the_suspension_are_told_and_listed():
    limits = {"tolerances": {"review_rate": 0.05, "brier": 0.02}, "psi_breach": 0.2, "ks": 0.1}
    policy = make_policy(monitoring=watched(**limits), suspend_on_breach=True)

    assert "2 have limits of their own; drift is a breach from a PSI of 0.20 on" in monitoring_words(policy)
    assert monitoring_words(policy).endswith("A breach suspends automatic decisions until somebody lifts it.")
    assert dict(limit_words(policy)) == {
        "May move: Brier score": "0.020",
        "May move: share sent to a person": "5 points",
        "May move: any other share": "half the width of its signed interval, at least 1 point",
        "PSI that is watched": "from 0.10",
        "PSI that is a breach": "from 0.20",
        "KS that is a breach": "from 0.10",
        "Fewest rows of a batch that settle anything": "30",
        "A breach suspends automatic decisions": "yes",
    }


def test_the_certificate_lists_the_signed_limits_and_that_of_an_old_policy_has_no_such_part():
    from rai_dash.report._certificate_figures import basis
    from tests.certificates import make_policy as certified
    from tests.certificates import signed_book

    plain = certified()
    status = signed_book(plain).standing().version(1)
    title = "What later batches are held against"

    assert title not in [part.title for part in basis(plain, status)]
    own = certified(monitoring=watched(tolerances={"review_rate": 0.05}), suspend_on_breach=True)
    part = next(part for part in basis(own, status) if part.title == title)
    told = {line.label: line.value for line in part.lines}
    assert told["May move: share sent to a person"] == "5 points"
    assert told["PSI that is a breach"] == "from 0.25"
    assert told["A breach suspends automatic decisions"] == "yes"
