"""Names and free text beside the chain: the chain holds their hash, so that they can be erased by law.

``ref = SHA-256(salt || kind || 0x00 || text)``, all in UTF-8. The salt is random, so that nobody can find
out a name by hashing guesses once the salt is erased with it.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from rai_dash.core.errors import InvalidRecord
from rai_dash.core.texts import tr

KINDS: Final = ("person", "text")
ERASED: Final = "(erased)"
#: Kind and subject of the record that an erasure leaves in the ledger.
ERASURE_KIND: Final = "erasure"
ERASURE_SUBJECT: Final = "sealed"
_REF = re.compile(r"[0-9a-f]{64}")
_SALT = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Sealed:
    """A name or a text, and the hash under which the chain refers to it.

    Parameters
    ----------
    ref : str
        64 hex digits.
    kind : {"person", "text"}
    salt : str
        32 hex digits; empty when it was erased.
    text : str or None
        None when it was erased.
    erased_at : str or None
        Time of the record that tells of the erasure.
    """

    ref: str
    kind: str
    salt: str
    text: str | None
    erased_at: str | None = None

    @property
    def is_intact(self) -> bool:
        """Whether the reference fits the text; an erased one must hold nothing any more."""
        if self.kind not in KINDS or not _REF.fullmatch(self.ref):
            return False
        if self.text is None:
            return not self.salt and self.erased_at is not None
        if self.erased_at is not None or not _SALT.fullmatch(self.salt):
            return False
        return self.ref == _digest(self.kind, self.text, bytes.fromhex(self.salt))


def _digest(kind: str, text: str, salt: bytes) -> str:
    whole = salt + kind.encode() + b"\0" + text.encode("utf-8", "surrogatepass")
    return hashlib.sha256(whole).hexdigest()


def seal(kind: str, text: str, *, salt: bytes | None = None) -> Sealed:
    """Make the reference of a name or a text.

    Parameters
    ----------
    kind : {"person", "text"}
    text : str
        What is kept beside the chain.
    salt : bytes, optional
        16 bytes; random when omitted.

    Raises
    ------
    InvalidRecord
        When the text cannot be kept exactly, or the kind or the salt is not a usable one.
    """
    salt = secrets.token_bytes(16) if salt is None else salt
    if kind not in KINDS or len(salt) != 16:
        msg = tr(
            "A sealed text is of the kind person or text and has 16 bytes of salt, not {kind}, {salt}.",
            kind=f"{kind!r}",
            salt=len(salt),
        )
        raise InvalidRecord(msg)
    if "\0" in text or any("\ud800" <= c <= "\udfff" for c in text):
        msg = tr(
            "A text holds a character that cannot be written down (NUL or half a character). Leave it out."
        )
        raise InvalidRecord(msg)
    return Sealed(_digest(kind, text, salt), kind, salt.hex(), text)


def is_sealed_ref(value: object) -> bool:
    """Whether a value is a reference to a sealed text: ``{"sealed": "<64 hex digits>"}``."""
    if not isinstance(value, Mapping) or len(value) != 1:
        return False
    return is_ref(value.get("sealed"))


def is_ref(value: object) -> bool:
    """Whether a value has the form of the reference itself."""
    return isinstance(value, str) and _REF.fullmatch(value) is not None


def unseal(content: object, texts: Mapping[str, str | None]) -> object:
    """Put the texts back in the place of their references.

    Parameters
    ----------
    content : object
        Nested plain values.
    texts : mapping of str to (str or None)
        Text by reference; one that is None or not there is shown as ``(erased)``.
    """
    if isinstance(content, Mapping):
        if is_sealed_ref(content):
            text = texts.get(content["sealed"])
            return ERASED if text is None else text
        return {key: unseal(value, texts) for key, value in content.items()}
    if isinstance(content, list | tuple):
        return [unseal(value, texts) for value in content]
    return content


def refs_in(content: object) -> set[str]:
    """Collect every reference to a sealed text in nested plain values."""
    return set(_refs(content))


def _refs(content: object) -> Iterator[str]:
    if isinstance(content, Mapping):
        if is_sealed_ref(content):
            yield content["sealed"]
            return
        content = list(content.values())
    if isinstance(content, list | tuple):
        for value in content:
            yield from _refs(value)
