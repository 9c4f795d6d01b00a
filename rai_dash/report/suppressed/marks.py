"""How a hidden number is marked in a document, and who may show which."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from rai_dash.core.texts import tr
from rai_dash.report.suppressed.closure import Hidden, is_hidden
from rai_dash.report.suppressed.views import Everybody, Node, View

Json: TypeAlias = dict[str, Any]
#: Key of an object from which numbers were taken: what is null in it is hidden, not undefined.
SUPPRESSED: Final = "suppressed"
#: Kinds of the numbers of a group; every other metric needs the confusion table.
_KINDS: Final = {
    "n": "size",
    "positives": "outcome",
    "base_rate": "outcome",
    "predicted_positives": "decision",
    "selection_rate": "decision",
    "mean_score": "decision",
}
#: What says how an estimate came about; without the estimate it says something about the counts.
_BESIDE: Final = ("from", "bound", "dropped_replicates", "interval_reason")


def kind_of(metric: str) -> str:
    """Return the kind of counts that a metric tells."""
    return _KINDS.get(metric, "confusion")


@dataclass(slots=True)
class Marker:
    """Takes numbers out of a document and counts them.

    Parameters
    ----------
    people : Everybody
        The groups of the document with their true counts.
    hidden : dict
        What is hidden, by kind.
    fewest : int
        Fewest people of a number that is shown.
    min_n : int
        Groups with fewer rows enter no gap.
    """

    people: Everybody
    hidden: Hidden
    fewest: int
    min_n: int
    taken: int = field(default=0)

    @property
    def reason(self) -> str:
        """Why a number is not there, the same for all: it would else tell which of them is the small one."""
        return tr("fewer than {n} people, or needed to hide such a number", n=self.fewest)

    def shows(self, node: Node | None, kind: str) -> bool:
        """Whether a group shows a kind of number; nobody at all may always be told."""
        return not is_hidden(self.hidden, node, kind)

    def shows_all(self, nodes: Iterable[Node], kind: str) -> bool:
        """Whether several groups all show a kind of number; groups without people do not matter."""
        return all(self.shows(node, kind) for node in nodes if node.size > 0)

    def shows_gap(self, view: View | None, kind: str, *, level: dict[str, str] | None = None) -> bool:
        """Whether a number over all compared groups is shown.

        Which groups are compared follows from their sizes. So it must follow from the sizes that are shown: if those
        whose sizes are hidden could be large enough together, nothing is said.
        """
        if view is None:
            return False
        nodes = [n for n in view.nodes if all(n.parts[c] == g for c, g in (level or {}).items())]
        unknown = sum(node.size for node in nodes if not self.shows(node, "size"))
        large = [node for node in nodes if self.shows(node, "size") and node.size >= self.min_n]
        return unknown < self.min_n and self.shows_all(large, kind)

    def take(self, where: Json, *names: str, keep: Iterable[str] = ()) -> None:
        """Empty an object, or some of its entries, and mark it."""
        kept = {*keep, "excluded", "tolerance", "approximate", SUPPRESSED}
        for name in names or [n for n in where if n not in kept]:
            where[name] = self._emptied(where.get(name))
        for name in _BESIDE:
            where.pop(name, None)
        where[SUPPRESSED] = True
        if "reason" in where or "value" in where:
            where["reason"] = self.reason

    def _emptied(self, value: object) -> object:
        if isinstance(value, bool):
            return False
        if isinstance(value, dict):
            return {}
        if isinstance(value, list):
            return []
        self.taken += isinstance(value, int | float)
        return None
