"""Who plays which part in a case: the data and models that the chapters look at."""

from __future__ import annotations

from dataclasses import dataclass

from rai_dash.case import Case, CaseData, CaseModel, DataRole


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """The parts.

    Parameters
    ----------
    past : CaseData
        What the case is looked at with first.
    fresh : CaseData or None
        Newer data: from production, else the next that are not the first.
    judged : CaseData
        What groups, band and signature are judged on: a living test set where there is one, else the first data.
    first, second : CaseModel or None
        The model of the case, and the one trained on newly collected data, or any other.
    """

    past: CaseData
    fresh: CaseData | None
    judged: CaseData
    first: CaseModel | None
    second: CaseModel | None

    @property
    def by(self) -> str:
        """Sensitive column that people are compared by; empty = none is named."""
        return next(iter(self.judged.dataset.roles.sensitive), "")

    def data(self, part: str) -> CaseData | None:
        """Return the data of a part."""
        return {"past": self.past, "fresh": self.fresh, "judged": self.judged}[part]

    def model(self, part: str) -> CaseModel | None:
        """Return the model of a part; a second one is the first where there is no other."""
        return self.second or self.first if part == "second" else self.first


def cast_of(case: Case) -> Cast:
    """Give the parts of a case that has data."""
    past, first = case.data_of(""), case.model_of("")
    others = [d for d in case.data if d.key != past.key]
    living = [d for d in others if d.role is DataRole.LIVING and d.dataset.roles.target is not None]
    return Cast(
        past=past,
        fresh=next((d for role in _FRESH for d in others if d.role is role), None),
        judged=next(iter(living), past),
        first=first,
        second=_second(case, first),
    )


#: In this order newer data are looked for.
_FRESH = (DataRole.PRODUCTION, DataRole.LIVING, DataRole.COLLECTED, DataRole.TRAINING)


def _second(case: Case, first: CaseModel | None) -> CaseModel | None:
    collected = {d.key for d in case.data if d.role is DataRole.COLLECTED}
    others = [m for m in case.models if first is None or m.key != first.key]
    return next((m for m in others if m.trained_on in collected), next(iter(others), None))
