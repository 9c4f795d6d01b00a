"""Colours as red-, green- and blue-blind eyes see them: groups, decisions, ramps and limits stay apart.

Sight is simulated after Machado, Oliveira and Fernandes (2009), severity 1, in linear RGB. How far two colours
are apart is CIEDE2000 after Sharma, Wu and Dalal (2005).
"""

from __future__ import annotations

import math
from itertools import combinations, pairwise
from typing import Any

import numpy as np
import pytest

from rai_dash.charts import theme

#: Rows: red, green and blue that are seen. Machado et al., table 1, severity 1.0.
SIGHT = {
    "full": np.eye(3),
    "protan": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deutan": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritan": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
#: Told apart at a glance, side by side or not.
APART = 15.0
GROUPS = {"light": theme.GROUPS_LIGHT, "dark": theme.GROUPS_DARK}
RAMPS = {"light": theme.RAMP_LIGHT, "dark": theme.RAMP_DARK}
DIVERGING = {"light": theme.DIVERGING_LIGHT, "dark": theme.DIVERGING_DARK}
THEMES = [pytest.param(i, name, id=name) for i, name in enumerate(("light", "dark"))]
every_sight = pytest.mark.parametrize("sight", SIGHT)


def _linear(color: str) -> np.ndarray:
    channels = np.array([int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def lab(color: str, sight: str = "full") -> tuple[float, float, float]:
    """CIE L*a*b* under D65 of a colour as it is seen."""
    seen = np.clip(SIGHT[sight] @ _linear(color), 0.0, 1.0)
    to_xyz = np.array(
        [
            [0.4124564, 0.3575761, 0.1804375],
            [0.2126729, 0.7151522, 0.0721750],
            [0.0193339, 0.1191920, 0.9503041],
        ]
    )
    x, y, z = (to_xyz @ seen) / np.array([0.95047, 1.0, 1.08883])
    f = [v ** (1 / 3) if v > (6 / 29) ** 3 else v / (3 * (6 / 29) ** 2) + 4 / 29 for v in (x, y, z)]
    return 116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])


def ciede2000(one: tuple[float, float, float], two: tuple[float, float, float]) -> float:
    """Difference of two colours given in L*a*b*, with all weights 1."""
    (l1, a1, b1), (l2, a2, b2) = one, two
    mean_c = (math.hypot(a1, b1) + math.hypot(a2, b2)) / 2
    g = 0.5 * (1 - math.sqrt(mean_c**7 / (mean_c**7 + 25.0**7)))
    c1, c2 = math.hypot((1 + g) * a1, b1), math.hypot((1 + g) * a2, b2)
    h1, h2 = (
        math.degrees(math.atan2(b, (1 + g) * a)) % 360 if a or b else 0.0 for a, b in ((a1, b1), (a2, b2))
    )
    turn = 0.0 if c1 * c2 == 0 else (h2 - h1 + 180) % 360 - 180
    if c1 * c2 and abs(h2 - h1) == 180:
        turn = h2 - h1
    delta_h = 2 * math.sqrt(c1 * c2) * math.sin(math.radians(turn) / 2)
    mean_l, c = (l1 + l2) / 2, (c1 + c2) / 2
    if c1 * c2 == 0:
        h = h1 + h2
    elif abs(h1 - h2) <= 180:
        h = (h1 + h2) / 2
    else:
        h = (h1 + h2 + 360) / 2 if h1 + h2 < 360 else (h1 + h2 - 360) / 2
    t = (
        1
        - 0.17 * math.cos(math.radians(h - 30))
        + 0.24 * math.cos(math.radians(2 * h))
        + 0.32 * math.cos(math.radians(3 * h + 6))
        - 0.20 * math.cos(math.radians(4 * h - 63))
    )
    s_l = 1 + 0.015 * (mean_l - 50) ** 2 / math.sqrt(20 + (mean_l - 50) ** 2)
    s_c, s_h = 1 + 0.045 * c, 1 + 0.015 * c * t
    r_c = 2 * math.sqrt(c**7 / (c**7 + 25.0**7))
    r_t = -math.sin(math.radians(60 * math.exp(-(((h - 275) / 25) ** 2)))) * r_c
    dl, dc, dh = (l2 - l1) / s_l, (c2 - c1) / s_c, delta_h / s_h
    return math.sqrt(dl**2 + dc**2 + dh**2 + r_t * dc * dh)


def apart(one: str, two: str, sight: str) -> float:
    return ciede2000(lab(one, sight), lab(two, sight))


def closest(colors: Any, sight: str) -> tuple[float, str, str]:
    return min((apart(a, b, sight), a, b) for a, b in combinations(colors, 2))


def contrast(a: str, b: str) -> float:
    """WCAG 2.2."""
    weights = np.array([0.2126, 0.7152, 0.0722])
    dark, light = sorted(float(weights @ _linear(c)) for c in (a, b))
    return (light + 0.05) / (dark + 0.05)


# --- the instruments ---


@pytest.mark.parametrize(
    ("one", "two", "difference"),
    [
        # Sharma et al. (2005), table 1: pairs 1, 4, 7, 9, 13, 17, 20, 25 and 34.
        ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
        ((50.0, -1.3802, -84.2814), (50.0, 0.0, -82.7485), 1.0000),
        ((50.0, 0.0, 0.0), (50.0, -1.0, 2.0), 2.3669),
        ((50.0, 2.49, -0.001), (50.0, -2.49, 0.0009), 7.1792),
        ((50.0, -0.001, 2.49), (50.0, 0.0009, -2.49), 4.8045),
        ((50.0, 2.5, 0.0), (73.0, 25.0, -18.0), 27.1492),
        ((50.0, 2.5, 0.0), (58.0, 24.0, 15.0), 19.4535),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
        ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
    ],
)
def test_differences_are_those_that_were_published(one, two, difference):
    assert ciede2000(one, two) == pytest.approx(difference, abs=5e-5)
    assert ciede2000(two, one) == pytest.approx(difference, abs=5e-5)


@every_sight
def test_no_sight_colours_a_grey(sight):
    for grey in ("#000000", "#777777", "#ffffff"):
        assert lab(grey, sight) == pytest.approx(lab(grey), abs=0.2)


def test_the_simulation_takes_from_each_what_it_cannot_see():
    # Red and green of one lightness, blue and green of another: apart for all but those who lack the cone between them.
    assert apart("#c05050", "#6f8030", "full") > 3 * apart("#c05050", "#6f8030", "deutan")
    assert lab("#ff0000", "protan")[0] < lab("#ff0000", "deutan")[0] - 5


# --- our colours ---


@every_sight
@pytest.mark.parametrize(("place", "name"), THEMES)
def test_groups_are_told_apart(place, name, sight):
    far, *pair = closest(GROUPS[name], sight)

    assert far >= APART, pair


@every_sight
def test_decisions_are_told_apart(sight):
    far, *pair = closest((theme.DECLINED, theme.PERSON, theme.APPROVED), sight)

    assert far >= APART, pair


@every_sight
def test_low_and_high_are_told_apart_from_the_middle_and_from_each_other(sight):
    far, *pair = closest(theme.LOW_HIGH, sight)

    assert far >= APART, pair


@every_sight
@pytest.mark.parametrize(("place", "name"), THEMES)
def test_a_breach_is_told_from_what_stands_beside_it(place, name, sight):
    beside = (theme.ACCENT[place], theme.LOW_HIGH[0], theme.FEW, theme.SURFACE[place])

    far = min((apart(theme.BREACH, other, sight), other) for other in beside)

    assert far[0] >= APART, far


@pytest.mark.parametrize(("place", "name"), THEMES)
def test_marks_have_three_to_one_and_text_four_and_a_half(place, name):
    surface = theme.SURFACE[place]
    marks = (*GROUPS[name], theme.DECLINED, theme.PERSON, theme.APPROVED, theme.BREACH, *theme.LOW_HIGH)

    assert min((contrast(c, surface), c) for c in marks)[0] >= 3.0
    assert min(contrast(c, surface) for c in (theme.INK[place], theme.MUTED[place])) >= 4.5
    assert contrast(theme.ACCENT[place], surface) >= 4.5


@every_sight
@pytest.mark.parametrize(("place", "name"), THEMES)
def test_a_ramp_only_ever_gets_darker_or_lighter(place, name, sight):
    lightness = [lab(color, sight)[0] for color in RAMPS[name]]
    steps = [b - a for a, b in pairwise(lightness)]

    assert all(step < -2 for step in steps) or all(step > 2 for step in steps)
    # Nothing lies near the background, everything far from it.
    ground = lab(theme.SURFACE[place], sight)[0]
    assert abs(lightness[0] - ground) < abs(lightness[-1] - ground)


@every_sight
@pytest.mark.parametrize(("place", "name"), THEMES)
def test_both_sides_of_a_difference_grow_away_from_the_middle_and_stay_apart(place, name, sight):
    colors = DIVERGING[name]
    ground = lab(theme.SURFACE[place], sight)[0]
    away = [abs(lab(color, sight)[0] - ground) for color in colors]
    low, high = away[:5], away[5:]

    assert low == sorted(low, reverse=True)
    assert high == sorted(high)
    for a, b in ((colors[0], colors[-1]), (colors[1], colors[-2])):
        assert apart(a, b, sight) >= APART
