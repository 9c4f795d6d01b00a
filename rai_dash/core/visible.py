"""Characters without ink, made visible: in a name they could hide, or turn round, what stands beside them."""

from __future__ import annotations

import unicodedata

#: Controls, formats (bidirectional, zero-width), lone surrogates, line and paragraph separators.
_INVISIBLE_KINDS = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
#: Letters, marks and symbols without ink, and the variation selectors.
_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0").union(
    chr(c) for c in (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))
)


def visible_character(char: str) -> str:
    r"""Give a character without ink a form that can be seen.

    Examples
    --------
    >>> visible_character("a"), visible_character("\t"), visible_character("\u202e")
    ('a', '␉', '⟨U+202E⟩')
    """
    code = ord(char)
    if code < 0x20:
        return chr(0x2400 + code)
    if unicodedata.category(char) in _INVISIBLE_KINDS or char in _INVISIBLE:
        return f"⟨U+{code:04X}⟩"
    return char


def visible(text: object, *, keep_lines: bool = False) -> str:
    r"""Make every character without ink visible.

    Parameters
    ----------
    text : object
        Anything; its ``str`` is shown.
    keep_lines : bool
        Whether line breaks stay line breaks, each written ``\n``, as in what a person typed into several lines.

    Examples
    --------
    >>> visible("a\u202eb"), visible("a\nb"), visible("a\r\nb", keep_lines=True)
    ('a⟨U+202E⟩b', 'a␊b', 'a\nb')
    """
    lines = str(text).replace("\r\n", "\n").replace("\r", "\n").split("\n") if keep_lines else [str(text)]
    return "\n".join("".join(map(visible_character, line)) for line in lines)
