"""What a word of the trade means, for the hover of whatever is labelled with it."""

from __future__ import annotations

from rai_dash.metrics.glossary import term


def meaning(key: str) -> str:
    """Return what a word of the glossary means, for ``help=``."""
    return term(key).said


def label(key: str) -> str:
    """Return a word of the glossary as a heading or label."""
    return term(key).title
