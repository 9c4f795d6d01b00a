from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone

import numpy as np
import pytest

from rai_dash.core.errors import InvalidRecord, LedgerBroken
from rai_dash.core.types import Estimate, Notice, ReviewBand
from rai_dash.data.counting import count
from rai_dash.data.groups import GroupIndex
from rai_dash.govern.complaints import MIN_REASON_CHARACTERS
from rai_dash.govern.ledger import Record, canonical, next_record, parse
from rai_dash.govern.signoff import (
    DECISIONS,
    Code,
    Rate,
    SignedFigures,
    SignOff,
    Warned,
    read_sign_off,
    sign_off,
    sign_off_schema,
)
from rai_dash.review.band import route


def with_signer(content, **changes):
    made = content()
    return made | {"signer": made["signer"] | changes}


def test_what_is_signed_comes_back_the_same_from_its_canonical_json(content):
    signed = sign_off(content())

    body = canonical(signed.content())

    assert SignOff.model_validate(parse(body)) == signed
    assert json.loads(body)["figures"]["overall"]["rates"]["auto_error_rate"]["value"] == 0.1 + 0.2
    assert "Zoë Müller-日本" in body


def test_an_undefined_figure_is_null_with_its_reason(content):
    rate = sign_off(content()).content()["figures"]["groups"][0]["rates"]["auto_error_rate"]

    assert rate["value"] is None
    assert rate["reason"] == "nobody was decided automatically"
    assert Rate.model_validate(rate).estimate() == Estimate.undefined("nobody was decided automatically")


def test_the_time_is_written_in_utc_to_the_second(content):
    east = timezone(timedelta(hours=5, minutes=30))
    signed = sign_off(content(signed_at=datetime(2026, 11, 25, 1, 0, 59, 123, tzinfo=east)))

    assert signed.content()["signed_at"] == "2026-11-24T19:30:59Z"


@pytest.mark.parametrize("ends", [(None, None), (None, 0.7), (0.0, 0.5), (0.5, 0.5)])
def test_open_and_closed_ends_of_the_band_are_kept(content, ends):
    signed = sign_off(content(band={"lo": ends[0], "threshold": 0.5, "hi": ends[1]}))

    assert (signed.content()["band"]["lo"], signed.content()["band"]["hi"]) == ends


@pytest.mark.parametrize("field", ["name", "role", "reason", "decision"])
@pytest.mark.parametrize("value", ["", "   \n", None])
def test_a_blank_field_of_the_signer_is_named(content, field, value):
    with pytest.raises(InvalidRecord, match=rf"(?i)the {field}( of the signer)? is missing\."):
        sign_off(with_signer(content, **{field: value}))


def test_a_short_reason_is_refused_with_the_minimum(content):
    with pytest.raises(InvalidRecord, match=f"has 4 characters; at least {MIN_REASON_CHARACTERS} are needed"):
        sign_off(with_signer(content, reason="  fine  "))


def test_blanks_around_what_is_typed_are_not_kept(content):
    assert sign_off(with_signer(content, name="  Ada  ")).signer.name == "Ada"


@pytest.mark.parametrize("decision", DECISIONS)
def test_approval_rejection_and_abstention_can_be_signed(content, decision):
    assert sign_off(with_signer(content, decision=decision)).signer.decision == decision


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        (
            {"band": {"lo": 0.8, "threshold": 0.5, "hi": 0.9}},
            "The band is not accepted: the band needs low <=",
        ),
        ({"band": {"lo": float("nan"), "threshold": 0.5, "hi": 0.9}}, "`band.lo` is not a finite number"),
        ({"signed_at": datetime(2026, 11, 25)}, "`signed_at` is not accepted: .*timezone"),  # noqa: DTZ001
        ({"data": None}, "`data` is missing"),
        (
            {"data": {"name": "x", "fingerprint": "zz", "rows": 1, "role": "y"}},
            "`data.fingerprint` is not acc",
        ),
        ({"mood": "good"}, "`mood` is not part of a record"),
        ({"schema": "rai-dash/sign-off/9"}, "`schema` is not accepted"),
    ],
)
def test_a_wrong_field_is_named_in_a_sentence(content, changes, says):
    with pytest.raises(InvalidRecord, match=says) as caught:
        sign_off(content(**changes))

    assert "pydantic" not in caught.value.message
    assert "\n" not in caught.value.message


def test_infinity_in_a_figure_is_refused(content):
    made = content()
    made["figures"]["overall"]["rates"]["auto_error_rate"]["value"] = float("inf")

    with pytest.raises(InvalidRecord, match="not a finite number; an undefined figure is written as null"):
        sign_off(made)


def test_half_a_character_is_refused(content):
    with pytest.raises(InvalidRecord, match="half a character"):
        sign_off(with_signer(content, name="\ud83d"))


def test_a_signed_record_cannot_be_changed(content):
    signed = sign_off(content())

    with pytest.raises(ValueError, match="frozen"):
        signed.signer.name = "Somebody else"


def test_figures_are_those_of_the_review_room():
    index = GroupIndex("sex", ("a", "b"), np.array([0, 0, 0, 1, 1, 1], np.int32))
    counts = count(np.array([0, 1, 1, 1, 0, 0], np.int8), np.array([0.1, 0.5, 0.9, 0.2, 0.8, np.nan]), index)

    figures = SignedFigures.of([route(counts, ReviewBand(0.3, 0.5, 0.7))])

    overall = figures.overall
    assert (overall.n, overall.approve, overall.reject, overall.review, overall.no_score) == (6, 2, 2, 2, 1)
    error = overall.rates["auto_error_rate"]
    assert (error.value, error.numerator, error.denominator) == (0.5, 2, 4)
    assert [(g.column, g.group, g.n, g.review) for g in figures.groups] == [
        ("sex", "a", 3, 1),
        ("sex", "b", 3, 1),
    ]


def test_figures_of_everyone_have_no_groups():
    counts = count(np.array([0, 1], np.int8), np.array([0.1, 0.9]), None)

    assert SignedFigures.of([route(counts, ReviewBand(None, 0.5, None))]).groups == ()


def test_notices_become_the_warnings_shown():
    assert Warned.of([Notice("a", "Watch out.", "col", 3)]) == (Warned(code="a", message="Watch out."),)


def test_the_running_version_is_recorded():
    assert Code.here().version[0].isdigit()


def test_a_stored_record_is_read_back(content):
    signed = sign_off(content())

    assert (
        read_sign_off(
            next_record(signed.content(), kind="sign_off", subject="sign-off", actor="local", last=None)
        )
        == signed
    )


def test_a_foreign_record_is_refused_by_name():
    with pytest.raises(LedgerBroken, match="Record 4 is not a sign-off of this version"):
        read_sign_off(Record(seq=4, body='{"a":1}', prev_hash="", hash=""))


def test_the_json_schema_names_every_part():
    schema = sign_off_schema()

    assert set(schema["required"]) >= {"schema", "signed_at", "band", "figures", "data", "model", "signer"}
    assert schema["properties"]["schema"]["const"] == "rai-dash/sign-off/1"
    assert schema["$defs"]["Signer"]["properties"]["reason"]["minLength"] == MIN_REASON_CHARACTERS
