"""A sign-off in plain words.

The sentences hold names as they were signed; a page passes them through ``rai_dash.ui.text.safe``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rai_dash.core.words import count, estimate_words
from rai_dash.govern.ledger import Record
from rai_dash.govern.signoff import Figures, SignedBand, SignOff, read_sign_off

_DECIDED = {"approve": "approved", "reject": "rejected", "abstain": "abstained from judging"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """A record as a page shows it.

    Parameters
    ----------
    headline : str
        Who decided what, in which role, when.
    sentences : tuple of str
        What the band does.
    facts : tuple of (str, str)
        Labels and values: reason, data, model, fingerprints, hashes.
    groups : tuple of (str, str, str, str)
        Sensitive column, group, share sent to a person, error of the automated part.
    warnings : tuple of str
        What was warned of when it was signed.
    """

    headline: str
    sentences: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    groups: tuple[tuple[str, str, str, str], ...]
    warnings: tuple[str, ...]


def certificate(record: Record) -> Certificate:
    """Put a record into plain words.

    Raises
    ------
    LedgerBroken
        When the stored content cannot be read.
    """
    signed = read_sign_off(record)
    signer = signed.signer
    when = f"{signed.signed_at.day} {signed.signed_at:%B %Y at %H:%M} UTC"
    groups = tuple(
        (g.column, g.group, _told(g, "review_rate"), _told(g, "auto_error_rate"))
        for g in signed.figures.groups
    )
    return Certificate(
        headline=f"{signer.name}, as {signer.role}, {_DECIDED[signer.decision]} this band on {when}.",
        sentences=tuple(_sentences(signed)),
        facts=(
            *_facts(signed),
            ("Record", str(record.seq)),
            ("Hash", record.hash),
            ("Hash before", record.prev_hash),
        ),
        groups=groups,
        warnings=tuple(w.message for w in signed.warnings_shown),
    )


def _sentences(signed: SignOff) -> Iterator[str]:
    yield _band_words(signed.band)
    everyone = signed.figures.overall
    no_score = f", {count(everyone.no_score)} of them without a score" if everyone.no_score else ""
    total = everyone.approve + everyone.reject + everyone.review
    yield (
        f"Of {count(total)} applications {count(everyone.approve)} are approved, "
        f"{count(everyone.reject)} declined and {count(everyone.review)} sent to a person{no_score}."
    )
    if "auto_error_rate" in everyone.rates:
        yield f"Wrong when it decides alone: {_told(everyone, 'auto_error_rate')}."


def _facts(signed: SignOff) -> Iterator[tuple[str, str]]:
    signer, data, model = signed.signer, signed.data, signed.model
    yield "Reason", signer.reason
    yield "Meaning of the signature", signer.meaning
    yield "Identity", f"{signer.name} ({signer.identity_source}, not verified)"
    yield "Case", signed.case
    yield "Data", f"{data.name}, {count(data.rows)} rows, {data.role}"
    yield "Fingerprint of the data", data.fingerprint
    yield "Model", f"{model.name} ({model.format})"
    if model.fingerprint:
        yield "Fingerprint of the model", model.fingerprint
    if model.favourable_class is not None:
        yield "Favourable class", model.favourable_class
    yield "Version of the app", signed.code.version


def cut_words(value: float | None) -> str:
    """Write an end of a band; None is an open one."""
    return "open" if value is None else f"{value:.6g}"


def _band_words(band: SignedBand) -> str:
    declined = "Nobody is declined automatically"
    if band.lo is not None:
        declined = f"Scores below {cut_words(band.lo)} are declined"
    approved = "nobody is approved automatically"
    if band.hi is not None:
        approved = f"scores from {cut_words(band.hi)} are approved"
    return (
        f"{declined}, {approved}, and everyone else goes to a person; "
        f"the model's own line is {cut_words(band.threshold)}."
    )


def _told(figures: Figures, name: str) -> str:
    rate = figures.rates.get(name)
    return "–" if rate is None else estimate_words(rate.estimate())
