"""The ledger as one JSON file that can be understood and checked without the app and without a network."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from rai_dash.core.errors import UnreadableFile
from rai_dash.core.texts import tr
from rai_dash.govern._findings import Finding, Tampering
from rai_dash.govern._sealed_check import erased_refs, referred_refs
from rai_dash.govern._strict_json import strict_json
from rai_dash.govern.checkpoints import Checkpoint
from rai_dash.govern.ledger import Head, Link, Record, canonical_value, parse, utc_seconds
from rai_dash.govern.sealed import Sealed
from rai_dash.govern.verify import Contents, Verdict, verify_contents

SCHEMA: Final = "rai-dash/ledger/1"
ABOUT: Final = (
    (
        "This file is a copy of the ledger of an app that judges loan-approval models: who decided what about a "
        "policy, when and why."
    ),
    (
        "Entries are numbered 1, 2, 3 and so on without a gap (seq); prev_hash of an entry is the hash of the one "
        "before it, and 64 zeros for the first."
    ),
    (
        "Check an entry: write the object {seq, at_utc, kind, subject, actor, body} as JSON in the form of RFC 8785; "
        "put the 32 bytes of prev_hash before it; the SHA-256 of both is the hash."
    ),
    (
        "An entry without a kind is of the first version: its hash is the SHA-256 of the JSON, in the form of RFC "
        "8785, of {content, prev_hash, seq}, where content is its body."
    ),
    (
        "An entry with seq, prev_hash and hash only is about something else: its content is left out here. That it is "
        "about something else, and that its hash follows from its prev_hash, only the whole ledger can show; so a "
        "checkpoint vouches for the whole entries right before its own, back to the nearest such entry."
    ),
    (
        "Names and free text are not in the entries but under sealed; an entry refers to one as {sealed: ref}, or by "
        "its actor. The ref is the SHA-256 of the bytes of salt, the kind, a zero byte and the text in UTF-8. One "
        "that was erased by law has no text; an entry of the kind erasure lists its ref."
    ),
    (
        "A checkpoint is an Ed25519 signature over the JSON, in the form of RFC 8785, of {head, n}: the hash of entry "
        "n. The key is under public_keys; its name is the first 16 hex digits of the SHA-256 of its 32 bytes."
    ),
    (
        "The chain shows every change inside it. That its end was not cut off, and that it was not written anew as "
        "a whole, only a checkpoint shows that somebody else kept, or a public key that somebody else knows."
    ),
    "With the app at hand: rai-dash ledger verify THIS_FILE --checkpoint A_CHECKPOINT_KEPT_ELSEWHERE.",
)
_PARTS: Final = ("schema", "about", "store", "exported_at", "entries", "sealed", "checkpoints", "public_keys")
_ENTRY_TEXTS: Final = ("at_utc", "kind", "subject", "actor")


def write_export(
    contents: Contents, *, store: str, subject: str | None = None, at: datetime | None = None
) -> dict[str, Any]:
    """Write the contents of a store as plain values.

    Parameters
    ----------
    contents : Contents
        All of the store.
    store : str
        Its name.
    subject : str, optional
        Show only the records of this subject and the texts they refer to; of the others only the hashes.
    at : datetime, optional
        Time of the export; now when omitted.

    Returns
    -------
    dict
        Schema ``rai-dash/ledger/1``, ready for JSON.
    """
    shown = _shown(contents.records, subject)
    refs = {ref for r in contents.records if r.seq in shown for ref in referred_refs(r)}
    return {
        "schema": SCHEMA,
        "about": list(ABOUT),
        "store": store,
        "exported_at": utc_seconds(at or datetime.now(UTC)),
        "entries": [_entry(r, whole=r.seq in shown) for r in contents.records],
        "sealed": [_sealed(s) for s in contents.sealed if subject is None or s.ref in refs],
        "checkpoints": [
            {"n": c.n, "head": c.head, "at_utc": c.at_utc, "key_id": c.key_id, "signature": c.signature}
            for c in contents.checkpoints
        ],
        "public_keys": {c.key_id: c.public_key for c in contents.checkpoints},
    }


def _shown(records: Sequence[Record], subject: str | None) -> set[int]:
    """Choose the records that are shown whole, with the erasures of what they refer to."""
    if subject is None:
        return {r.seq for r in records}
    own = [r for r in records if r.subject == subject]
    refs = {ref for r in own for ref in referred_refs(r)}
    return {r.seq for r in own} | {r.seq for r in records if refs & set(erased_refs(r))}


def _entry(record: Record, *, whole: bool) -> dict[str, Any]:
    links = {"prev_hash": record.prev_hash, "hash": record.hash}
    if not whole:
        return {"seq": record.seq, **links}
    body = parse(record.body)
    told = {} if record.is_of_first_version else {name: getattr(record, name) for name in _ENTRY_TEXTS}
    # What is no JSON any more is exported as the text it is, so that the check finds it.
    return {"seq": record.seq, **told, "body": record.body if body is None else body, **links}


def _sealed(sealed: Sealed) -> dict[str, Any]:
    if sealed.text is None:
        return {"ref": sealed.ref, "kind": sealed.kind, "erased_at": sealed.erased_at}
    return {"ref": sealed.ref, "kind": sealed.kind, "salt": sealed.salt, "text": sealed.text}


def read_export(path: str | Path) -> dict[str, Any]:
    """Read an export; whether it is intact is what `verify_export` says.

    Raises
    ------
    UnreadableFile
        When the file is missing or is no export.
    """
    try:
        content = strict_json(Path(path).read_bytes())
    except OSError as error:
        msg = tr(
            "The export {path} cannot be read: {strerror}. Check the path.",
            path=path,
            strerror=error.strerror,
        )
        raise UnreadableFile(msg) from error
    except (ValueError, RecursionError) as error:
        msg = tr(
            "The file {path} is no JSON: {error}. Give a file that `rai-dash ledger export` wrote.",
            path=path,
            error=error,
        )
        raise UnreadableFile(msg) from error
    if isinstance(content, dict) and isinstance(content.get("ledger"), dict):
        # An exported policy carries its records with it.
        content = content["ledger"]
    if not isinstance(content, dict) or content.get("schema") != SCHEMA:
        msg = tr(
            "The file {path} is not an export of a ledger. Give a file that `rai-dash ledger export` or "
            "`rai-dash policy show` wrote.",
            path=path,
        )
        raise UnreadableFile(msg)
    return content


def verify_export(
    content: Mapping[str, Any],
    *,
    expected: Sequence[Checkpoint | Head] = (),
    public_key: str | Collection[str] | None = None,
) -> list[Finding]:
    """Check an export with nothing but itself and what was kept elsewhere.

    Parameters
    ----------
    content : mapping
        As `write_export` made it, or read back from its file.
    expected : sequence of Checkpoint or Head, optional
        What was kept elsewhere.
    public_key : str or collection of str, optional
        The public key (hex) whose checkpoints count, or several; any when omitted.

    Returns
    -------
    list of Finding
        Empty = intact. A file that is no longer made like an export is a finding too.
    """
    return examine_export(content, expected=expected, public_key=public_key).findings


def examine_export(
    content: Mapping[str, Any],
    *,
    expected: Sequence[Checkpoint | Head] = (),
    public_key: str | Collection[str] | None = None,
) -> Verdict:
    """Check an export as `verify_export` does, and say also how much was checked."""
    try:
        contents = read_contents(content)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        text = f"The export is damaged and cannot be read as a ledger: {error}."
        return Verdict([Finding(Tampering.DAMAGE, None, text)], 0, None)
    keys = [public_key] if isinstance(public_key, str) else public_key
    return contents.verdict(verify_contents(contents, expected=expected, keys=keys or ()))


def read_contents(content: Mapping[str, Any]) -> Contents:
    """Take the contents of a store out of an export.

    Raises
    ------
    KeyError, TypeError, ValueError, AttributeError
        When a part is missing, of another type, or has no exact form.
    """
    _no_more(content, _PARTS)
    keys = content["public_keys"]
    for made in content["checkpoints"]:
        _no_more(made, {"n", "head", "at_utc", "key_id", "signature"})
    return Contents(
        records=[_record(entry) for entry in content["entries"]],
        sealed=[_read_sealed(s) for s in content["sealed"]],
        checkpoints=[
            Checkpoint.of({**c, "public_key": keys.get(c["key_id"], "")}) for c in content["checkpoints"]
        ],
        is_canonical=True,
    )


def _record(entry: Mapping[str, Any]) -> Record:
    seq, prev_hash, digest = entry["seq"], entry["prev_hash"], entry["hash"]
    if isinstance(seq, bool) or not isinstance(seq, int):
        msg = f"the number {seq!r} of an entry is no whole number"
        raise TypeError(msg)
    _texts(prev_hash, digest)
    if "body" not in entry:
        _no_more(entry, {"seq", "prev_hash", "hash"})
        return Link(seq=seq, body="", prev_hash=prev_hash, hash=digest)
    _no_more(entry, {"seq", "prev_hash", "hash", "body", *_ENTRY_TEXTS})
    told = {name: entry[name] for name in _ENTRY_TEXTS if name in entry}
    _texts(*told.values())
    body = canonical_value(entry["body"])
    if body is None:
        msg = f"the body of entry {seq} has no exact form"
        raise ValueError(msg)
    return Record(seq=seq, body=body, prev_hash=prev_hash, hash=digest, **told)


def _read_sealed(kept: Mapping[str, Any]) -> Sealed:
    _texts(*kept.values())
    if "text" not in kept:
        _no_more(kept, {"ref", "kind", "erased_at"})
        return Sealed(kept["ref"], kept["kind"], "", None, kept["erased_at"])
    _no_more(kept, {"ref", "kind", "salt", "text"})
    return Sealed(kept["ref"], kept["kind"], kept["salt"], kept["text"])


def _texts(*values: object) -> None:
    for value in values:
        if not isinstance(value, str):
            msg = f"{value!r} stands where a text belongs"
            raise TypeError(msg)


def _no_more(part: Mapping[str, Any], known: Collection[str]) -> None:
    """Refuse what nothing vouches for: a reader could take it for a part of the record."""
    unknown = sorted(set(part) - set(known))
    if unknown:
        msg = f"{', '.join(unknown)} is no part of what is vouched for"
        raise ValueError(msg)
