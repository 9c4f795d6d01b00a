"""What can be wrong with a ledger, and how it is told."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Tampering(StrEnum):
    """What was done to a ledger."""

    EDIT = "edit"
    DELETION = "deletion"
    INSERTION = "insertion"
    SWAP = "swap"
    TRUNCATION = "truncation"
    DAMAGE = "damage"
    #: The stored text is not the canonical form of what it says.
    CANONICAL = "canonical"
    #: A record by the rule of the first version stands after one by the rule of today.
    RULE = "rule"
    #: A name or a text beside the chain does not fit it, or is missing.
    SEALED = "sealed"
    #: What is kept beside the chain for its size does not fit its hash, or is missing.
    KEPT = "kept"
    #: A checkpoint is forged, missing, or of a key that is not known here.
    CHECKPOINT = "checkpoint"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong with a ledger.

    Parameters
    ----------
    kind : Tampering
        What it looks like.
    seq : int or None
        The record it is about, by its place in the true order; None = the whole store.
    message : str
        One plain sentence.
    """

    kind: Tampering
    seq: int | None
    message: str
