"""Check the names and texts beside a chain against the references in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from rai_dash.govern._findings import Finding, Tampering
from rai_dash.govern.ledger import Link, Record, parse
from rai_dash.govern.sealed import ERASURE_KIND, Sealed, is_ref, refs_in


def check_sealed(records: Sequence[Record], sealed: Sequence[Sealed]) -> list[Finding]:
    """Find sealed names and texts that were changed, removed, put back, or never told of as erased.

    Parameters
    ----------
    records : sequence of Record
        References in records that are not intact themselves are left alone.
    sealed : sequence of Sealed
        What is kept beside them.

    Returns
    -------
    list of Finding
        By the record that refers to the text first.
    """
    known = {s.ref: s for s in sealed}
    uses: dict[str, int] = {}
    people: dict[str, int] = {}
    erased: dict[str, str] = {}
    for record in records:
        if isinstance(record, Link):
            continue
        refs, gone, is_person = _referred(record), erased_refs(record), is_ref(record.actor)
        # Hashing again is dear, and most records refer to nothing.
        if not (refs or gone or is_person) or not record.is_intact:
            continue
        for ref in refs:
            uses.setdefault(ref, record.seq)
        erased |= dict.fromkeys(gone, str(record.at_utc))
        if is_person:
            people.setdefault(str(record.actor), record.seq)
    for ref, seq in people.items():
        uses[ref] = min(seq, uses.get(ref, seq))
    found = [*_changed(known, uses, erased), *_missing(known, uses, erased), *_no_people(known, people)]
    found += _doubled(sealed, uses)
    return sorted(found, key=lambda f: f.seq or 0)


def _referred(record: Record) -> set[str]:
    # Most records refer to nothing; reading their text for it would cost most of the check.
    if '"sealed"' not in record.body:
        return set()
    return refs_in(parse(record.body))


def referred_refs(record: Record) -> set[str]:
    """Return every reference of a record: in its content, and who wrote it."""
    return _referred(record) | ({str(record.actor)} if is_ref(record.actor) else set())


def erased_refs(record: Record) -> list[str]:
    """Return what a record tells of as erased."""
    if record.kind != ERASURE_KIND:
        return []
    content = parse(record.body)
    refs = content.get("refs") if isinstance(content, dict) else None
    return [ref for ref in refs if is_ref(ref)] if isinstance(refs, list) else []


def _finding(seq: int | None, text: str) -> Finding:
    return Finding(Tampering.SEALED, seq, text)


def _place(seq: int | None) -> str:
    return "no record" if seq is None else f"record {seq}"


def _changed(
    known: Mapping[str, Sealed], uses: Mapping[str, int], erased: Mapping[str, str]
) -> Iterator[Finding]:
    for ref, kept in known.items():
        seq = uses.get(ref)
        called = (
            f"The sealed {kept.kind} of {_place(seq)}" if kept.is_intact else f"What {_place(seq)} refers to"
        )
        if not kept.is_intact:
            yield _finding(seq, f"{called} was changed: the text {ref[:12]}… does not fit its hash.")
        elif kept.text is None and ref not in erased:
            yield _finding(seq, f"{called} is gone ({ref[:12]}…), and no record tells that it was erased.")
        elif kept.text is None and kept.erased_at != erased[ref]:
            yield _finding(
                seq, f"{called} ({ref[:12]}…) was erased at {erased[ref]}; its row says another time."
            )
        elif kept.text is not None and ref in erased:
            yield _finding(seq, f"{called} ({ref[:12]}…) was erased at {erased[ref]} and is there again.")


def _missing(
    known: Mapping[str, Sealed], uses: Mapping[str, int], erased: Mapping[str, str]
) -> Iterator[Finding]:
    for ref, seq in uses.items():
        if ref not in known and ref not in erased:
            text = f"The text {ref[:12]}… of record {seq} is missing, and no record tells that it was erased."
            yield _finding(seq, text)


def _doubled(sealed: Sequence[Sealed], uses: Mapping[str, int]) -> Iterator[Finding]:
    """Find references with more than one text: somebody reads the first of them, and the check another one."""
    for ref, n in Counter(kept.ref for kept in sealed).items():
        if n > 1:
            seq = uses.get(ref)
            yield _finding(seq, f"The text {ref[:12]}… of {_place(seq)} is there {n} times.")


def _no_people(known: Mapping[str, Sealed], people: Mapping[str, int]) -> Iterator[Finding]:
    for ref, seq in people.items():
        if ref in known and known[ref].kind != "person":
            yield _finding(
                seq, f"Who wrote record {seq} ({ref[:12]}…) is kept as a text and not as a person."
            )
