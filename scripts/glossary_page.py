"""Write ``docs/glossary.md`` from the glossary that the hovers of the app come from."""

from __future__ import annotations

from driving import REPO

from rai_dash.metrics.glossary import Term, glossary

PAGE = REPO / "docs" / "glossary.md"
_HEAD = """# Glossary

What the words mean that the pages say, as their hovers and *What the words mean* at the top of every page have it.
In formulas TP counts the good applicants who are approved, FP the bad ones who are approved, FN the good ones who are
refused, TN the bad ones who are refused; good means that the outcome is favourable.

`python scripts/glossary_page.py` writes this page.
"""


def written() -> str:
    """Return the whole page: one entry a word, by alphabet."""
    terms = sorted(glossary().values(), key=lambda term: term.title.casefold())
    return "\n".join([_HEAD, *map(_entry, terms)])


def _entry(term: Term) -> str:
    formula = f"\n\n`{term.formula}`" if term.formula else ""
    anchor = term.key.replace("_", "-")
    more = f"More: [{_name(term)}]({term.page})"
    return f"## {term.title} {{ #{anchor} }}\n\n{term.told}{formula}\n\n{more}\n"


def _name(term: Term) -> str:
    first = (REPO / "docs" / term.page).read_text(encoding="utf-8").splitlines()[0]
    return first.removeprefix("# ")


if __name__ == "__main__":
    PAGE.write_text(written(), encoding="utf-8")
