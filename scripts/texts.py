"""Write ``rai_dash/locale/messages.pot``: everything that people read, for those who translate it. ``make texts``.

Equal sources give equal bytes: no dates, no line numbers.
"""

from __future__ import annotations

import ast
import io
import sys
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import IO

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import write_po

REPO = Path(__file__).resolve().parents[1]
TEMPLATE = REPO / "rai_dash" / "locale" / "messages.pot"
#: Functions that say or mark a text, with the places of their messages.
KEYWORDS = {"tr": None, "mark": None, "ntr": (1, 2), "many": (2, 3), "things": (2, 3)}
_PAGE_TEXTS = ("title", "question")
_HEADER = """\
# Texts of RAI Dash. Copy this file to <code>.po, translate, and name in X-Reviewed-By who read the verdicts.
msgid ""
msgstr ""
"Project-Id-Version: RAI Dash\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"X-Reviewed-By: \\n"

"""

Message = str | tuple[str, ...]


def sources() -> list[Path]:
    """List the files whose texts people read."""
    package = REPO / "rai_dash"
    return sorted([*(REPO / "pages").glob("*.py"), *package.rglob("*.py"), *package.rglob("*.j2")])


def calls(
    fileobj: IO[bytes], keywords: Collection[str], comment_tags: object, options: object
) -> Iterator[tuple[int, str, object, list[str]]]:
    """Find messages in Python, as Babel asks for it: its own reader does not look into the values of a message."""
    del comment_tags, options
    for node in ast.walk(ast.parse(fileobj.read())):
        name = called(node)
        if isinstance(node, ast.Call) and name in keywords:
            texts = [
                a.value if isinstance(a, ast.Constant) and isinstance(a.value, str) else None
                for a in node.args
            ]
            if any(texts):
                yield node.lineno, name, texts if len(texts) > 1 else texts[0], []


def called(node: ast.AST) -> str:
    """Return the name of the function that is called."""
    func = node.func if isinstance(node, ast.Call) else None
    return func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")


def messages(path: Path) -> Iterator[Message]:
    """Yield the messages of a file."""
    content = path.read_bytes()
    method = calls if path.suffix == ".py" else "jinja2.ext:babel_extract"
    for _, message, _, _ in extract(method, io.BytesIO(content), keywords=KEYWORDS):
        yield message
    if path.parent.name == "pages":
        yield from _page_texts(content.decode())


def _page_texts(source: str) -> Iterator[str]:
    """Yield what the navigation reads from a page without running it."""
    for node in ast.parse(source).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "PAGE":
            page = ast.literal_eval(node.value)
            yield from (page[key] for key in _PAGE_TEXTS)


def template() -> bytes:
    """Return the file of all texts."""
    catalog = Catalog(charset="utf-8")
    for path in sources():
        for message in messages(path):
            if message:
                catalog.add(message, locations=[(str(path.relative_to(REPO)), 0)])
    held = io.BytesIO()
    write_po(held, catalog, width=100, omit_header=True, sort_output=True, include_lineno=False)
    return _HEADER.encode() + held.getvalue()


def main() -> int:
    """Write the file, or say that it is not as the sources are (``--check``)."""
    made = template()
    if "--check" in sys.argv:
        return int(not TEMPLATE.exists() or TEMPLATE.read_bytes() != made)
    TEMPLATE.parent.mkdir(exist_ok=True)
    TEMPLATE.write_bytes(made)
    return 0


if __name__ == "__main__":
    sys.exit(main())
