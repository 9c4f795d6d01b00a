"""Sign-offs of earlier versions of the app: one record each, without a workflow."""

from __future__ import annotations

from dataclasses import dataclass

from rai_dash.case import Case
from rai_dash.core.errors import LedgerBroken
from rai_dash.core.texts import tr
from rai_dash.govern.certificate import certificate
from rai_dash.govern.ledger import Record
from rai_dash.ui.signing import desk
from rai_dash.ui.text import count, safe

#: Kind that such a record has in the newer form of the ledger; in the older form records have no kind.
_KIND = "sign_off"


@dataclass(frozen=True, slots=True)
class Told:
    """A record in escaped words: a title and a paragraph each."""

    title: str
    lines: tuple[str, ...]


def past(case: Case) -> list[Record]:
    """Return the old sign-offs that rest on the data of a case, newest first; other people's stay unseen."""
    room = desk.room()
    if not room.shelf().last:
        return []
    own = {d.dataset.fingerprint for d in case.data}
    return [r for r in reversed(room.store().records()) if r.kind in {None, _KIND} and _data_of(r) in own]


def _data_of(record: Record) -> object:
    try:
        data = record.content.get("data")
    except LedgerBroken:
        return None
    return data.get("fingerprint") if isinstance(data, dict) else None


def told(record: Record) -> Told:
    """Put a record into plain words, escaped; one that cannot be read says so."""
    try:
        found = certificate(record)
    except LedgerBroken as error:
        return Told(tr("{seq} · cannot be read", seq=count(record.seq)), (safe(error.message, limit=400),))
    facts = [f"**{safe(label)}:** {safe(value, limit=5000)}" for label, value in found.facts]
    groups = [
        tr(
            "{column}, {group}: to a person {review}, wrong when alone {wrong}",
            column=safe(column),
            group=safe(group),
            review=safe(review),
            wrong=safe(wrong),
        )
        for column, group, review, wrong in found.groups
    ]
    warned = [tr("**Warned of:** {text}", text=safe(text, limit=400)) for text in found.warnings]
    lines = [safe(text, limit=600) for text in found.sentences]
    return Told(
        f"{count(record.seq)} · {safe(found.headline, limit=200)}", tuple(lines + facts + groups + warned)
    )


def record_bytes(record: Record) -> bytes:
    """Return the signed content as it is hashed."""
    return record.body.encode()
