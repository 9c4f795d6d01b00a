"""A whole document without the numbers of few people, and without what would give them away."""

from __future__ import annotations

from rai_dash.report.suppressed.document import suppress_document

__all__ = ["suppress_document"]
