from __future__ import annotations

import copy
import hashlib
import json
import math
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

import jsonschema
import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from rai_dash.core.errors import InvalidChoice, InvalidRecord, LedgerBroken
from rai_dash.core.types import Direction, ReviewBand, ScoreScale
from rai_dash.govern._policy_conditions import PolicyCondition, condition_from_plain, condition_to_plain
from rai_dash.govern.policy import (
    Policy,
    check_complete,
    checked_policy,
    policy_id_of,
    policy_of_content,
    policy_schema,
    same_policy,
    settings_fingerprint,
)
from rai_dash.review.conditions import Condition
from rai_dash.review.exported import policy_of

#: Free text, each with a word that stands nowhere else.
FREE = {
    ("title",): "Kleinkredite für Zoë Titelwort",
    ("people_before",): "The six clerks look at the unsure ones only, says Beforeword.",
    ("harm", "wrong_approval"): "Debt that cannot be paid back, as it befell Approvalword.",
    ("harm", "wrong_refusal"): "A dearer loan elsewhere, as for Refusalword.",
    ("harm", "answerable"): "Ada Answerword",
    ("alternatives", 0, "name"): "Grace Alternativeword's cautious band",
}
IDENTITY = {"policy_id", "version", "parent_hash", "created_at", "code"}
#: Leaves that take few values only; every other one is changed by its type.
OTHER = {
    ("schema",): None,
    ("policy_id",): "other-loans",
    ("version",): 3,
    ("valid_months",): 24,
    ("created_at",): "2027-01-01T00:00:00Z",
    ("code", "git"): "e" * 40,
    ("score", "source"): None,
    ("score", "direction"): "higher",
    ("conditions", 0, "frozen", "kind"): "fragile",
    ("conditions", 1, "frozen", "kind"): "fragile",
    ("conditions", 2, "frozen", "kind"): "fragile",
    ("conditions", 0, "frozen", "operator"): "<",
    ("conditions", 1, "frozen", "blank_too"): None,
    ("conditions", 2, "frozen", "blank_too"): None,
    ("conditions", 1, "frozen", "value"): 3.0,
    ("conditions", 2, "frozen", "value"): 3.0,
    ("alternatives", 0, "band", "hi"): 0.99,
    ("monitoring", "columns", 0, "kind"): None,
    ("monitoring", "columns", 1, "kind"): None,
    ("monitoring", "calibration", "source"): "cells",
    ("monitoring", "outcomes", "repaid"): "unfavourable",
    ("monitoring", "outcomes", "lost"): "favourable",
}


def rate(value: float | None = 0.25) -> dict[str, object]:
    if value is None:
        return {"value": None, "reason": "nobody was decided automatically", "denominator": 0.0}
    return {"value": value, "low": 0.2, "high": 0.3, "numerator": 25.0, "denominator": 100.0, "reason": "r"}


def figures(**more: object) -> dict[str, object]:
    rates = {"review_rate": rate(), "auto_error_rate": rate(0.125)}
    return {
        "n": 100, "approve": 40.0, "reject": 35.0, "review": 25.0, "no_score": 1.5, "rates": rates, **more,
    }  # fmt: skip


def monitoring() -> dict[str, object]:
    shared = {"n": 100, "blank": 5, "is_feature": True}
    return {
        "columns": [
            shared | {
                "name": "amount", "kind": "number", "edges": [10.5, 20.0], "categories": [], "counts": [30, 40, 25],
                "other": 1,
            },
            shared | {
                "name": "purpose", "kind": "category", "edges": [], "categories": ["car", "Möbel"],
                "counts": [60, 20], "other": 15,
            },
        ],
        "not_watched": {"mail": "it holds e-mail addresses"},
        "bins": {"age": [25.5, 50.0]},
        "score": {"edges": [0.25], "counts": [40, 58], "missing": 2, "cells": [[100, 40], [900, 58]]},
        "approval": [
            {"column": "", "group": "", "n": 100, "rate": rate(0.5)},
            {"column": "sex", "group": "f", "n": 40, "rate": rate(0.375)},
        ],
        "base_rate": rate(0.75),
        "calibration": {"intercept": rate(0.125), "slope": rate(1.25), "brier": rate(0.1875), "source": "rows"},
        "outcomes": {"repaid": "favourable", "lost": "unfavourable"},
        "weight": "w",
        "split": "part",
        "split_train": ["train"],
        "limits": {
            "tolerances": {"review_rate": 0.05}, "least": 0.01, "psi_watch": 0.1, "psi_breach": 0.25, "ks": 0.2,
            "min_n": 30,
        },
    }  # fmt: skip


