"""What a page shows, and what of it has not been said through a catalogue."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from google.protobuf.message import Message
from streamlit.testing.v1 import AppTest

from rai_dash.bundled import open_bundled
from rai_dash.samples import bundled_cases

#: Fields of Streamlit's elements that people read.
SHOWN = frozenset(
    {"label", "help", "body", "value", "placeholder", "options", "title", "text", "captions", "alt", "delta"}
    | {"caption", "message", "content"}
)
#: Shown as they are, and why.
ALLOWED = {
    "RAI Dash": "the name of the product",
    "CSV": "the name of a format",
    "JSON": "the name of a format",
    "Excel": "the name of a program",
    "English": "a language is called so in itself",
    "India": "likewise",
    "South Africa": "likewise",
}
#: Whole texts that stay English, and why.
STAYS = {
    r"'.*' holds '.*' \(\d+\), kept as a value\..*": "said by the locked process that reads a file",
    r"(Today’s band|.*, version \d+,) would no longer hold: .*": "the verdict of a monitor report, which is a record",
    r"review at most 15 %\nwrongly .*": "the language of limits is one for all readers",
}
_ICON = re.compile(r":[a-z_]+/[a-z0-9_]+:|:[a-z]+(?:-[a-z]+)*\[")
_WORD = re.compile(r"[A-Za-z]{2,}")


def visible(at: AppTest) -> Iterator[tuple[str, str]]:
    """Yield every text of a page with where it stands."""
    for element in _walk(at._tree):
        proto = getattr(element, "proto", None)
        if isinstance(proto, Message):
            for place, field, text in _strings(proto):
                if field == "spec":
                    yield from (
                        (f"{element.type}{place} {key}", said) for key, said in titles(json.loads(text))
                    )
                elif field in SHOWN:
                    yield f"{element.type}{place}", text


def _walk(block: Any) -> Iterator[Any]:
    yield block
    for child in getattr(block, "children", {}).values():
        yield from _walk(child)


def _strings(message: Message, place: str = "") -> Iterator[tuple[str, str, str]]:
    for field, value in message.ListFields():
        for one in value if isinstance(value, list | tuple) or hasattr(value, "append") else [value]:
            if isinstance(one, Message):
                yield from _strings(one, f"{place}.{field.name}")
            elif isinstance(one, str):
                yield f"{place}.{field.name}", field.name, one


def titles(spec: object) -> Iterator[tuple[str, str]]:
    """Yield the words of a Vega template: titles, and sentences within expressions."""
    if isinstance(spec, dict):
        for key, value in spec.items():
            if key in {"title", "text"} and isinstance(value, str):
                yield key, value
            elif key in {"labelExpr", "expr", "signal", "update"} and isinstance(value, str):
                yield from ((key, said) for said in re.findall(r"'((?:[^'\\]|\\.)*)'", value) if " " in said)
            elif key not in {"data", "datasets"}:
                yield from titles(value)
    elif isinstance(spec, list):
        for one in spec:
            yield from titles(one)


def outside(text: str) -> str:
    """Return what stands outside of all brackets of the pseudo-locale."""
    depth, left = 0, []
    for letter in text:
        depth += letter == "⟦"
        if depth == 0:
            left.append(letter)
        depth -= letter == "⟧"
    return "".join(left)


@cache
def data_words(name: str) -> tuple[str, ...]:
    """Return what comes from a bundled case: titles, sources, names and values, the longest first."""
    case = open_bundled(name, "words")
    words = {text for one in bundled_cases().values() for text in (one.title, *one.story.split("\n\n"))}
    words |= {case.title, *(m.title for m in case.models)}
    for one in case.data:
        frame = one.dataset.frame
        words |= {one.title, one.source, *frame.columns, *one.dataset.roles.favourable}
        for column in frame.select_dtypes(exclude="number"):
            values = frame[column].dropna().astype(str).unique()
            words |= set(values) if len(values) < 100 else set()
    return tuple(sorted(words, key=len, reverse=True))


def untold(text: str, known: tuple[str, ...]) -> str:
    """Return what of a text is neither disguised nor known to stay."""
    read = text.replace("\\", "").replace("\N{WORD JOINER}", "").replace("\N{NO-BREAK SPACE}", " ")
    if any(re.fullmatch(pattern, read) for pattern in STAYS):
        return ""
    left = _ICON.sub(" ", outside(read))
    for word in (*ALLOWED, *known):
        if word in left:
            left = re.sub(rf"(?<![A-Za-z]){re.escape(word)}(?![A-Za-z])", " ", left)
    return left.strip() if _WORD.search(left) else ""
