"""What a section of the report is made of, as plain text: the template escapes all of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from rai_dash.report._certificate_parts import Fact, Table

Tone = Literal["plain", "lead", "note", "warn"]


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph."""

    text: str
    tone: Tone = "plain"
    kind: str = "text"


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading within a section."""

    text: str
    kind: str = "heading"


@dataclass(frozen=True, slots=True)
class Items:
    """A list of sentences."""

    items: tuple[str, ...]
    kind: str = "items"


@dataclass(frozen=True, slots=True)
class Facts:
    """Labels and their values."""

    lines: tuple[Fact, ...]
    kind: str = "facts"


@dataclass(frozen=True, slots=True)
class Grid:
    """A table; a dense one is of the appendix."""

    table: Table
    is_dense: bool = False
    kind: str = "grid"


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A figure.

    Parameters
    ----------
    svg : str
        Drawn by `rai_dash.charts.picture.svg`, which escapes all names: the one piece that is put in as it is.
    title, alt : str
        What stands under it, and what it shows, for those who do not see it.
    """

    svg: str
    title: str
    alt: str


@dataclass(frozen=True, slots=True)
class Pictures:
    """Figures side by side; one alone takes the whole width."""

    pictures: tuple[Picture, ...]
    kind: str = "pictures"


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """A method: what it is for, its formula as markup of our own, what its letters are, and its limits."""

    title: str
    use: str
    formula: str
    limits: str
    kind: str = "method"


@dataclass(frozen=True, slots=True)
class Typed:
    """What a person wrote, or that nobody did."""

    label: str
    text: str
    is_stated: bool = True
    kind: str = "typed"


Block = Text | Heading | Items | Facts | Grid | Pictures | Method | Typed


@dataclass(frozen=True, slots=True)
class Section:
    """A chapter; ``key`` is its address in the document."""

    key: str
    title: str
    blocks: Sequence[Block]