def content() -> dict[str, object]:
    """Every field that there is, none of them null."""
    held = [
        Condition(kind="number", columns=("amount",), operator=">", value=5e4),
        Condition(kind="unseen", categories={"purpose": ("car", "Möbel"), "area": ("north",)}),
        Condition(kind="out_of_range", ranges={"z": (1.0, 2.5), "a": (-1.0, 0.5)}),
    ]
    conditions = [{"text": c.words(), "frozen": condition_to_plain(c)} for c in held]
    for condition in conditions[1:]:
        condition["frozen"] |= {"value": 2.0, "operator": ">"}
    theory = {"lo": -0.1, "threshold": 0.5, "hi": 1.2, "is_empty": False, "reason": "r"}
    gap = {"value": 0.05, "reason": "r", "left_out": ["m"]}
    free = {name: text for (*where, name), text in FREE.items() if where == ["harm"]}
    return {
        "schema": "rai-dash/policy/1",
        "policy_id": "consumer-loans",
        "version": 2,
        "parent_hash": "c" * 64,
        "title": FREE["title",],
        "environment": "QA",
        "created_at": "2026-11-29T14:05:06Z",
        "data": {
            "name": "loans.csv", "sha256": "a" * 64, "rows": 120, "columns": 9, "role": "test",
            "rows_judged": 100, "favourable": ["repaid"], "target": "outcome", "target_kind": "observed_outcome",
            "sensitive": ["sex"],
        },
        "model": {
            "name": "step 7", "format": "xgboost", "sha256": "b" * 64, "favourable_class": "1",
            "features": ["amount", "purpose"],
        },
        "score": {
            "source": "column", "column": "points", "direction": "lower", "low": 300.0, "high": 850.0,
            "unit": "points",
        },
        "code": {
            "version": "0.1.0", "git": "d" * 40, "dirty": False, "lockfile_sha256": "d" * 64, "python": "3.11.7",
            "libraries": {"numpy": "2.4.6"},
        },
        "band": {"lo": 0.35, "threshold": 0.5, "hi": 0.7},
        "conditions": conditions,
        "settings": {
            "costs": {
                "fp_fixed": 5.0, "fp_per_amount": 0.1, "fn_fixed": 1.0, "fn_per_amount": 0.2, "review": 0.3,
            },
            "reviewer": {
                "h1": 0.9, "h0": 0.8, "deference": 0.1, "by_group": {"f": [0.7, 0.6]}, "column": "sex",
                "use_recorded": True,
            },
            "workload": {
                "volume_per_day": 90.0, "minutes_per_review": 20.0, "minutes_per_day": 300.0, "reviewers": 2.0,
                "days": 20.0,
            },
            "min_n": 30,
            "limits": ["review at most 30 %"],
        },
        "metrics": {"overall": figures(), "groups": [figures(column="sex", group="Frauen <ü>")]},
        "gaps": {
            "sex": {"values": {"review_rate_gap": gap}, "compared": ["f"], "excluded": {"x": "3 rows, too few"}}
        },
        "cost": {
            "error_cost": 10.0, "review_cost": 2.5, "total": 12.5, "per_application": 0.125,
            "amount_missing": 4, "reason": "r", "theory": theory,
        },
        "people_after": {
            "expected_tp": 60.0, "expected_fn": 5.0, "expected_fp": 7.0, "expected_tn": 28.0,
            "reviews_per_day": 22.5, "reviewers_needed": 2, "busy_day_reviews": 31, "busy_day_reviewers": 3,
            "capacity_per_day": 30.0, "utilisation": 0.75, "backlog_after_days": 0.5, "reason": "r",
        },
        "guarantee": {
            "method": "fixed_sequence", "holds": True, "alpha": 0.1, "delta": 0.05, "k": 5, "n": 75, "looks": 9,
            "data_role": "test", "words": "Wrong at most 10 % of the time.",
        },
        "alternatives": [
            {
                "name": FREE["alternatives", 0, "name"], "band": {"lo": 0.3, "threshold": 0.5, "hi": 0.8},
                "review_rate": rate(0.4), "auto_error_rate": rate(0.0625), "cost": 0.25,
            }
        ],
        "warnings_shown": [{"code": "in_sample", "message": "Trained on these rows?", "ticked": True}],
        "harm": free,
        "people_before": FREE["people_before",],
        "valid_months": 12,
        "suspend_on_breach": True,
        "monitoring": monitoring(),
    }  # fmt: skip


