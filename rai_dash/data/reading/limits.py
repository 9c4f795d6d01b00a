"""How large a table may be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from rai_dash.core.errors import UnreadableFile
from rai_dash.core.settings import get_settings
from rai_dash.core.texts import tr

MEGABYTE = 2**20
CELL_CHARS = 10_000


def _size(count: int) -> str:
    return f"{count / MEGABYTE:.1f} MB" if count >= MEGABYTE else f"{max(count // 1024, 1):,} kB"


@dataclass(frozen=True, slots=True)
class TableLimits:
    """Limits of one table; travel to the separate process, which does not see the settings.

    Parameters
    ----------
    expanded_mb : int
        Megabytes after unpacking.
    rows, columns, cells : int
        Counts.
    cell_chars : int
        Characters of one cell.
    """

    expanded_mb: int
    rows: int
    columns: int
    cells: int
    cell_chars: int = CELL_CHARS

    @classmethod
    def from_settings(cls) -> TableLimits:
        """Take the operator's limits."""
        s = get_settings()
        longest = int(getattr(s, "max_cell_chars", CELL_CHARS))
        return cls(s.max_expanded_mb, s.max_rows, s.max_columns, s.max_cells, longest)

    @classmethod
    def from_args(cls, args: Mapping[str, object]) -> TableLimits:
        """Take the limits that came with a call, else the operator's."""
        given = args.get("limits")
        return (
            cls(**{str(k): int(v) for k, v in given.items()})
            if isinstance(given, Mapping)
            else cls.from_settings()
        )

    def to_args(self) -> dict[str, int]:
        """Write the limits as plain values."""
        return asdict(self)

    @property
    def expanded_bytes(self) -> int:
        """Bytes after unpacking."""
        return self.expanded_mb * MEGABYTE

    def check_size(self, size: int, packed: int | None = None) -> None:
        """Refuse content of too many bytes."""
        if size <= self.expanded_bytes:
            return
        much = f"more than {self.expanded_mb:,} MB"
        found = f"{much} large" if packed is None else f"{_size(packed)} packed and {much} unpacked"
        msg = tr(
            "The table is {found}; that is the limit. Keep fewer columns or rows, or ask the operator to "
            "raise RAI_DASH_MAX_EXPANDED_MB.",
            found=found,
        )
        raise UnreadableFile(msg, code="too_large")

    def cell_too_long(self, column: str, place: str) -> UnreadableFile:
        """Return the refusal of a cell with too many characters; ``place`` is ``line 7`` or ``row 7``."""
        msg = (
            f"A cell of `{column}` in {place} has more than {self.cell_chars:,} characters, which is the limit. "
            "Shorten it or leave the column out, or ask the operator to raise RAI_DASH_MAX_CELL_CHARS."
        )
        return UnreadableFile(msg, code="cell_too_long")

    def check_shape(self, rows: int, columns: int) -> None:
        """Refuse a table of too many rows, columns or cells."""
        for count, limit, noun in (
            (columns, self.columns, "columns"),
            (rows, self.rows, "rows"),
            (rows * columns, self.cells, "cells"),
        ):
            if count > limit:
                msg = tr(
                    "The table has more than {limit} {noun}, which is the limit. Keep fewer, or ask the "
                    "operator to raise RAI_DASH_MAX_{noun_2}.",
                    limit=f"{limit:,}",
                    noun=noun,
                    noun_2=noun.upper(),
                )
                raise UnreadableFile(msg, code="too_large")
