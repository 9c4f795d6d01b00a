"""Charts of what drives a model, built from random numbers and awkward names."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from rai_dash.charts._base import Chart
from rai_dash.charts.beeswarm import SwarmLine, beeswarm
from rai_dash.charts.dependence import dependence
from rai_dash.charts.effect_curve import EffectLine, effect_curve, effect_dots
from rai_dash.charts.fragility import FlipDot, flips_by_score, fragility
from rai_dash.charts.group_reasons import group_reasons
from rai_dash.charts.importance_bars import importance_bars

NAMES = (
    "HOSTILE'];alert(1)//",
    'HOSTILE"datum.x',
    "HOSTILE__proto__",
    "HOSTILE\n",
    "HOSTILE b",
    "HOSTILE <b>*c*</b>",
    "HOSTILE \u202ed",
)
K = len(NAMES)
Build = Callable[[np.random.Generator], Chart]


def _importance(rng: np.random.Generator) -> Chart:
    value = list(rng.normal(size=K))
    return importance_bars(
        rng.permutation(NAMES),
        [*value[:-1], None],
        low=[*value[:-1], None],
        high=[*value[:-1], None],
        unit="cost",
    )


def _swarm(rng: np.random.Generator) -> Chart:
    lines = [
        SwarmLine(
            name=name,
            value=rng.normal(size=50),
            offset=rng.uniform(-1, 1, 50),
            place=np.where(rng.random(50) < 0.2, np.nan, rng.random(50)),
            text=list(rng.choice(NAMES, 50)),
        )
        for name in NAMES
    ]
    return beeswarm(lines, space="log-odds")


def _dependence(rng: np.random.Generator) -> Chart:
    x = [None, *rng.normal(size=59)]
    place = np.where(rng.random(60) < 0.2, np.nan, rng.random(60))
    text = list(rng.choice(NAMES, 60))
    return dependence(x, rng.normal(size=60), space="probability", place=place, partner_text=text)


def _line(rng: np.random.Generator, points: int) -> EffectLine:
    value = rng.uniform(0.2, 0.8, points)
    low = value - 0.1
    low[0] = np.nan
    return EffectLine(value=value, low=low, high=value + 0.1)


def _curve(rng: np.random.Generator) -> Chart:
    return effect_curve(
        np.arange(30) + rng.random(),
        _line(rng, 30),
        n=list(rng.integers(1, 99, 30)),
        scale="level",
        local=_line(rng, 30),
        lines=rng.random((200, 30)),
    )


def _reasons(rng: np.random.Generator) -> Chart:
    part = rng.normal(size=K)
    return group_reasons(
        NAMES,
        list(part),
        low=list(part - 1),
        high=list(part + 1),
        share=[None] * K,
        starred=list(rng.random(K) < 0.5),
        gap=(float(part.sum()), None, None),
        space="log-odds",
        most=4,
    )


def _fragility(rng: np.random.Generator) -> Chart:
    dots = [
        FlipDot(
            noise="5 %",
            group=group,
            position=i,
            value=float(rng.random() / 2),
            low=0.0,
            high=0.6,
            n=int(rng.integers(1, 999)),
            small=bool(rng.random() < 0.3),
        )
        for i, group in enumerate((None, *NAMES))
    ]
    return fragility(dots)


def _by_score(rng: np.random.Generator) -> Chart:
    flip = [None, *rng.random(19)]
    return flips_by_score(
        np.linspace(0, 1, 21), flip, [0, *rng.integers(1, 50, 19)], threshold=float(rng.random())
    )


CHARTS: dict[str, Build] = {
    "importance_bars": _importance,
    "beeswarm": _swarm,
    "dependence": _dependence,
    "dependence_by_effect": lambda rng: dependence(
        rng.normal(size=9),
        rng.normal(size=9),
        space="log-odds",
        place=rng.random(9),
        partner_text=NAMES + NAMES[:2],
        by_effect=True,
    ),
    "dependence_alone": lambda rng: dependence(rng.normal(size=9), rng.normal(size=9), space="log-odds"),
    "dependence_categories": lambda rng: dependence(
        list(rng.choice(NAMES, 60)), rng.normal(size=60), space="log-odds", categories=NAMES
    ),
    "effect_curve": _curve,
    "effect_dots": lambda rng: effect_dots(
        NAMES, _line(rng, K), n=[9] * K, scale="change", local=_line(rng, K)
    ),
    "group_reasons": _reasons,
    "fragility": _fragility,
    "flips_by_score": _by_score,
}