def leaves(value: object, path: tuple[object, ...] = ()) -> Iterator[tuple[tuple[object, ...], object]]:
    parts = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
    )
    if parts is None:
        yield path, value
        return
    for key, part in parts:
        yield from leaves(part, (*path, key))


def put(value: dict, path: tuple[object, ...], new: object) -> dict:
    changed = copy.deepcopy(value)
    place = changed
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = new
    return changed


def another(path: tuple[object, ...], value: object) -> object:
    if path in OTHER:
        return OTHER[path]
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value - 1
    if isinstance(value, float):
        return value * 0.96875
    if isinstance(value, str):
        return "f" * 64 if len(value) == 64 else f"{value} more"
    return None


PLAIN = checked_policy(content()).content()
LEAVES = [(path, value) for path, value in leaves(PLAIN) if value is not None]
CHANGEABLE = [(path, another(path, value)) for path, value in LEAVES if another(path, value) is not None]
NULLABLE = [("parent_hash",), ("cost",), ("people_after",), ("guarantee",), ("monitoring",), ("band", "lo")]


def by_hand(texts: dict[str, str]):
    """Seal with hashlib, into a mapping of our own."""

    def seal(text: str) -> str:
        ref = hashlib.sha256(f"{len(texts)}{text}".encode()).hexdigest()
        texts[ref] = text
        return ref

    return seal


# --- content ---


def test_what_is_put_in_comes_out_of_canonical_json_whole():
    policy = checked_policy(content())

    back = json.loads(rfc8785.dumps(policy.content()))

    assert checked_policy(back) == policy
    given = content()
    assert {path: value for path, value in leaves(PLAIN) if value is not None}.items() >= {
        path: value for path, value in leaves(given) if value is not None
    }.items()


def test_every_field_is_tried_below():
    fixed = {path for path, value in LEAVES if another(path, value) is None}

    assert fixed == {path for path, value in OTHER.items() if value is None}


def test_time_is_kept_in_utc_to_the_second():
    east = timezone(timedelta(hours=5, minutes=30))
    made = checked_policy(content() | {"created_at": datetime(2026, 11, 29, 1, 0, 59, 123, tzinfo=east)})

    assert made.content()["created_at"] == "2026-11-28T19:30:59Z"
    assert made.created_at == datetime(2026, 11, 28, 19, 30, 59, tzinfo=UTC)


def test_undefined_is_null_with_its_reason():
    given = put(content(), ("metrics", "overall", "rates", "auto_error_rate"), rate(None))

    kept = checked_policy(given).content()["metrics"]["overall"]["rates"]["auto_error_rate"]

    assert (kept["value"], kept["reason"]) == (None, "nobody was decided automatically")


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_no_number_that_is_none_is_taken_anywhere(bad):
    floats = [path for path, value in LEAVES if isinstance(value, float)]

    assert len(floats) > 50
    for path in floats:
        with pytest.raises(InvalidRecord, match=r"finite number|no exact form"):
            checked_policy(put(PLAIN, path, bad))


@pytest.mark.parametrize(
    ("path", "bad", "says"),
    [
        (("policy_id",), "Loans", "`policy_id` is not accepted"),
        (("policy_id",), "ab", "`policy_id` is not accepted"),
        (("policy_id",), "loans\n", "`policy_id` is not accepted"),
        (("title",), "  ", "`title` is missing"),
        (("version",), 0, "`version` is not accepted"),
        (("valid_months",), 61, "`valid_months` is not accepted"),
        (("band", "lo"), 0.9, r"The band is not accepted.*Review band page"),
        (("data", "rows_judged"), 121, r"121 rows were judged, of 120"),
        (("score", "column"), None, "a score column has a name"),
        (("score", "high"), 300.0, "ends before it begins: 300 to 300"),
        (("monitoring", "columns", 0, "n"), 2**60, r"`monitoring.columns"),
        (
            ("monitoring", "columns", 0, "counts"),
            [1, 2],
            r"the counts of `amount` are of 2 cells, and it has 3",
        ),
        (("monitoring", "limits", "psi_watch"), 0.5, r"watched from 0.5 on and broken from 0.25 on"),
        (("mood",), "good", "`mood` is not part of a record"),
        (("harm", "answerable"), "\ud83d", "half a character"),
        (("code", "git"), "main", "`code.git` is not accepted"),
    ],
)
def test_a_wrong_field_is_named_in_a_sentence(path, bad, says):
    with pytest.raises(InvalidRecord, match=says) as caught:
        checked_policy(put(PLAIN, path, bad))

    assert "pydantic" not in caught.value.message
    assert "\n" not in caught.value.message.replace("loans\n", "")


