"""Reads the numbers of a report back: which it shows, and which its JSON allows; written without the report's code."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser

NUMBER = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")
#: Numbers of sentences that are the same in every report: 95 % intervals, SHA-256, years of two papers, definitions.
STATIC = frozenset({"95", "256", "2019", "2021", "0.5", "0.8", "0", "1", "100", "0.1", "99.9", "0.001"})
#: The chapter of formulas has its own numbers, and says none about these data.
FORMULAS = "methods"


class Page(HTMLParser):
    """The texts of a report outside of its figures, by chapter; those within them apart."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.texts: dict[str, list[str]] = {}
        self.figures: list[str] = []
        self.tables: list[list[list[str]]] = []
        self.captions: list[str] = []
        self._at, self._open = "summary", []
        self._cell: list[str] | None = None
        self._caption: list[str] | None = None
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag not in {"meta", "wbr", "br"}:
            self._open.append(tag)
        if tag in {"section", "nav"}:
            self._at = given["aria-labelledby"]
        if tag == "table":
            self.tables.append([])
            self.captions.append("")
        if tag == "tr":
            self.tables[-1].append([])
        if tag in {"th", "td"}:
            self._cell = []
        if tag == "caption":
            self._caption = []
        if tag == "small" and self._cell is not None:
            self._cell.append(" | ")

    def handle_startendtag(self, tag, attrs):
        pass

    def handle_endtag(self, tag):
        while self._open and self._open.pop() != tag:
            pass
        if tag in {"th", "td"}:
            self.tables[-1][-1].append(plain("".join(self._cell)))
            self._cell = None
        if tag == "caption":
            self.captions[-1] = plain("".join(self._caption))
            self._caption = None

    def handle_data(self, data):
        if "style" in self._open or "title" in self._open:
            return
        if "svg" in self._open:
            self.figures.append(data)
            return
        self.texts.setdefault(self._at, []).append(data)
        for part in (self._cell, self._caption):
            if part is not None:
                part.append(data)

    def table(self, caption: str) -> list[list[str]]:
        """Return the one table of a caption."""
        found = [t for t, c in zip(self.tables, self.captions, strict=True) if c == caption]
        assert len(found) == 1, (caption, self.captions)
        return found[0]


def plain(text: str) -> str:
    """Write all blanks alike, and a minus as a computer does."""
    return re.sub(r"\s+", " ", text.replace("\N{NO-BREAK SPACE}", " ")).replace("−", "-").strip()


def numbers_of(value: object) -> Iterator[float]:
    """Yield every number of a JSON value."""
    if isinstance(value, Mapping):
        for one in value.values():
            yield from numbers_of(one)
    elif isinstance(value, list):
        # How many there are is a fact of the JSON too.
        yield len(value)
        for one in value:
            yield from numbers_of(one)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield float(value)


def strings_of(value: object) -> Iterator[str]:
    """Yield every text of a JSON value, names of its members too."""
    if isinstance(value, Mapping):
        for key, one in value.items():
            yield str(key)
            yield from strings_of(one)
    elif isinstance(value, list):
        for one in value:
            yield from strings_of(one)
    elif isinstance(value, str):
        yield value


def ways(x: float) -> Iterator[str]:
    """Yield how a number may be written, without its sign."""
    x = abs(x)
    for scale in (1, 100):
        for digits in range(5):
            yield f"{x * scale:,.{digits}f}"
            yield f"{x * scale:,.{digits}f}".rstrip("0").rstrip(".") if digits else f"{x * scale:,.0f}"
        yield f"{x * scale:.4g}"
        yield f"{x * scale:,.6g}"
        yield f"{x * scale:.10g}"


def shown_numbers(texts: list[str], document: Mapping[str, object]) -> list[str]:
    """Return the numbers that texts show, without those that belong to a name from the JSON."""
    text = plain(" ".join(texts))
    names = {re.sub(r"`([^`]*)`", r"“\1”", plain(s)) for s in strings_of(document) if NUMBER.search(s)}
    for name in sorted((n for n in names if not NUMBER.fullmatch(n)), key=len, reverse=True):
        text = re.sub(rf"(?<![\w.,]){re.escape(name)}(?!\w|[.,]\d)", " ", text)
    return NUMBER.findall(re.sub(r"“[^”]*”", " ", text))


def allowed(document: Mapping[str, object]) -> set[str]:
    """Return every number that a report may show."""
    names = {s for s in strings_of(document) if NUMBER.fullmatch(s)}
    return {way for x in numbers_of(document) for way in ways(x)} | STATIC | names
