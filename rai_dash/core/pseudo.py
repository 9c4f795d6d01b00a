"""A language that nobody speaks: English with other letters, longer and in brackets, to see what is not translated."""

from __future__ import annotations

import re
from typing import Final

#: Code of the language; private use in the standard of language codes.
PSEUDO: Final = "en-XA"
_OPEN, _CLOSE = "⟦", "⟧"
_LETTERS: Final = str.maketrans(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
    "ÀƁÇÐÉƑĜĤÎĴĶĻṀÑÖÞǪŔŠŢÛṼŴẊÝŽàƀçðéƒĝĥîĵķļɱñöþǫŕšţûṽŵẋýž",
)
_MORE: Final = 0.3
#: Left as it stands: values, icons and colours, links, tags and names of settings.
_KEPT = re.compile(
    r"\{\{|\}\}|\{[^{}]*\}|:[a-z_]+/[a-z0-9_]+:|:[a-z]+(?:-[a-z]+)*\[|\]\([^)]*\)|</?[a-zA-Z][^>]*>|\bRAI_[A-Z_]+|%[A-Za-z]\b"
)
#: What stands before the words and makes a heading or a list of them, and the blanks at both ends.
_FRAME = re.compile(r"^(\s*(?:[#>*+-]+ |\d+\. )?)(.*?)(\s*)$", flags=re.DOTALL)


def pseudo(text: str) -> str:
    """Disguise a message: other letters, about a third longer, in brackets.

    Examples
    --------
    >>> pseudo("{n} rows")
    '⟦{n} ŕöŵš··⟧'
    """
    start, body, end = _split(text)
    if not body or body.startswith(_OPEN):
        return text
    kept, pieces = _KEPT.findall(body), _KEPT.split(body)
    said = pieces[0].translate(_LETTERS)
    for token, piece in zip(kept, pieces[1:], strict=True):
        said += token + piece.translate(_LETTERS)
    longer = "·" * round(_MORE * sum(map(len, pieces)))
    return f"{start}{_OPEN}{said}{longer}{_CLOSE}{end}"


def _split(text: str) -> tuple[str, str, str]:
    found = _FRAME.match(text)
    return ("", text, "") if found is None else (found[1], found[2], found[3])
