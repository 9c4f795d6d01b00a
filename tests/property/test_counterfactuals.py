"""Whatever the model and the rules are: results flip, obey, and hold nothing that could be left out."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from rai_dash.explain.counterfactuals import Constraints, candidates_of, counterfactuals

NAMES = ("a", "b", "c", "d")


@st.composite
def questions(draw):
    """A table of small whole numbers, a model that is any table of answers, an applicant, rules, a threshold."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    frame = pd.DataFrame({name: rng.integers(0, draw(st.integers(1, 4)), 30) for name in NAMES})
    which = st.sets(st.sampled_from(NAMES), max_size=2)
    up = draw(which)
    rules = Constraints(
        immutable=tuple(sorted(draw(which))),
        only_up=tuple(sorted(up)),
        only_down=tuple(sorted(draw(which) - up)),
        linked=draw(st.sampled_from(((), (("a", "b"),), (("b", "d"),)))),
    )
    answers = rng.integers(0, 11, (4, 4, 4, 4)) / 10
    return frame, rules, answers, draw(st.integers(0, 29)), draw(st.integers(1, 9)) / 10


@settings(max_examples=30)
@given(questions())
def test_results_flip_obey_and_are_least(question):
    frame, rules, answers, at, threshold = question

    def score(rows):
        return answers[tuple(rows[name].to_numpy(dtype=int) for name in NAMES)]

    row = frame.iloc[[at]]
    is_in = score(row)[0] >= threshold
    answer = counterfactuals(score, row, candidates_of(frame, NAMES, rules), threshold=threshold)

    def flips(changes):
        changed = row.assign(**{name: [after] for name, (_, after) in changes.items()})
        return (score(changed)[0] >= threshold) != is_in

    for one in (*answer.found, answer.closest):
        new = row.iloc[0].to_dict() | {name: after for name, (_, after) in one.changes.items()}
        assert one.score == score(pd.DataFrame([new]))[0]
        assert not one.columns & set(rules.immutable)
        assert all(new[name] >= row[name].item() for name in rules.only_up)
        assert all(new[name] <= row[name].item() for name in rules.only_down)
        for names in rules.linked:
            assert tuple(new[n] for n in names) in set(frame[list(names)].itertuples(index=False, name=None))
    for one in answer.found:
        assert flips(one.changes)
        units = [[c for c in names if c in one.changes] for names in (*rules.linked, *[(n,) for n in NAMES])]
        joined = {name for names in rules.linked for name in names}
        units = [unit for unit in units if unit and not (len(unit) == 1 and unit[0] in joined)]
        loose = [c for c in one.changes if not any(c in unit for unit in units)]
        units += [[c] for c in loose]
        for size in range(1, len(units)):
            for left in combinations(units, size):
                assert not flips({c: one.changes[c] for unit in left for c in unit})
    for one, other in combinations(answer.found, 2):
        assert not one.columns <= other.columns
        assert not other.columns <= one.columns
