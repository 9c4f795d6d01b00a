"""Check a ledger, and say in words what was done to it and where.

Whether anything is wrong is exact. What it is called is the simplest story that explains the rows: two
different manipulations can leave the same traces.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from rai_dash.govern._diagnosis import diagnose
from rai_dash.govern._findings import Finding, Tampering
from rai_dash.govern._kept_check import check_kept
from rai_dash.govern._sealed_check import check_sealed
from rai_dash.govern.checkpoints import Checkpoint
from rai_dash.govern.ledger import GENESIS, Head, Link, Record, canonical_form
from rai_dash.govern.sealed import Sealed

__all__ = ["Contents", "Finding", "Tampering", "Verdict", "is_first_of_day", "verify", "verify_contents"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """Everything a store or an export holds.

    Parameters
    ----------
    records : sequence of Record
        In the order of the store; `Link` where only the hashes are there.
    sealed : sequence of Sealed
        The names and texts beside the chain.
    checkpoints : sequence of Checkpoint
        By number.
    is_canonical : bool
        Whether the texts of the records were made from their values just now, as those of an export are.
    kept : mapping of str to bool or None
        The hash of what stands beside the chain for its size, and whether its content fits; None = not looked at.
    """

    records: Sequence[Record]
    sealed: Sequence[Sealed] = ()
    checkpoints: Sequence[Checkpoint] = ()
    is_canonical: bool = False
    kept: Mapping[str, bool] | None = None

    def verdict(self, findings: list[Finding]) -> Verdict:
        """Say how much was checked beside what was found."""
        newest = max(self.checkpoints, key=lambda c: c.n, default=None)
        n_links = sum(isinstance(record, Link) for record in self.records)
        return Verdict(findings, len(self.records), newest, n_links)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found, and how much was checked.

    Parameters
    ----------
    findings : list of Finding
        Empty = intact.
    n_records : int
        Records in the chain.
    checkpoint : Checkpoint or None
        The newest one.
    n_links : int
        Records of which only the hashes are there: nothing shows what they are about.
    """

    findings: list[Finding]
    n_records: int
    checkpoint: Checkpoint | None
    n_links: int = 0


def verify(records: Sequence[Record], *, expected: Sequence[Checkpoint | Head] = ()) -> list[Finding]:
    """Check every record, every link and the end of a chain.

    Parameters
    ----------
    records : sequence of Record
        In the order of the store or of the export.
    expected : sequence of Checkpoint or Head
        What is remembered elsewhere; without it neither a cut tail nor a chain that was computed anew can be
        seen. Signatures are not looked at here.

    Returns
    -------
    list of Finding
        Empty = nothing was changed, removed, added or moved (up to the last of ``expected``).
    """
    records, findings = _canonical(records)
    return findings + _check_chain(records, expected=expected)


def _check_chain(records: Sequence[Record], *, expected: Sequence[Checkpoint | Head]) -> list[Finding]:
    heads = [Head(e.n, e.head) if isinstance(e, Checkpoint) else e for e in expected]
    findings: list[Finding] = []
    unbroken = _is_unbroken(records)
    if not unbroken:
        vouched = {r.prev_hash for r in records} | {head.hash for head in heads}
        findings += diagnose(records, vouched) or [_unexplained()]
    findings += _rules(records)
    return findings + _check_heads(records, heads, unbroken=unbroken)


def verify_contents(
    contents: Contents,
    *,
    expected: Sequence[Checkpoint | Head] = (),
    kept: Sequence[Checkpoint] = (),
    keys: Collection[str] = (),
) -> list[Finding]:
    """Check everything: chain, sealed names and texts, checkpoints.

    Parameters
    ----------
    contents : Contents
    expected : sequence of Checkpoint or Head
        What is remembered elsewhere.
    kept : sequence of Checkpoint
        Those that were written into the folder of checkpoints; the store must still have them.
    keys : collection of str
        Public keys (hex) whose checkpoints count; empty = any.

    Returns
    -------
    list of Finding
        Those of the chain first.
    """
    signed = [*contents.checkpoints, *kept, *(e for e in expected if isinstance(e, Checkpoint))]
    genuine, forged = _genuine(signed, keys)
    heads = [e for e in expected if isinstance(e, Head)]
    check = _check_chain if contents.is_canonical else verify
    found = check(contents.records, expected=[*genuine, *heads])
    if not found:
        forged += _missing_checkpoints(contents, [c for c in kept if c in genuine])
        if keys or expected:
            forged += _uncovered(contents.records, {(c.n, c.head) for c in genuine})
    if contents.kept is not None:
        forged += check_kept(contents.records, contents.kept)
    return found + check_sealed(contents.records, contents.sealed) + forged


def _canonical(records: Sequence[Record]) -> tuple[Sequence[Record], list[Finding]]:
    """Find texts that are not the canonical form of what they say, and go on with that form."""
    findings: list[Finding] = []
    out = list(records)
    for i, record in enumerate(records):
        if isinstance(record, Link):
            continue
        form = canonical_form(record.body)
        if form not in {None, record.body}:
            text = f"Record {record.seq} was written anew with the same values: its text is not canonical."
            findings.append(Finding(Tampering.CANONICAL, record.seq, text))
            out[i] = replace(record, body=str(form))
    return out, findings


