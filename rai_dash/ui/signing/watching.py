"""How far later batches may lie from what is signed, and what a breach does: a part of the form of a statement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import streamlit as st

from rai_dash.core.texts import all_of, mark, tr
from rai_dash.govern._policy_monitoring import MonitorLimits
from rai_dash.govern.monitor.limits import read_limits
from rai_dash.ui import widgets
from rai_dash.ui.signing import acting

#: Tolerances that are offered, in points; the command line names all of them.
_OFFERED: Final[Mapping[str, str]] = {
    "review_rate": mark("Sent to a person"),
    "selection_rate": mark("Approved at the model’s own line"),
    "auto_error_rate": mark("Wrong when alone"),
    "base_rate": mark("Favourable outcomes"),
}
_NUMBERS: Final[Mapping[str, tuple[str, float]]] = {
    "psi_watch": (mark("Drift watched from a PSI of"), 0.01),
    "psi_breach": (mark("Drift is a breach from a PSI of"), 0.01),
    "ks": (mark("Breach from a KS of (blank = shown only)"), 0.01),
}
_POINT: Final = 100.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """What was typed: ``NAME=VALUE`` for each limit that is not the usual one, and what a breach does."""

    items: tuple[str, ...]
    suspend_on_breach: bool

    def limits(self) -> MonitorLimits:
        """Return the limits.

        Raises
        ------
        InvalidChoice
            When they do not go together.
        """
        return read_limits(self.items)


def fields(before: MonitorLimits, *, suspends: bool) -> Watch:
    """Draw the fields inside a form, and return what stands in them.

    Parameters
    ----------
    before : MonitorLimits
        What stood there before; a limit that has no field is taken over.
    suspends : bool
        Whether a breach suspended before.
    """
    suspend = st.checkbox(
        tr("A later breach suspends automatic decisions"), suspends, key=acting.key("suspend"),
        help=tr("When a batch in the record breaks a limit, everything goes to a person until somebody lifts it."),
    )  # fmt: skip
    items = [_item(name, value) for name, value in before.tolerances.items() if name not in _OFFERED]
    items += [_item(name, value) for name in ("least", "min_n") if (value := getattr(before, name)) > 0]
    with st.expander(tr("How far may a later batch lie from this?"), icon=":material/monitor_heart:"):
        widgets.note(
            tr(
                "In points. Blank: by half the width of the interval that is signed, at least one point. "
                "Groups may move by that or by the width of their own interval."
            )
        )
        for place, (name, label) in zip(st.columns(len(_OFFERED)), all_of(_OFFERED).items(), strict=True):
            typed = place.number_input(
                label, 0.1, 100.0, _in_points(before.tolerances.get(name)), 0.5, key=acting.key(f"may_{name}"),
                placeholder=tr("by its interval"),
            )  # fmt: skip
            if typed is not None:
                items.append(_item(name, round(typed / _POINT, 6)))
        for place, (name, (label, least)) in zip(st.columns(len(_NUMBERS)), _NUMBERS.items(), strict=True):
            value = place.number_input(
                tr(label), least, 1.0 if name == "ks" else 10.0, getattr(before, name), 0.01,
                key=acting.key(f"may_{name}")
            )  # fmt: skip
            if value is not None:
                items.append(_item(name, round(value, 6)))
    return Watch(items=tuple(items), suspend_on_breach=suspend)


def _in_points(share: float | None) -> float | None:
    return None if share is None else round(share * _POINT, 4)


def _item(name: str, value: float) -> str:
    return f"{name}={value!r}"
