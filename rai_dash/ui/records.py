"""Signing a band and showing what was signed before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from rai_dash.case import Case, Exposure, Judgement
from rai_dash.core.types import Notice, ReviewBand
from rai_dash.govern.ledger import Record
from rai_dash.review.band import RouteTable
from rai_dash.ui.band_words import band_words
from rai_dash.ui.state import View
from rai_dash.ui.text import count, estimate_text, safe

SHOWN = 20


def _warnings(judgement: Judgement) -> list[Notice]:
    """Collect every warning that was on the page."""
    found = [*judgement.data.dataset.warnings, *judgement.notices]
    if judgement.model is not None:
        found += judgement.model.model.info.warnings
    if judgement.exposure in {Exposure.UNKNOWN, Exposure.IN_SAMPLE}:
        text = "The model may have been trained on the rows that the figures rest on."
        found.append(Notice("in_sample", text))
    found.append(Notice("not_certified", "The band was picked on the rows that its figures are reported on."))
    return found


def sign(view: View, tables: Sequence[RouteTable], *, signer: Mapping[str, str], now: datetime) -> int:
    """Put the band of a view with all it rests on into the store; returns the number of the record.

    Raises
    ------
    RaiError
        When the signature is incomplete or the store cannot be written.
    """
    from rai_dash.govern.signoff import Code, SignedData, SignedFigures, SignedModel, Warned, sign_off
    from rai_dash.govern.store import SignOffStore

    judgement = view.judgement
    dataset, model, band = judgement.data.dataset, judgement.model, tables[0].band
    content = sign_off(
        {
            "signed_at": now,
            "case": view.case.title,
            "band": {"lo": band.lo, "threshold": band.threshold, "hi": band.hi},
            "figures": SignedFigures.of(tables),
            "data": SignedData(
                name=judgement.data.title,
                fingerprint=dataset.fingerprint,
                rows=judgement.n_judged,
                role=judgement.data.role.value,
            ),
            "model": SignedModel(
                name=model.title if model else f"score column {judgement.roles.score}",
                format=model.model.info.format if model else "score_column",
                fingerprint=model.model.info.fingerprint if model else None,
                favourable_class=model.model.model_class if model else None,
            ),
            "code": Code.here(),
            "warnings_shown": Warned.of(_warnings(judgement)),
            "signer": signer,
        }
    )
    with SignOffStore() as store:
        return store.append(content).seq


def past(case: Case) -> list[Record]:
    """Return the records that rest on the data of a case, newest first; other people's stay unseen."""
    from rai_dash.govern.store import SignOffStore

    own = {d.dataset.fingerprint for d in case.data}
    with SignOffStore() as store:
        return [r for r in reversed(store.list()) if _data_of(r) in own]


def _data_of(record: Record) -> object:
    data = record.content.get("data")
    return data.get("fingerprint") if isinstance(data, dict) else None


def chain_words() -> str:
    """Say whether the chain of all records is whole."""
    from rai_dash.govern.store import SignOffStore

    with SignOffStore() as store:
        findings = store.verify()
        total = len(store.list())
    if not findings:
        noun = "record" if total == 1 else "records"
        return f"The chain of {count(total)} {noun} in this store is whole: nothing was edited, removed or swapped."
    return f"The chain of records is broken: {safe(findings[0].message, limit=300)}"


def fingerprint_words(judgement: Judgement) -> str:
    """Name the fingerprints of data and model."""
    data = judgement.data.dataset.fingerprint[:12]
    model = judgement.model.model.info.fingerprint[:12] if judgement.model else "none"
    return f"Data sha256 {safe(data)}…, model sha256 {safe(model)}…, {count(judgement.n_judged)} rows."


def record_title(record: Record) -> str:
    """Write one line about a record."""
    from rai_dash.govern.signoff import read_sign_off

    signed = read_sign_off(record)
    when = signed.signed_at.strftime("%Y-%m-%d %H:%M UTC")
    return (
        f"{count(record.seq)} · {safe(signed.signer.decision)} by {safe(signed.signer.name)}, "
        f"{safe(signed.signer.role)}, {safe(when)}"
    )


def record_lines(record: Record) -> list[str]:
    """Write what was signed, a paragraph each."""
    from rai_dash.govern.signoff import read_sign_off

    signed = read_sign_off(record)
    band = ReviewBand(signed.band.lo, signed.band.threshold, signed.band.hi)
    overall = signed.figures.overall
    error = overall.rates["auto_error_rate"].estimate()
    seen = f"data {safe(signed.data.name)} ({count(signed.data.rows)} rows), model {safe(signed.model.name)}"
    routes = f"{count(overall.approve)} approved, {count(overall.reject)} declined, {count(overall.review)} to a person"
    lines = [
        f"**Case:** {safe(signed.case)}, {seen}.",
        f"**Band:** {band_words(band)}.",
        f"**Routes:** {routes}.",
        f"**Wrong when it decides alone:** {estimate_text(error)}.",
        f"**Reason:** {safe(signed.signer.reason, limit=5000)}",
        f"**Record hash:** {safe(record.hash, limit=64)}",
    ]
    shown = "; ".join(safe(w.message, limit=300) for w in signed.warnings_shown)
    return [*lines, f"**Warnings on the page:** {shown or 'none'}"]


def record_bytes(record: Record) -> bytes:
    """Return the signed content as it is hashed."""
    return record.body.encode()
