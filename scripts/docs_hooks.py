"""What the site needs beside its pages: formulas as MathML, which browsers draw without a script."""

from __future__ import annotations

import re
from typing import Any, Final

from latex2mathml.converter import convert

#: Fenced blocks and code in a line come first: a dollar in them is a dollar.
_PARTS: Final = re.compile(
    r"(?P<code>^(?P<fence>`{3,}).*?^(?P=fence)[ \t]*$|(?P<ticks>`+)(?!`).+?(?<!`)(?P=ticks)(?!`))"
    r"|\$\$(?P<block>.+?)\$\$"
    r"|(?<![\\$\w])\$(?=\S)(?P<inline>[^$\n]+?)(?<=\S)\$(?![\w$])",
    re.MULTILINE | re.DOTALL,
)
_PICTURE: Final = re.compile(r"!\[([^\]]*)\]\(([^)#]+)-light\.png\)")
#: TP is one name and no product.
_NAMES: Final = re.compile(r"(?<![\\A-Za-z])[A-Z]{2,}(?![a-z])")
#: Signs of Markdown, which would be read once more.
_SIGNS: Final = str.maketrans({sign: f"&#{ord(sign)};" for sign in "*_|`[]\\"})


def mathml(text: str) -> str:
    """Write every formula of a page as MathML.

    Parameters
    ----------
    text : str
        Markdown with ``$inline$`` and ``$$block$$`` formulas in LaTeX.

    Returns
    -------
    str
        The same with the formulas replaced; code is left as it is.
    """
    return _PARTS.sub(_written, text)


def _written(found: re.Match[str]) -> str:
    if found["code"] is not None:
        return found[0]
    if found["block"] is not None:
        drawn = _drawn(" ".join(found["block"].split()), display="block")
        return f'<div class="formula">{drawn}</div>'
    # Markdown takes a bare <math> at the beginning of a line for a paragraph of its own.
    return f'<span class="formula">{_drawn(found["inline"], display="inline")}</span>'


def _drawn(formula: str, *, display: str) -> str:
    return convert(_NAMES.sub(r"\\text{\g<0>}", formula), display=display).translate(_SIGNS)


def in_both_themes(text: str) -> str:
    """Show ``name-dark.png`` instead of ``name-light.png`` to who reads in the dark; a click shows all of it."""
    one = r"[![\1](\2-{0}.png#only-{0})](\2-{0}.png)"
    return _PICTURE.sub(f"{one.format('light')} {one.format('dark')}", text)


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Answer MkDocs before it reads a page."""
    return in_both_themes(mathml(markdown))
