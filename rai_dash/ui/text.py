r"""The door through which every string that comes from a file passes before Streamlit or a download sees it.

Column names, categories, file names and messages about them are hostile text: Streamlit reads Markdown
in labels, tabs, captions, metrics and more, so a column name could load a picture from elsewhere.

========================  ===============================================================================
where the text goes       what it passes through
========================  ===============================================================================
Markdown (most of st.*)   `safe`, or one of the number functions; `badge_text` for ``st.badge``
literal elements          `plain`: data frames, charts, options of a select box, ``st.text``
downloads                 `csv_bytes` and its neighbours in `rai_dash.report.tables`
names of downloads        `file_name`
========================  ===============================================================================

Escape nothing twice: the rooms below keep the raw string.
"""

from __future__ import annotations

import re
import unicodedata

from rai_dash.core import words
from rai_dash.core.texts import said
from rai_dash.core.types import Estimate
from rai_dash.core.visible import visible_character
from rai_dash.core.words import (
    NOTHING,
    count,
    estimate_words,
    number,
    percent,
    percent_range,
    points,
    score_beside,
)
from rai_dash.report.tables import csv_bytes, formula_safe

LIMIT = 80
_FILE_NAME_LIMIT = 80
_PERCENT = re.compile(r"(?<=\d) %")
#: Invisible, glues without a line break, and neither a letter nor a blank to the patterns it interrupts.
_JOINER = "\N{WORD JOINER}"
_MARKDOWN = re.compile(r"[\\`*_{}\[\]()#+\-.!|~<>&$:=^@]")
# Streamlit swaps some text only after Markdown has been read, where a backslash no longer helps:
# :emoji:, addresses, and arrows that stand alone. Those are interrupted by an invisible joiner.
_INTERRUPTED = (
    (re.compile(r"(?<=:)(?=\S)"), _JOINER),
    (re.compile(r"(?<=@)(?=\S)"), _JOINER),
    (re.compile(r"(?i)(?<=www)(?=\.)"), _JOINER),
    (re.compile(r"(?<!\S)([<\->~])(->|-|>|=)(?!\S)"), rf"\1{_JOINER}\2"),
)
#: Windows keeps these names for devices.
_DEVICES = frozenset({"con", "prn", "aux", "nul", *(f"{d}{i}" for d in ("com", "lpt") for i in range(1, 10))})


def together(text: str) -> str:
    r"""Keep a number and its percent sign on one line.

    Examples
    --------
    >>> together("39 % to 45 %") == "39\N{NO-BREAK SPACE}% to 45\N{NO-BREAK SPACE}%"
    True
    """
    return _PERCENT.sub("\N{NO-BREAK SPACE}%", text)


def plain(text: object, limit: int = LIMIT) -> str:
    r"""Prepare text for an element that shows it literally.

    Parameters
    ----------
    text : object
        Anything; its ``str`` is shown.
    limit : int
        Most characters; longer text is cut and ends in an ellipsis.

    Returns
    -------
    str
        The text with control, bidirectional and zero-width characters made visible.

    Examples
    --------
    >>> plain("a\u202eb")
    'a⟨U+202E⟩b'
    >>> plain("abcdef", limit=4)
    'abc…'
    """
    shown: list[str] = []
    width = 0
    for char in said(str(text) if not isinstance(text, str) else text):
        piece = visible_character(char)
        width += len(piece)
        shown.append(piece)
        if width > limit:
            return _cut(shown, limit - 1) + "…"
    return "".join(shown)


def _cut(pieces: list[str], width: int) -> str:
    """Join the pieces that fit; the form of an invisible character is never cut in two."""
    while pieces and sum(map(len, pieces)) > width:
        pieces.pop()
    return "".join(pieces)


def safe(text: object, limit: int = LIMIT) -> str:
    r"""Prepare text that comes from a file for Streamlit's Markdown: it is shown as it is, nothing more.

    Parameters
    ----------
    text : object
        Anything; its ``str`` is shown.
    limit : int
        Most characters shown; longer text is cut and ends in an ellipsis.

    Returns
    -------
    str
        Escaped text, as in `plain` and with a backslash before Markdown's punctuation. Addresses,
        ``:emoji:`` and lone arrows carry an invisible word joiner, so that they stay text.

    Examples
    --------
    >>> safe("income $ [k]")
    'income \\$ \\[k\\]'
    """
    shown = plain(text, limit)
    for pattern, replacement in _INTERRUPTED:
        shown = pattern.sub(replacement, shown)
    shown = _MARKDOWN.sub(r"\\\g<0>", shown)
    # Four leading blanks would make a code block.
    body = shown.lstrip(" ")
    return "\N{NO-BREAK SPACE}" * (len(shown) - len(body)) + body


def sentence(text: object) -> str:
    r"""Prepare a message of ours that quotes names from a file between backticks: quotes instead, nothing runs.

    Examples
    --------
    >>> sentence("`a b` is blank")
    "'a b' is blank"
    """
    shown = said(text) if isinstance(text, str) else str(text)
    return safe(shown.replace("`", "'"), limit=600)


def badge_text(text: object, limit: int = LIMIT) -> str:
    r"""Prepare text for ``st.badge``, which escapes square brackets itself and nothing else.

    Examples
    --------
    >>> badge_text("[25, 35)")
    '[25, 35\\)'
    """
    return safe(text, limit).replace("\\[", "[").replace("\\]", "]")


def estimate_text(estimate: Estimate, *, digits: int | None = None) -> str:
    """Write a rate with interval and count for Markdown: ``56 % (49 % to 63 %), 112 of 200``.

    An undefined one is a dash with its reason; see `rai_dash.core.words.estimate_words` for the
    literal form.
    """
    words = estimate_words(estimate, digits=digits)
    return words if estimate.is_defined else safe(words, limit=300)


def file_name(text: str) -> str:
    """Make a harmless name for a download: letters, digits, ``._-``, at most 80 characters, never a path.

    Examples
    --------
    >>> file_name("Köln / öffentlich.csv")
    'Koln_offentlich.csv'
    """
    flat = unicodedata.normalize("NFKD", text).encode("ascii", errors="ignore").decode()
    clean = re.sub(r"[^A-Za-z0-9._-]+", "_", flat)
    clean = re.sub(r"\.{2,}", ".", clean)
    stem, dot, suffix = clean.rpartition(".")
    if not dot or not re.fullmatch(r"[A-Za-z0-9]{1,10}", suffix):
        stem, dot, suffix = clean, "", ""
    stem = stem.strip("._-") or "file"
    if stem.split(".")[0].lower() in _DEVICES:
        stem = f"_{stem}"
    return stem[: _FILE_NAME_LIMIT - len(dot + suffix)] + dot + suffix


def many(n: float | None, one: str, plural: str = "") -> str:
    """Write how many of something there are, its name prepared as by `safe`; see `rai_dash.core.words.many`."""
    return f"{count(n)} {safe(words.things(n, one, plural))}"


__all__ = [
    "LIMIT",
    "NOTHING",
    "badge_text",
    "count",
    "csv_bytes",
    "estimate_text",
    "file_name",
    "formula_safe",
    "many",
    "number",
    "percent",
    "percent_range",
    "plain",
    "points",
    "safe",
    "score_beside",
    "sentence",
]
