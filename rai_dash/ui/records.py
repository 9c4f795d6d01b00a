"""Signing a band and showing what was signed before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from rai_dash.case import Case, Judgement
from rai_dash.core.errors import LedgerBroken
from rai_dash.core.types import Notice
from rai_dash.govern.ledger import Record
from rai_dash.review.band import RouteTable
from rai_dash.ui.state import View
from rai_dash.ui.text import count, safe

SHOWN = 20


@dataclass(frozen=True, slots=True)
class Told:
    """A record in escaped words: a title and a paragraph each."""

    title: str
    lines: tuple[str, ...]


def _warnings(judgement: Judgement, warned: Sequence[Notice]) -> list[Notice]:
    """Collect every warning that was on the page: of the file, of the model, of the band."""
    found = [*judgement.data.dataset.warnings, *judgement.notices]
    if judgement.model is not None:
        found += judgement.model.model.info.warnings
    return [*found, *warned]


def sign(
    view: View,
    tables: Sequence[RouteTable],
    *,
    signer: Mapping[str, str],
    warned: Sequence[Notice],
    now: datetime,
) -> int:
    """Put the band of a view with all it rests on into the store; returns the number of the record.

    ``warned`` are the warnings of the band, and whether each was ticked.

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
            "warnings_shown": Warned.of(_warnings(judgement, warned)),
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
    try:
        data = record.content.get("data")
    except LedgerBroken:
        return None
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


def told(record: Record) -> Told:
    """Put a record into plain words, escaped; one that cannot be read says so."""
    from rai_dash.govern.certificate import certificate

    try:
        found = certificate(record)
    except LedgerBroken as error:
        return Told(f"{count(record.seq)} · cannot be read", (safe(error.message, limit=400),))
    facts = [f"**{safe(label)}:** {safe(value, limit=5000)}" for label, value in found.facts]
    groups = [
        f"{safe(column)}, {safe(group)}: to a person {safe(review)}, wrong when alone {safe(wrong)}"
        for column, group, review, wrong in found.groups
    ]
    warned = [f"**Warned of:** {safe(text, limit=400)}" for text in found.warnings]
    lines = [safe(text, limit=600) for text in found.sentences]
    return Told(
        f"{count(record.seq)} · {safe(found.headline, limit=200)}", tuple(lines + facts + groups + warned)
    )


def changed_words(older: Record, newer: Record) -> list[str]:
    """Say what changed from one record to a later one; empty where one of them cannot be read."""
    from rai_dash.govern.changes import compare
    from rai_dash.govern.signoff import read_sign_off

    try:
        found = compare(read_sign_off(older), read_sign_off(newer))
    except LedgerBroken:
        return []
    return [safe(text, limit=400) for text in found] or ["Nothing but the signature."]


def record_bytes(record: Record) -> bytes:
    """Return the signed content as it is hashed."""
    return record.body.encode()
