"""The simplest story that explains the rows of a broken chain.

Two different manipulations can leave the same traces; that anything is wrong at all is exact and known before.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations, islice, pairwise

from rai_dash.govern._findings import Finding, Tampering
from rai_dash.govern.ledger import GENESIS, Record

#: Only this many unexplained rows are searched for their true place: a wrecked file must not take minutes.
_SEARCHED = 50
_REACH = 32
#: What may have changed places while the hashes stayed: the bodies, or all that was said.
_CONTENTS = (("body",), ("body", "at_utc", "kind", "subject", "actor"))


@dataclass(frozen=True, slots=True)
class _Row:
    """A record and the place its hash proves; ``place`` None = the hash fits no place."""

    record: Record
    place: int | None = None


def diagnose(records: Sequence[Record], vouched: set[str]) -> list[Finding]:
    """Say what was done to a chain that is broken.

    Parameters
    ----------
    records : sequence of Record
        In the order of the store or of the export.
    vouched : set of str
        Hashes that other records or checkpoints refer to.
    """
    rows = _place(records)
    rows, swapped = _swapped_contents(rows)
    rows, inserted = _inserted(rows, vouched)
    rows, moved = _moved(rows)
    findings = [*swapped, *inserted, *moved, *_gaps(rows, vouched), *_links(rows, vouched)]
    return sorted(findings, key=lambda f: f.seq or 0)


def _place(records: Sequence[Record]) -> list[_Row]:
    """Find the place that the hash of each record proves: the stated one, or that of a moved record."""
    places: dict[int, int] = {i: r.seq for i, r in enumerate(records) if r.is_intact}
    waiting: defaultdict[str, list[int]] = defaultdict(list)
    for i, record in enumerate(records):
        if i not in places:
            waiting[record.prev_hash].append(i)
    _follow(
        records, places, waiting, deque([(GENESIS, 0), *((records[i].hash, p) for i, p in places.items())])
    )
    lost = [i for i in range(len(records)) if i not in places][:_SEARCHED]
    for i in lost:
        near = range(max(1, records[i].seq - _REACH), records[i].seq + _REACH + 1)
        place = next((p for p in near if i not in places and records[i].fits(p)), None)
        if place is not None:
            places[i] = place
            _follow(records, places, waiting, deque([(records[i].hash, place)]))
    return [_Row(r, places.get(i)) for i, r in enumerate(records)]


def _follow(
    records: Sequence[Record],
    places: dict[int, int],
    waiting: defaultdict[str, list[int]],
    queue: deque[tuple[str, int]],
) -> None:
    """Give records their place from the record before them, as far as the chain leads."""
    while queue:
        prev_hash, place = queue.popleft()
        for i in waiting.pop(prev_hash, []):
            if i not in places and records[i].fits(place + 1):
                places[i] = place + 1
                queue.append((records[i].hash, place + 1))


def _swapped_contents(rows: list[_Row]) -> tuple[list[_Row], list[Finding]]:
    """Find two records whose contents changed places while their hashes stayed."""
    findings = []
    rows = list(rows)
    lost = [i for i, row in enumerate(rows) if row.place is None][:_SEARCHED]
    for i, j in combinations(lost, 2):
        a, b = rows[i].record, rows[j].record
        if rows[i].place is None and any(_changed_places(a, b, parts) for parts in _CONTENTS):
            rows[i], rows[j] = _Row(a, a.seq), _Row(b, b.seq)
            text = f"The contents of records {a.seq} and {b.seq} were swapped."
            findings.append(Finding(Tampering.SWAP, a.seq, text))
    return rows, findings


def _changed_places(a: Record, b: Record, parts: Sequence[str]) -> bool:
    """Whether both records fit again once these parts are changed back."""
    ours, theirs = ({part: getattr(r, part) for part in parts} for r in (a, b))
    return replace(a, **theirs).is_intact and replace(b, **ours).is_intact


def _inserted(rows: list[_Row], vouched: set[str]) -> tuple[list[_Row], list[Finding]]:
    """Where several records claim one place, keep the one that was moved away or that others refer to."""
    claims: defaultdict[int, list[_Row]] = defaultdict(list)
    for row in rows:
        if row.place is not None:
            claims[row.place].append(row)
    forged: set[int] = set()
    findings = []
    for place, rivals in claims.items():
        # Ties go to the first: of two equal rows the second is the copy.
        genuine = max(rivals, key=lambda r: (r.record.hash in vouched, r.record.seq != place))
        if place < 1:
            genuine = _Row(genuine.record)
        for row in rivals:
            if row is not genuine:
                forged.add(id(row))
                findings.append(_insertion(row.record.seq))
    return [row for row in rows if id(row) not in forged], findings


def _insertion(seq: int) -> Finding:
    text = f"Record {seq} was put in afterwards: the records around it do not know it."
    return Finding(Tampering.INSERTION, seq, text)


def _edit(seq: int) -> Finding:
    text = f"Record {seq} was changed after it was signed: its content and its hash do not fit."
    return Finding(Tampering.EDIT, seq, text)


def _moved(rows: list[_Row]) -> tuple[list[_Row], list[Finding]]:
    """Put the explained records in their true order, naming those that stood elsewhere."""
    slots = [i for i, row in enumerate(rows) if row.place is not None]
    ordered = sorted((rows[i] for i in slots), key=lambda row: row.place or 0)
    findings = []
    out = list(rows)
    for slot, row in zip(slots, ordered, strict=True):
        if row is not rows[slot]:
            text = f"Record {row.place} was moved: record {rows[slot].place} stands in its place."
            findings.append(Finding(Tampering.SWAP, row.place, text))
        out[slot] = row
    return out, findings


def _gaps(rows: list[_Row], vouched: set[str]) -> list[Finding]:
    """Compare, between records in proven places, the empty places with the rows that are there."""
    findings: list[Finding] = []
    before = 0
    lost: list[Record] = []
    for row in rows:
        if row.place is None:
            lost.append(row.record)
            continue
        findings += _one_gap(range(before + 1, row.place), lost, vouched)
        before, lost = row.place, []
    return findings + _one_gap(range(before + 1, before + 1 + len(lost)), lost, vouched)


def _one_gap(empty: range, lost: list[Record], vouched: set[str]) -> list[Finding]:
    lost = sorted(lost, key=lambda r: r.hash not in vouched)
    edited, extra = lost[: len(empty)], lost[len(empty) :]
    # An edited record keeps its number as a rule; where it does not, it takes the first empty place.
    stated = {r.seq for r in edited if r.seq in empty}
    free = islice((p for p in empty if p not in stated), len(edited) - len(stated))
    at = sorted(stated.union(free))
    findings = [_edit(p) for p in at] + [_insertion(r.seq) for r in extra]
    # Ranges, for a forged number can leave a gap of any size.
    for low, high in pairwise([empty.start - 1, *at, empty.stop]):
        if high - low > 1:
            findings.append(_deletion(low + 1, high - 1))
    return findings


def _deletion(first: int, last: int) -> Finding:
    text = f"Record {first} was removed." if first == last else f"Records {first} to {last} were removed."
    return Finding(Tampering.DELETION, first, text)


def _links(rows: list[_Row], vouched: set[str]) -> list[Finding]:
    """Find neighbours with good hashes that do not refer to one another: one was replaced whole."""
    findings = []
    if rows and rows[0].place == 1 and rows[0].record.prev_hash != GENESIS:
        findings.append(_edit(1))
    for before, after in pairwise(rows):
        if before.place is None or after.place != before.place + 1:
            continue
        if after.record.prev_hash == before.record.hash:
            continue
        if after.record.hash in vouched:
            text = f"Record {before.place} was replaced: the next record refers to another one."
            findings.append(Finding(Tampering.EDIT, before.place, text))
        else:
            findings.append(_insertion(after.place))
    return findings
