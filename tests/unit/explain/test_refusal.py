from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.types import Explanation
from rai_dash.explain.baselines import baseline_of, usual_kind
from rai_dash.explain.reason_texts import ReasonText, ReasonTexts
from rai_dash.explain.refusal import LEGAL_NOTE, draft_refusal
from rai_dash.explain.refusal_record import RefusalRecord

WEIGHTS = {"income": 0.02, "debt": -0.03, "years": 0.02, "age": 0.01, "late": -0.05, "pets": 0.0}


def model(frame):
    return 0.5 + sum(w * (frame[c].to_numpy(float) - 5) for c, w in WEIGHTS.items())


@pytest.fixture(scope="module")
def people():
    rng = np.random.default_rng(0)
    return pd.DataFrame({name: rng.integers(0, 11, 400) for name in WEIGHTS})


def applicant(**values):
    return pd.DataFrame({name: [values.get(name, 5)] for name in WEIGHTS})


def explained(row, background, *, blocks=(), **more):
    """Shapley values of a sum are known in closed form: weight times distance from the mean."""
    values = {c: w * (row[c].iloc[0] - background[c].mean()) for c, w in WEIGHTS.items()}
    for block in blocks:
        values[" + ".join(block)] = sum(values.pop(c) for c in block)
    base = float(model(background).mean())
    return Explanation(
        row=3, space="probability", base=base, values=values, output=base + sum(values.values()), method="closed form",
        background_rows=len(background), additivity_error=0.0, **more,
    )  # fmt: skip


def drafted(people, row, *, kind="population", blocks=(), errors=None, **options):
    baseline = baseline_of(people, model(people), kind=kind, threshold=0.5)
    why = explained(row, people.iloc[baseline.rows], blocks=blocks, errors=errors or {})
    return draft_refusal(model, why, row, people, baseline, threshold=0.5, **options)


REFUSED = applicant(income=1, debt=9, late=8, years=4, age=9)


def test_only_factors_against_the_applicant_are_listed_with_their_own_values(people):
    found = drafted(people, REFUSED)

    listed = [(r.factor.column, r.factor.shown) for r in found.reasons]
    assert listed == [("late", "8"), ("debt", "9"), ("income", "1"), ("years", "4")]
    assert all(r.factor.contribution < 0 for r in found.reasons)
    assert found.reasons[0].text == "Draft, not reviewed: late (8)"
    assert found.score == pytest.approx(model(REFUSED)[0])


def test_the_list_is_shorter_where_fewer_factors_push_against(people):
    found = drafted(people, applicant(late=10, income=6, years=6, age=6, debt=4))

    assert [r.factor.column for r in found.reasons] == ["late"]
    assert found.tie is None


def test_baselines_hold_the_rows_their_names_say(people):
    scores = model(people)
    sets = {
        "population": np.ones(400, bool),
        "approved": scores >= 0.5,
        "just_approved": (scores >= 0.5) & (scores < 0.6),
        "near_threshold": (scores > 0.4) & (scores < 0.6),
    }
    found = {kind: baseline_of(people, scores, kind=kind, threshold=0.5) for kind in sets}

    for kind, inside in sets.items():
        assert found[kind].rows.tolist() == np.flatnonzero(inside).tolist()
        assert found[kind].name.startswith(f"{inside.sum():,} of 400 applicants, ")
    assert "score from 50 % to under 60 %" in found["just_approved"].name
    assert len({one.fingerprint for one in found.values()}) == 4


def test_a_baseline_of_nobody_or_of_no_known_kind_is_refused(people):
    with pytest.raises(InvalidChoice, match="No applicant is in the baseline 'approved'"):
        baseline_of(people, np.zeros(400), kind="approved", threshold=0.5)
    with pytest.raises(InvalidChoice, match="no baseline 'friends'"):
        baseline_of(people, np.zeros(400), kind="friends", threshold=0.5)
    with pytest.raises(InvalidChoice, match="one score a row"):
        baseline_of(people, np.zeros(3), kind="population", threshold=0.5)