def test_a_condition_whose_parts_do_not_fit_is_refused():
    with pytest.raises(InvalidChoice, match="names one column"):
        checked_policy(put(PLAIN, ("conditions", 0, "frozen", "columns"), ["a", "b"]))


def test_another_version_differs_in_its_number_and_parent_only():
    policy = checked_policy(content())

    later = policy.numbered(7, "e" * 64)

    assert later.content() == policy.content() | {"version": 7, "parent_hash": "e" * 64}
    assert same_policy(policy, later)
    with pytest.raises(ValueError, match="version"):
        policy.numbered(0, None)


def test_a_policy_cannot_be_changed():
    with pytest.raises(ValueError, match="frozen"):
        checked_policy(content()).band.lo = 0.1


# --- schema ---


def test_the_schema_is_one_and_what_we_write_fits_it():
    schema = policy_schema()

    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    validator.validate(PLAIN)
    validator.validate(json.loads(rfc8785.dumps(checked_policy(minimal()).content())))
    assert set(schema["required"]) == {("schema" if n == "schema_id" else n) for n in Policy.model_fields}


@pytest.mark.parametrize("path", [("band", "lo"), ("data", "sha256"), ("harm", "answerable"), ("schema",)])
def test_what_we_would_not_read_does_not_fit_the_schema(path):
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(put(PLAIN, path, "?" if path != ("harm", "answerable") else 3), policy_schema())


def minimal() -> dict[str, object]:
    given = content()
    for name in ("conditions", "cost", "people_after", "guarantee", "alternatives", "harm", "people_before"):
        del given[name]
    return given | {"parent_hash": None, "monitoring": None}


# --- sealing ---


def test_free_text_is_given_away_and_comes_back():
    policy = checked_policy(content())
    texts: dict[str, str] = {}

    sealed = json.loads(rfc8785.dumps(policy.sealed_content(by_hand(texts))))

    assert sorted(texts.values()) == sorted(FREE.values())
    for path, text in FREE.items():
        place = sealed
        for key in path:
            place = place[key]
        assert list(place) == ["sealed"]
        assert texts[place["sealed"]] == text
    assert policy_of_content(sealed, texts) == policy
    assert policy.content() == PLAIN


def test_no_word_of_a_free_text_is_left_in_what_is_sealed():
    policy = checked_policy(content())
    written = rfc8785.dumps(policy.sealed_content(by_hand({}))).decode()

    for text in FREE.values():
        assert text in rfc8785.dumps(policy.content()).decode()
        assert not [word for word in text.split() if len(word) > 5 and word.strip(".,'s") in written]


def test_a_draft_seals_what_it_has():
    texts: dict[str, str] = {}
    policy = checked_policy(minimal())

    sealed = policy.sealed_content(by_hand(texts))

    assert list(texts.values()) == [FREE["title",]]
    assert sealed["harm"] == {"wrong_approval": None, "wrong_refusal": None, "answerable": None}
    assert policy_of_content(sealed, texts) == policy


def test_what_was_erased_says_so():
    texts: dict[str, str] = {}
    policy = checked_policy(content())
    sealed = policy.sealed_content(by_hand(texts))
    (ref,) = (ref for ref, text in texts.items() if text == "Ada Answerword")

    back = policy_of_content(sealed, texts | {ref: None})

    assert back.harm.answerable == "(erased)"
    assert back.band == policy.band


def test_what_was_never_a_policy_cannot_be_read_from_the_ledger():
    with pytest.raises(LedgerBroken, match=r"cannot be read: The field `band.hi` is not accepted"):
        policy_of_content(put(PLAIN, ("band", "hi"), "high"), {})


# --- the same policy ---


@pytest.mark.parametrize(
    ("path", "new"), CHANGEABLE, ids=lambda p: ".".join(map(str, p)) if isinstance(p, tuple) else ""
)
def test_the_fingerprint_changes_with_what_defines_a_policy_and_nothing_else(path, new):
    old, changed = checked_policy(PLAIN), checked_policy(put(PLAIN, path, new))
    is_identity = path[0] in IDENTITY

    assert old != changed
    assert (settings_fingerprint(old) == settings_fingerprint(changed)) is (is_identity or path in FREE)
    assert same_policy(old, changed) is is_identity


@pytest.mark.parametrize("path", NULLABLE)
def test_what_is_taken_away_changes_the_fingerprint_too(path):
    old, changed = checked_policy(PLAIN), checked_policy(put(PLAIN, path, None))

    assert (settings_fingerprint(old) == settings_fingerprint(changed)) is (path[0] in IDENTITY)


