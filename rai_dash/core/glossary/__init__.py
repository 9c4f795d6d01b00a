"""The words of the trade that the app says, each in one plain line: where hovers and lists of words come from.

Words that are metrics are not here: the registry of metrics has their lines, and `rai_dash.metrics.glossary` puts
both together.
"""

from __future__ import annotations

from rai_dash.core.glossary.term import Term

__all__ = ["Term"]
