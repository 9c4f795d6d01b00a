"""Presenter size: charts grow with the letters of the page, which the guide sets."""

from __future__ import annotations

from typing import Any, Final

from rai_dash.ui import state

#: Sizes to choose from: how much larger charts are, and the letters of the page in pixels (none = as they are).
SIZES: Final = ((1.0, ""), (1.3, "20px"), (1.7, "clamp(22px, 1.36vw, 26px)"))
#: A picture whose places are fixed has room for letters of that much more.
_MOST_FIXED: Final = 1.2
_LETTERS: Final = frozenset(
    {"fontSize", "labelFontSize", "titleFontSize", "subtitleFontSize", "labelLimit", "titleLimit", "limit"}
)
_PLACES: Final = frozenset(
    {
        "height",
        "step",
        "dx",
        "dy",
        "top",
        "bottom",
        "left",
        "right",
        "labelPadding",
        "titlePadding",
        "labelOffset",
    }
)


def size() -> int:
    """Return the size that is chosen; an address may hold anything."""
    return min(max(state.choices().large, 0), len(SIZES) - 1)


def in_size(spec: dict[str, Any]) -> dict[str, Any]:
    """Return a chart's template in the size that is chosen.

    It is the same for every step of a slider, so that the picture is patched and not drawn anew.
    """
    factor, _ = SIZES[size()]
    if factor == 1.0:
        return spec
    if "vega-lite" in str(spec.get("$schema", "vega-lite")):
        return _grown(spec, factor, _LETTERS | _PLACES)  # type: ignore[no-any-return]
    return _grown(spec, min(factor, _MOST_FIXED), _LETTERS)  # type: ignore[no-any-return]


def _grown(part: Any, factor: float, names: frozenset[str], *, is_size: bool = False) -> Any:
    """Multiply the numbers that are named; a value in an encoding stands one level deeper."""
    if isinstance(part, dict):
        return {
            key: _grown(value, factor, names, is_size=key in names or (is_size and key == "value"))
            for key, value in part.items()
        }
    if isinstance(part, list):
        return [_grown(one, factor, names) for one in part]
    is_number = isinstance(part, int | float) and not isinstance(part, bool)
    return round(part * factor, 1) if is_size and is_number else part
