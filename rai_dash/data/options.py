"""How a user says a file is to be read, where the guess was wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import tr

#: What may stand between the cells of a text table; a blank stands for runs of blanks.
SEPARATORS: Final = (",", ";", "\t", "|", " ")
ENCODINGS: Final = ("utf-8", "cp1252", "latin-1", "utf-16")
DECIMAL_MARKS: Final = (".", ",")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOptions:
    """What a user chose; None = guess.

    Parameters
    ----------
    part : str or None
        The sheet of a workbook, or the file in a zip archive.
    encoding : str or None
        One of ``ENCODINGS``.
    separator : str or None
        One of ``SEPARATORS``.
    decimal : str or None
        One of ``DECIMAL_MARKS``; the other one may then stand between thousands.
    header : bool or None
        Whether the first row holds the names of the columns.
    skip_lines : int or None
        Lines above the header.
    names : tuple of str
        Names of the columns, in order, for a table without a header.
    missing : mapping of str to tuple of str
        Values that mean "missing", by column; ``"*"`` = in every column.
    text : tuple of str
        Columns whose numbers are codes and stay text.
    """

    part: str | None = None
    encoding: str | None = None
    separator: str | None = None
    decimal: str | None = None
    header: bool | None = None
    skip_lines: int | None = None
    names: tuple[str, ...] = ()
    missing: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    text: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Check what is chosen from a list."""
        _check("encoding", self.encoding, ENCODINGS)
        _check("separator", self.separator, SEPARATORS)
        _check("decimal mark", self.decimal, DECIMAL_MARKS)
        if self.skip_lines is not None and self.skip_lines < 0:
            msg = tr("{skip_lines} lines cannot be skipped. Give 0 or more.", skip_lines=self.skip_lines)
            raise InvalidChoice(msg)

    @property
    def is_default(self) -> bool:
        """Whether everything is left to the guess."""
        return self == ReadOptions()

    def missing_in(self, column: str) -> tuple[str, ...]:
        """Return the values of a column that mean "missing"."""
        return (*self.missing.get("*", ()), *self.missing.get(column, ()))

    def to_args(self) -> dict[str, Any]:
        """Write the options as plain values."""
        return asdict(self)

    @classmethod
    def from_args(cls, given: Mapping[str, Any] | None) -> ReadOptions:
        """Read the options from plain values.

        Raises
        ------
        InvalidChoice
            When a value is of another kind.
        """
        try:
            return _OPTIONS.validate_python(dict(given or {}))
        except ValidationError as error:
            where = ".".join(str(p) for p in error.errors()[0]["loc"]) or "it"
            msg = tr("The options for reading cannot be used: {where} is not what it should be.", where=where)
            raise InvalidChoice(msg) from None


def _check(what: str, given: str | None, allowed: Sequence[str]) -> None:
    if given is not None and given not in allowed:
        msg = tr(
            "{given} is no {what} that is read here. Choose one of {map}.",
            given=f"{given!r}",
            what=what,
            map=", ".join(map(repr, allowed)),
        )
        raise InvalidChoice(msg)


_OPTIONS = TypeAdapter(ReadOptions)