def test_the_fingerprint_is_that_of_canonical_json_without_identity_and_free_text():
    kept = {name: copy.deepcopy(value) for name, value in PLAIN.items() if name not in IDENTITY}
    del kept["title"], kept["people_before"], kept["alternatives"][0]["name"]
    for name in ("wrong_approval", "wrong_refusal", "answerable"):
        del kept["harm"][name]

    assert settings_fingerprint(checked_policy(PLAIN)) == hashlib.sha256(rfc8785.dumps(kept)).hexdigest()


def test_the_order_of_keys_does_not_matter():
    turned = dict(reversed(PLAIN.items()))

    assert settings_fingerprint(checked_policy(turned)) == settings_fingerprint(checked_policy(PLAIN))


# --- complete ---


def test_a_complete_policy_may_be_submitted():
    check_complete(checked_policy(content()))


@pytest.mark.parametrize(
    ("path", "short", "enough", "says"),
    [
        (("harm", "wrong_approval"), "123456789", "1234567890", "what a wrong approval does"),
        (("harm", "wrong_refusal"), "123456789", "1234567890", "what a wrong refusal does"),
        (("harm", "answerable"), "A", "Al", "who answers for wrong decisions"),
        (("people_before",), "123456789", "1234567890", "changes for the people who decided before"),
    ],
)
def test_a_policy_that_does_not_say_enough_cannot_be_submitted(path, short, enough, says):
    check_complete(checked_policy(put(PLAIN, path, f" {enough} ")))
    for text in (None, short):
        with pytest.raises(InvalidRecord, match=says) as caught:
            check_complete(checked_policy(put(PLAIN, path, text)))
        assert caught.value.message.count("Say ") == 1


# --- routing without the data ---


names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)
ends = st.tuples(
    st.one_of(st.just(-math.inf), st.floats(-1e6, 1e6)), st.one_of(st.just(math.inf), st.floats(-1e6, 1e6))
)
conditions = st.one_of(
    st.builds(
        Condition, kind=st.just("number"), columns=st.tuples(names), operator=st.sampled_from("<>"),
        value=st.floats(allow_nan=False, allow_infinity=False), blank_too=st.booleans(),
    ),
    st.builds(
        Condition, kind=st.just("category"), columns=st.tuples(names), blank_too=st.booleans(),
        values=st.lists(st.sampled_from(["car", "Möbel", "a, b", '"']), min_size=1, unique=True).map(tuple),
    ),
    st.builds(
        Condition, kind=st.just("unseen"),
        categories=st.dictionaries(names, st.lists(names, max_size=3).map(tuple), max_size=4),
    ),
    st.builds(Condition, kind=st.just("out_of_range"), ranges=st.dictionaries(names, ends, max_size=4)),
    st.builds(Condition, kind=st.just("blank"), columns=st.lists(names, min_size=1, max_size=4).map(tuple)),
    st.builds(Condition, kind=st.just("fragile")),
)  # fmt: skip


@given(conditions)
def test_a_condition_survives_canonical_json_whole_and_in_order(condition):
    written = rfc8785.dumps(PolicyCondition.of(condition).model_dump(mode="json"))

    back = PolicyCondition.model_validate(json.loads(written))

    assert back.condition == condition
    assert policy_of(ReviewBand(0.3, 0.5, 0.7), [back.condition]) == policy_of(
        ReviewBand(0.3, 0.5, 0.7), [condition]
    )


def test_a_condition_in_pieces_cannot_be_read():
    with pytest.raises(InvalidChoice, match="no condition of the kind `mood`"):
        condition_from_plain({"kind": "mood"})


def test_a_policy_gives_back_what_routing_takes():
    policy = checked_policy(content())

    assert policy.review_band == ReviewBand(0.35, 0.5, 0.7)
    assert [c.kind for c in policy.routed_conditions] == ["number", "unseen", "out_of_range"]
    assert list(policy.routed_conditions[2].ranges or {}) == ["z", "a"]
    assert policy.score.scale == ScoreScale(direction=Direction.LOWER, low=300, high=850, unit="points")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Loans, Köln 2026.csv", "loans-koln-2026-csv"),
        ("日本", "policy"),
        ("a", "policy-a"),
        ("x" * 99, "x" * 64),
    ],
)
def test_a_short_name_is_made_of_a_text(text, found):
    assert policy_id_of(text) == found
    assert checked_policy(content() | {"policy_id": found}).policy_id == found
