"""Writes a report's document as one HTML file that loads nothing and holds no script."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from markupsafe import Markup, escape

from rai_dash.core.texts import language, tr
from rai_dash.core.visible import visible
from rai_dash.report.audit_report.appendix import appendix_section, rests_section
from rai_dash.report.audit_report.blocks import Section
from rai_dash.report.audit_report.cards import data_sheet, model_card
from rai_dash.report.audit_report.document import document_sha256
from rai_dash.report.audit_report.executive import executive
from rai_dash.report.audit_report.methods import methods_section
from rai_dash.report.audit_report.section_band import band_section, explained_section, signed_section
from rai_dash.report.audit_report.section_data import data_section
from rai_dash.report.audit_report.section_groups import groups_section
from rai_dash.report.audit_report.section_performance import performance_section

if TYPE_CHECKING:
    from jinja2 import Template

_TEMPLATES: Final = Path(__file__).parents[1] / "templates"
#: Hex digits of a hash that are enough to tell two reports apart by eye.
SHORT: Final = 12
#: Letters of a word that a narrow column has room for, and after how many it may break.
_WORD: Final = 18
_LONG: Final = re.compile(r"(?:&[a-z0-9#]+;|[^&]){10}(?=.)")
#: Chapters that begin on a page of their own; the others go on where the one before ends.
_OWN_PAGE: Final = frozenset({"groups", "appendix"})


def sections_of(document: Mapping[str, Any]) -> tuple[Section, ...]:
    """Return the chapters in their order."""
    return (
        data_section(document),
        performance_section(document),
        groups_section(document),
        explained_section(document),
        band_section(document),
        signed_section(document),
        model_card(document),
        data_sheet(document),
        methods_section(),
        appendix_section(document),
        rests_section(document),
    )


def report_html(document: Mapping[str, Any]) -> str:
    """Write a report as HTML.

    Parameters
    ----------
    document : mapping
        What `rai_dash.report.audit_report.document.report_document` returns.

    Returns
    -------
    str
        A whole document in the language that is spoken; equal documents give equal text.
    """
    fingerprint = document_sha256(document)
    return _template().render(
        language=language(),
        title=tr("Audit of {title}", title=document["title"]),
        name=document["title"],
        made=document["made"],
        fingerprint=fingerprint[:SHORT],
        running=tr("Report {fingerprint}", fingerprint=fingerprint[:SHORT]),
        summary=executive(document),
        sections=sections_of(document),
        tr=tr,
        colours=Markup(dark_colours()),  # noqa: S704 - colours of our own theme
        raw=Markup,
        own_page=_OWN_PAGE,
    )


def dark_colours() -> str:
    """Return the rules that turn a figure drawn for a light page into one for a dark page."""
    from rai_dash.charts import theme

    pairs = [*theme.PAIRS.values(), *zip(theme.GROUPS_LIGHT, theme.GROUPS_DARK, strict=True)]
    return "\n".join(
        f'figure [{paint}="{light}" i] {{ {paint}: {dark} }}'
        for light, dark in pairs
        for paint in ("fill", "stroke")
    )


@cache
def _template() -> Template:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["breakable"] = breakable
    return environment.get_template("audit.html.j2")


def breakable(text: str) -> Markup:
    """Let a long word of a narrow column break, and no other."""
    words = (escape(word) for word in str(_shown(text)).split(" "))
    broken = (
        _LONG.sub(lambda found: f"{found[0]}<wbr>", word) if len(word) > _WORD else word for word in words
    )
    return Markup(" ".join(broken))  # noqa: S704 - each word is escaped


def _shown(value: object) -> object:
    """Make what has no ink visible, and keep a number with its unit on one line."""
    return visible(value).replace(" %", "\N{NO-BREAK SPACE}%") if type(value) is str else value
