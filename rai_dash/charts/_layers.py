"""Which layers of a template there is something to see of."""

from __future__ import annotations

from rai_dash.charts._base import Chart, Spec, part_of, parts_of, stays


def seen_spec(chart: Chart) -> Spec:
    """Return the template without the layers that have no rows.

    Vega gives every layer the role of a picture, and one without marks is a picture without a name: a screen reader
    stops at it and has nothing to say. Written text and layers that are hidden from screen readers have no such role.
    The template itself is returned where every layer has rows, so that a step of a slider does not draw it anew.

    Parameters
    ----------
    chart : Chart
        A Vega template is left as it is.
    """
    layers, parts = chart.spec.get("layer", []), parts_of(chart.data)
    kept = [layer for layer in layers if stays(layer) or parts[part_of(layer) or ""]]
    return chart.spec if len(kept) in {0, len(layers)} else chart.spec | {"layer": kept}