def test_sufficiency_is_the_average_over_baseline_rows_whose_values_stay_together(people):
    found = drafted(people, REFUSED, kind="approved", most=2)
    rows = people.iloc[found.baseline.rows]
    names = [r.factor.column for r in found.reasons]
    by_hand = [model(REFUSED.assign(**{c: z[c] for c in names}))[0] for _, z in rows.iterrows()]
    typical = {c: int(np.sort(rows[c])[(len(rows) - 1) // 2]) for c in names}

    tested = found.sufficiency
    assert tested.mean_after == pytest.approx(np.mean(by_hand), abs=1e-12)
    assert tested.flips.numerator == sum(p >= 0.5 for p in by_hand)
    assert tested.typical_after == pytest.approx(model(REFUSED.assign(**typical))[0])
    assert (tested.rows, tested.of) == (len(rows), len(rows))


@pytest.mark.parametrize(
    ("after", "verdict"), [(0.5, "flips"), (0.45, "moves"), (0.36, "moves"), (0.34, "falls_short")]
)
def test_a_verdict_says_how_far_the_factors_carry(people, after, verdict):
    frame = people.assign(late=0, debt=0, years=0, age=0, pets=0)
    row = frame.iloc[[0]].assign(late=1)

    def score(rows):
        return np.where(rows["late"] == 1, 0.2, after).astype(float)

    baseline = baseline_of(frame, score(frame), kind="population", threshold=0.5)
    values = dict.fromkeys(WEIGHTS, 0.0) | {"late": 0.2 - after}
    why = Explanation(
        row=0, space="probability", base=after, values=values, output=0.2, method="by hand", background_rows=400,
        additivity_error=0.0,
    )  # fmt: skip
    found = draft_refusal(score, why, row, frame, baseline, threshold=0.5)

    assert found.sufficiency.verdict == verdict
    assert any("does not explain" in text for text in found.obstacles) == (verdict == "falls_short")


def test_ties_at_the_last_place_are_named_within_the_stated_instability(people):
    # With one reason fewer, `income` is the first left out.
    gap = abs(drafted(people, REFUSED).reasons[2].factor.contribution) - abs(
        drafted(people, REFUSED).reasons[3].factor.contribution
    )

    assert drafted(people, REFUSED, most=3, instability=gap * 0.99).tie is None
    tie = drafted(people, REFUSED, most=3, instability=gap * 1.01).tie
    assert (tie.last, tie.others) == ("income", ("years",))
    noisy = drafted(people, REFUSED, most=3, errors={"income": gap * 0.4, "years": gap * 0.4}).tie
    assert noisy.others == ("years",)
    assert noisy.within == pytest.approx(2 * gap * 0.4 * 2**0.5)


@pytest.mark.parametrize(
    ("apart", "error", "others"),
    [(0.0, 0.0, ("years",)), (3e-17, 0.0, ("years",)), (1e-6, 0.0, None), (1e-6, 2e-6, ("years",))],
)
def test_equals_of_an_exact_route_are_said_to_tie_though_no_instability_is_stated(
    people, apart, error, others
):
    baseline = baseline_of(people, model(people), kind="population", threshold=0.5)
    why = explained(REFUSED, people)
    last = why.values["income"]
    one = replace(why, values={**why.values, "years": last + apart}, additivity_error=error)

    tie = draft_refusal(model, one, REFUSED, people, baseline, threshold=0.5, most=3).tie

    assert (None if tie is None else tie.others) == others
    if tie is not None:
        assert tie.is_equal
        assert tie.message == "`years` could stand in the place of `income`: they weigh the same."


def test_a_sensitive_or_proxy_column_blocks_and_stays_in_the_list(people):
    found = drafted(people, REFUSED, sensitive=["late", "pets"], proxies={"income": "age"})

    assert [(b.column, b.proxy_of) for b in found.blocking] == [("late", None), ("income", "age")]
    assert found.reasons[0].factor.column == "late"
    assert not found.can_be_sent
    assert "`late` is a sensitive column" in found.obstacles[0]


def test_a_block_is_one_reason_with_the_values_of_its_columns_and_is_looked_into(people):
    found = drafted(people, REFUSED, blocks=[("debt", "late")], sensitive=["late"])

    assert found.reasons[0].factor.column == "debt + late"
    assert found.reasons[0].text == "Draft, not reviewed: debt + late (9, 8)"
    assert [(b.column, b.factor) for b in found.blocking] == [("late", "debt + late")]
    assert {"debt", "late"} <= set(found.sufficiency.columns)


def test_reviewed_texts_are_used_and_only_a_whole_review_lets_a_list_out(people):
    texts = ReasonTexts()
    for name in WEIGHTS:
        text = ReasonText(text=f"Your {name} of {{value}}", reviewer="R. Lee", reviewed_on=date(2026, 1, 2))
        texts = texts.with_text(name, text)

    found = drafted(people, REFUSED, texts=texts)
    draft = drafted(people, REFUSED, texts=texts.with_text("debt", ReasonText(text="{value}")))

    assert found.reasons[1].text == "Your debt of 9"
    assert found.can_be_sent
    assert found.obstacles == ()
    assert not draft.can_be_sent
    assert draft.obstacles == ("Nobody has reviewed the text of `debt`. Have it reviewed first.",)


def test_the_explanation_must_be_of_this_applicant_this_table_and_these_rows(people):
    baseline = baseline_of(people, model(people), kind="approved", threshold=0.5)
    why = explained(REFUSED, people.iloc[baseline.rows])

    def refused(match, *, row=REFUSED, why=why, table=people, **options):
        with pytest.raises(InvalidChoice, match=match):
            draft_refusal(
                model, why, row, table, baseline, threshold=options.pop("threshold", 0.5), **options
            )

    refused("another applicant", row=applicant(late=9))
    refused("was not refused", threshold=0.01)
    refused("1 to 4 reasons", most=5)
    refused("Choose it again", table=people.iloc[:50])
    refused("other columns", table=people.assign(zip=1), row=REFUSED.assign(zip=1))
    refused("more rows than the baseline", why=explained(REFUSED, people))


def test_a_record_holds_all_it_rests_on_and_reads_back(people):
    found = drafted(people, REFUSED, sensitive=["late"], instability=1.0, most=3)
    record = RefusalRecord.of(found, model_fingerprint="m" * 64, data_fingerprint="d" * 64)

    again = RefusalRecord.model_validate_json(record.to_json())
    plain = json.loads(record.to_json())

    assert again == record
    assert again.fingerprint == record.fingerprint
    assert plain["baseline"]["fingerprint"] == found.baseline.fingerprint
    assert (plain["space"], plain["method"], plain["additivity_error"]) == ("probability", "closed form", 0.0)
    assert (plain["blocking"], plain["tied"], plain["row"]) == (["late"], ["years"], 3)
    assert plain["note"] == LEGAL_NOTE
    for needed in ("15 USC 1691(d)", "12 CFR 1002.9", "not legal advice"):
        assert needed in LEGAL_NOTE
    assert "ircular" not in LEGAL_NOTE


def test_rounding_is_no_reason(people):
    baseline = baseline_of(people, model(people), kind="population", threshold=0.5)
    why = explained(REFUSED, people)
    values = dict(why.values) | {"pets": -1e-17, "years": -4e-6}

    def listed(error):
        one = replace(why, values=values, additivity_error=error)
        return [
            r.factor.column
            for r in draft_refusal(model, one, REFUSED, people, baseline, threshold=0.5).reasons
        ]

    assert listed(0.0) == ["late", "debt", "income", "years"]
    assert listed(5e-6) == ["late", "debt", "income"]


@pytest.mark.parametrize(
    ("scores", "kind"),
    [
        ([0.55] * 30 + [0.9] * 70, "just_approved"),
        ([0.55] * 29 + [0.9] * 71, "approved"),
        ([0.6] * 30 + [0.1] * 70, "approved"),
        ([0.9] + [0.1] * 99, "approved"),
        ([0.1] * 100, "population"),
    ],
)
def test_the_usual_comparison_is_a_circle_that_is_large_enough(scores, kind):
    assert usual_kind(np.array(scores), 0.5) == kind
