"""A run that was made again from its record: is it the same, and if not, where and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import isclose
from typing import Final

from rai_dash.core.texts import tr
from rai_dash.core.words import many
from rai_dash.report.changed._items import ChangeItem
from rai_dash.report.changed._leaves import leaves, same
from rai_dash.report.changed.programs import changed_program, changed_settings, unknown_code
from rai_dash.report.run_record import LedgerEnd, Run

#: Places and causes that are named in words.
_NAMED: Final = 8
#: An engine adds the rows of a table up in another order each time: so far numbers that follow from sums may be apart.
_RELATIVE, _ABSOLUTE = 1e-12, 1e-13
#: Where a result says that an engine counted its rows.
_BY_ENGINE: Final = "rests_on"


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeated:
    """The record's run beside the one made from it.

    Parameters
    ----------
    differing : tuple of str
        Places of the result that differ.
    causes : tuple of ChangeItem
        What of the program and of the settings is not as it was.
    same_bytes : bool
        Whether both JSON texts are equal to the byte, records included.
    rounded : int
        Places that differ by the order alone in which an engine added up.
    was_altered : bool
        Whether the result in the file is not the one that its record was written for.
    code_note : str or None
        Why the code may differ although its commit does not.
    ledger_note : str or None
        What of the store that was read is not as it was.
    """

    differing: tuple[str, ...]
    causes: tuple[ChangeItem, ...]
    same_bytes: bool
    was_altered: bool
    code_note: str | None
    ledger_note: str | None = None
    rounded: int = 0

    @property
    def is_identical(self) -> bool:
        """Whether the result is the same, every number and text of it but for the last digits of sums."""
        return not self.differing and not self.was_altered

    def _verdict(self) -> str:
        if self.same_bytes:
            return tr("Identical: the same JSON to the byte.")
        if not self.is_identical:
            are = "is" if len(self.differing) == 1 else "are"
            return tr(
                "Different: {differing} of the result {are} not the same.",
                differing=many(len(self.differing), "place", "places"),
                are=are,
            )
        if self.rounded:
            differ = "differs" if self.rounded == 1 else "differ"
            return tr(
                "The same but for the last digits of sums: an engine adds rows up in another order each "
                "time, and {rounded} of the result {differ} by that alone.",
                rounded=many(self.rounded, "place", "places"),
                differ=differ,
            )
        return tr(
            "Identical: every number and every text of the result is the same. What it was made of or by is "
            "not:"
        )

    def sentences(self) -> Iterator[str]:
        """Say what came out, a sentence each."""
        yield self._verdict()
        if self.was_altered:
            yield tr(
                "The file was altered after it was written: its result does not have the hash in its record."
            )
        yield from [f"- {path}" for path in self.differing[:_NAMED]]
        if len(self.differing) > _NAMED:
            yield tr("- and {differing} more", differing=f"{len(self.differing) - _NAMED:,}")
        yield from [item.words for item in self.causes]
        if self.ledger_note is not None:
            yield self.ledger_note
        if self.differing and not self.causes and self.ledger_note is None:
            yield tr("Version, commit, libraries and settings are the ones in the record.")
        if self.differing and self.code_note is not None:
            yield self.code_note


def repeated(before: Run, after: Run, *, same_bytes: bool, is_continued: bool | None = None) -> Repeated:
    """Compare a run with the one made again from its record.

    Parameters
    ----------
    before, after : Run
    same_bytes : bool
        Whether their texts are equal.
    is_continued : bool, optional
        Whether the store that was read now has the record that was its last one then; None = not looked for.
    """
    causes = (
        *changed_program(before.program, after.program),
        *changed_settings(before.settings, after.settings),
    )
    by_engine = all(run.result.get(_BY_ENGINE) for run in (before, after))
    found = list(leaves(before.result, after.result))
    apart = [leaf for leaf in found if not (by_engine and _is_rounding(leaf.before, leaf.after))]
    return Repeated(
        differing=tuple(leaf.path for leaf in apart),
        rounded=len(found) - len(apart),
        causes=causes,
        same_bytes=same_bytes,
        was_altered=not before.is_untouched,
        code_note=unknown_code(before.program, after.program),
        ledger_note=_ledger_note(before.ledger, after.ledger, is_continued=is_continued),
    )


def _is_rounding(before: object, after: object) -> bool:
    """Whether two values can be one number, or a list of such, added up in two orders; counts are exact."""
    if isinstance(before, list) and isinstance(after, list):
        return len(before) == len(after) and all(map(_is_rounding, before, after))
    if isinstance(before, float) and isinstance(after, float):
        return isclose(before, after, rel_tol=_RELATIVE, abs_tol=_ABSOLUTE)
    return same(before, after)


def _ledger_note(then: LedgerEnd | None, now: LedgerEnd | None, *, is_continued: bool | None) -> str | None:
    """Say whether a store has moved on, or is another one."""
    if then == now or then is None:
        return None
    if now is None:
        return tr("The run read a store then, and none now.")
    if is_continued:
        return tr(
            "The store has moved on: its last record was number {seq} then and is number {now_seq} now.",
            seq=f"{then.seq:,}",
            now_seq=f"{now.seq:,}",
        )
    return tr(
        "The store is another one than then, or was changed: it does not have the record number {seq} "
        "that was its last one. Name the store of then: --store STORE.",
        seq=f"{then.seq:,}",
    )
