"""Colours: equal to Streamlit's, readable in both themes."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from rai_dash.charts import theme

CONFIG = Path(__file__).parents[3] / ".streamlit" / "config.toml"


def _luminance(color: str) -> float:
    channels = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(a: str, b: str) -> float:
    """WCAG 2.2, relative luminance."""
    dark, light = sorted((_luminance(a), _luminance(b)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(
    ("section", "place", "groups", "ramp", "diverging"),
    [
        ("light", 0, theme.GROUPS_LIGHT, theme.RAMP_LIGHT, theme.DIVERGING_LIGHT),
        ("dark", 1, theme.GROUPS_DARK, theme.RAMP_DARK, theme.DIVERGING_DARK),
    ],
)
def test_streamlit_has_the_same_colours(section, place, groups, ramp, diverging):
    settings = tomllib.loads(CONFIG.read_text())["theme"][section]

    assert settings["textColor"] == theme.INK[place]
    assert settings["backgroundColor"] == theme.SURFACE[place]
    assert tuple(settings["chartCategoricalColors"]) == groups
    assert tuple(settings["chartSequentialColors"]) == ramp
    assert tuple(settings["chartDivergingColors"]) == diverging


def test_text_and_group_colours_are_readable_on_their_background():
    for place, groups in ((0, theme.GROUPS_LIGHT), (1, theme.GROUPS_DARK)):
        for color in (theme.INK[place], theme.MUTED[place], *groups):
            assert _contrast(color, theme.SURFACE[place]) >= 4.5


def test_marks_stand_out_from_both_backgrounds():
    for color in (theme.DECLINED, theme.PERSON, theme.APPROVED, theme.BREACH):
        assert min(_contrast(color, surface) for surface in theme.SURFACE) >= 3.0
    for place in (0, 1):
        assert _contrast(theme.ACCENT[place], theme.SURFACE[place]) >= 4.5


def test_black_is_readable_on_every_route_and_black_or_white_on_every_cell():
    for color in (theme.DECLINED, theme.PERSON, theme.APPROVED):
        assert _contrast("#000000", color) >= 4.5
    for color in theme.RAMP_LIGHT + theme.RAMP_DARK:
        assert max(_contrast("#000000", color), _contrast("#ffffff", color)) >= 4.5


def test_the_ramp_runs_away_from_the_background():
    light = [_luminance(c) for c in theme.RAMP_LIGHT]
    dark = [_luminance(c) for c in theme.RAMP_DARK]

    assert light == sorted(light, reverse=True)
    assert dark == sorted(dark)


def test_colours_are_written_in_the_theme_only():
    rooms = Path(theme.__file__).parent.glob("*.py")
    found = {
        color
        for file in rooms
        if file.name != "theme.py"
        for color in re.findall(r"#[0-9a-fA-F]{6}\b", file.read_text())
    }

    # Black and white on a coloured cell are the same in both themes.
    assert found <= {"#000000", "#ffffff"}


def test_an_unknown_shade_is_refused_with_the_known_ones():
    with pytest.raises(ValueError, match="ink, muted"):
        theme.shade("black")