def _is_unbroken(records: Sequence[Record]) -> bool:
    prev_hash = GENESIS
    for seq, record in enumerate(records, start=1):
        if record.seq != seq or record.prev_hash != prev_hash or not record.is_intact:
            return False
        prev_hash = record.hash
    return True


def _unexplained() -> Finding:
    text = (
        "The chain is broken in a way that has no simple name. Compare the store with a copy kept elsewhere."
    )
    return Finding(Tampering.DAMAGE, None, text)


def _rules(records: Sequence[Record]) -> list[Finding]:
    """Find records by the first rule after those by the rule of today: no app writes them any more."""
    findings: list[Finding] = []
    today = False
    for record in records:
        if isinstance(record, Link):
            continue
        if today and record.is_of_first_version:
            text = f"Record {record.seq} is of the first version of the store, after records of a later one."
            findings.append(Finding(Tampering.RULE, record.seq, text))
        today = today or not record.is_of_first_version
    return findings


def _check_heads(records: Sequence[Record], heads: Sequence[Head], *, unbroken: bool) -> list[Finding]:
    """Look for what is remembered among the records."""
    present = {r.hash for r in records}
    lost = sorted((h for h in heads if h.hash not in present), key=lambda h: h.seq)
    if not lost:
        return []
    findings: list[Finding] = []
    last = max((r.seq for r in records), default=0)
    if lost[-1].seq > last:
        end = f"ends at record {last}" if last else "is empty"
        text = f"The ledger {end}, but record {lost[-1].seq} is remembered as signed: the tail was cut off."
        findings.append(Finding(Tampering.TRUNCATION, last + 1, text))
    if unbroken and lost[0].seq <= last:
        first = lost[0].seq
        good = max((h.seq for h in heads if h.hash in present and h.seq < first), default=0)
        since = f"after record {good} " if good else ""
        text = (
            f"Record {first} is not the one that was remembered: it, or everything from some earlier record "
            f"{since}on, was written anew."
        )
        findings.append(Finding(Tampering.EDIT, first, text))
    return findings


def _genuine(
    checkpoints: Sequence[Checkpoint], keys: Collection[str]
) -> tuple[list[Checkpoint], list[Finding]]:
    """Tell the genuine checkpoints from the others, each once."""
    genuine: list[Checkpoint] = []
    findings: list[Finding] = []
    for checkpoint in dict.fromkeys(checkpoints):
        if not checkpoint.is_valid:
            text = f"The checkpoint at record {checkpoint.n} is forged: its signature does not fit."
        elif keys and checkpoint.public_key not in keys:
            text = (
                f"The checkpoint at record {checkpoint.n} was signed by the key {checkpoint.key_id}, "
                "which is not one of this store."
            )
        else:
            genuine.append(checkpoint)
            continue
        findings.append(Finding(Tampering.CHECKPOINT, checkpoint.n, text))
    return genuine, findings


def _missing_checkpoints(contents: Contents, kept: Sequence[Checkpoint]) -> list[Finding]:
    """Find checkpoints that the store must have: those in the folder, and one for the first record of a day."""
    have = {c.n for c in contents.checkpoints}
    needed = {c.n for c in kept}
    before: Record | None = None
    for record in contents.records:
        if record.at_utc is not None and is_first_of_day(record.at_utc, before):
            needed.add(record.seq)
        before = record
    return [
        Finding(Tampering.CHECKPOINT, n, f"The checkpoint at record {n} was removed.")
        for n in sorted(needed - have)
    ]


def _uncovered(records: Sequence[Record], signed: Collection[tuple[int, str]]) -> list[Finding]:
    """Find records for which no checkpoint vouches, where some are shown by their hashes alone.

    Nothing ties the hash of a `Link` to the record before it, so a checkpoint vouches for the whole records right
    before its own, back to the nearest link, and for none beyond.
    """
    if not any(isinstance(record, Link) for record in records):
        return []
    bare: list[int] = []
    covered = False
    for record in reversed(records):
        is_link = isinstance(record, Link)
        covered = not is_link and (covered or (record.seq, record.hash) in signed)
        if not (is_link or covered):
            bare.append(record.seq)
    return [
        Finding(
            Tampering.CHECKPOINT,
            n,
            f"No checkpoint vouches for record {n}: what follows it is shown by hashes alone, which could follow "
            "any record. Export the ledger anew, or as a whole.",
        )
        for n in reversed(bare)
    ]


def is_first_of_day(at_utc: str, before: Record | None) -> bool:
    """Whether a record is the first of its day in UTC, which gets a checkpoint; of a `Link` nothing is known."""
    if isinstance(before, Link):
        return False
    return before is None or before.at_utc is None or before.at_utc[:10] != at_utc[:10]
