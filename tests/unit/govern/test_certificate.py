from __future__ import annotations

from rai_dash.govern.certificate import certificate
from rai_dash.govern.ledger import next_record
from rai_dash.govern.signoff import sign_off


def test_a_certificate_says_who_decided_what_and_what_it_does(content):
    record = next_record(
        sign_off(content()).content(), kind="sign_off", subject="sign-off", actor="local", last=None
    )

    shown = certificate(record)

    assert shown.headline == (
        "Zoë Müller-日本, as domain expert, approved this band on 25 November 2026 at 09:30 UTC."
    )
    assert shown.sentences[0].startswith("Scores below 0.35 are declined, scores from 0.7 are approved")
    assert shown.sentences[1] == (
        "Of 1,000 applications 412 are approved, 355 declined and 233 sent to a person, "
        "12 of them without a score."
    )
    assert shown.sentences[2] == "Wrong when it decides alone: 30 % (25 % to 35 %), 230 of 767."
    facts = dict(shown.facts)
    assert facts["Hash"] == record.hash
    assert facts["Identity"] == "Zoë Müller-日本 (typed in, not verified)"
    assert shown.groups == (("sex", "Frauen <ü>", "–", "– (nobody was decided automatically)"),)
    assert shown.warnings == ("Trained on these rows?",)


def test_open_ends_are_told_in_words(content):
    made = content(band={"lo": None, "threshold": 0.5, "hi": None})

    shown = certificate(
        next_record(sign_off(made).content(), kind="sign_off", subject="sign-off", actor="local", last=None)
    )

    assert "Nobody is declined automatically, nobody is approved automatically" in shown.sentences[0]
