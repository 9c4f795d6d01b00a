"""What the comparison of strategies found, in words: no louder than its numbers."""

from __future__ import annotations

from typing import Final

from rai_dash.trials.rebalancing.figures import Line, Spread, is_shown_to_rank_better, spread
from rai_dash.trials.rebalancing.results import Compared, Variant
from rai_dash.ui.text import NOTHING, count, number, percent, points, safe, sentence

#: Scores that promise this many times what happens, or this part of it, are worth a warning.
TOO_MUCH: Final = 1.5
#: Fewer test rows of the rarer outcome than this, and most differences are luck.
_FEW: Final = 50
_MOST_TOLD: Final = 6
HOW_TO_READ: Final = (
    "“Scores overstate ×” is the mean score divided by the share of favourable outcomes: 1 is honest. At the same "
    "share means: every strategy approves as many as your recipe does at the threshold (to a tenth of a point), so "
    "that only the order of the applicants counts."
)
HOW_TO_READ_CHART: Final = (
    "Hollow is the model trained on the fold as it is, filled the strategy with its 95 % interval. A dash is "
    "undefined. At the same threshold most of a change is another share approved: switch to the same share before "
    "you credit the strategy."
)


def _line(lines: tuple[Line, ...], key: str) -> Line:
    return next(one for one in lines if one.variant.strategy.key == key)


def overstates(lines: tuple[Line, ...]) -> bool:
    """Whether the scores of the recipe promise far more than happens, and more than the model as it is does."""
    now, was = (_line(lines, key).scores["overstated"].mean for key in ("joint", "none"))
    return now is not None and now >= TOO_MUCH and (was is None or now > was)


def banner(compared: Compared, lines: tuple[Line, ...]) -> str:
    """Say what the recipe does to the scores, and whether any strategy beats choosing the threshold."""
    return " ".join(part for part in _parts(compared, lines) if part)


def _parts(compared: Compared, lines: tuple[Line, ...]) -> tuple[str, ...]:
    return _promise(lines), _ranking(compared, lines), _recall(lines), _gap(lines)


def _promise(lines: tuple[Line, ...]) -> str:
    now, was = (_line(lines, key).scores["overstated"].mean for key in ("joint", "none"))
    if now is None:
        return ""
    before = f"as it is × {number(was)}"
    if overstates(lines):
        corrected = _line(lines, "joint").corrected.get("overstated")
        undone = "" if corrected is None else f", prior-corrected × {number(corrected.mean)}"
        return (
            f"**Resampled scores overstate × {number(now)}**: they promise {number(now)} times as many favourable "
            f"outcomes as there are ({before}{undone})."
        )
    return f"The scores of your recipe promise {number(now)} times what happens ({before})."


def _ranking(compared: Compared, lines: tuple[Line, ...]) -> str:
    base = _line(lines, "none").scores["auc"].mean
    if base is None:
        return "How well the strategies rank people is undefined on these rows."
    better = [one for one in lines if is_shown_to_rank_better(compared, one.variant)]
    if not better:
        return (
            "**In ranking people, nothing is shown to beat choosing the threshold**: no strategy lies above the AUC "
            f"of the model as it is ({number(base, digits=3)}) by more than chance under every seed."
        )
    told = [
        f"{safe(b.variant.strategy.title)} (AUC {number(b.scores['auc'].mean, digits=3)})" for b in better
    ]
    return f"Ranked better than the model as it is (AUC {number(base, digits=3)}): **{', '.join(told)}**."


def _recall(lines: tuple[Line, ...]) -> str:
    none, joint = _line(lines, "none"), _line(lines, "joint")
    if none.matched["recall"].mean is None or joint.matched["recall"].mean is None:
        return ""
    return (
        f"At the threshold, recall goes from {percent(none.decisions['recall'].mean)} to "
        f"{percent(joint.decisions['recall'].mean)}; where both approve the same share "
        f"({percent(joint.decisions['selection_rate'].mean)}), it is {percent(none.matched['recall'].mean)} as it is "
        f"and {percent(joint.matched['recall'].mean)} with your recipe."
    )


def _gap(lines: tuple[Line, ...]) -> str:
    """Compare the gaps in recall where both approve the same share; silent where one of them is undefined."""
    none, joint = _line(lines, "none").matched_gaps, _line(lines, "joint").matched_gaps
    was, now = (None if not found else found["recall"].mean for found in (none, joint))
    if was is None or now is None:
        return ""
    return (
        f"The gap in recall between groups is then {points(was)} as it is and {points(now)} with your recipe; "
        "whether that is more than chance, see the intervals under Gaps between groups."
    )


def remarks(compared: Compared, lines: tuple[Line, ...]) -> list[str]:
    """Say what was trained on which rows, what varies with the seed, and what limits the figures."""
    joint = compared.variant("joint")
    each = (
        "the split and the copies" if compared.fold_is_drawn else "the copies alone; the rows stay the same"
    )
    found = [
        (
            f"Trained: {safe(compared.kind, limit=200)}, on {count(compared.train_rows)} rows "
            f"({safe(compared.fold, limit=300)}); judged on {count(compared.test_rows)} untouched rows. "
            f"{safe(joint.trained, limit=400)}"
        ),
        f"{count(len(compared.seeds))} {'seed' if len(compared.seeds) == 1 else 'seeds'}: each redraws {each}.",
    ]
    found += [sentence(text) for text in compared.cautions]
    if compared.is_stand_in:
        found.append(
            "This case has no model that can be trained again, so a stand-in was used: it is not your model."
        )
    if compared.twins:
        found.append(
            f"{count(compared.twins)} test rows share all features with a training row: if they are copies of people "
            "and not people who look alike, the figures are too good."
        )
    rare = _rarer(lines)
    if rare < _FEW:
        found.append(
            f"Only {count(rare)} test rows have the rarer outcome: most differences between strategies are luck."
        )
    found += [
        f"{safe(v.strategy.title)} could not be tried: {safe(v.failed, limit=400)}"
        for v in compared.variants
        if v.failed is not None
    ]
    return found


def _rarer(lines: tuple[Line, ...]) -> float:
    """Count the test rows of the rarer outcome (the sum of weights where there are weights)."""
    table = _line(lines, "none").runs[0].everyone
    sides = [table.estimate(name, 0).denominator for name in ("recall", "fpr")]
    return min(0.0 if s is None else s for s in sides)


def over_the_seeds(shown: Line, *, matched: bool) -> str:
    """Say accuracy and the recall of each group with their ranges over the seeds."""
    runs = shown.matched_runs if matched else shown.runs
    overall = (shown.matched if matched else shown.decisions)["accuracy"]
    told = [f"accuracy {spread_text(overall, as_percent=True, digits=1)}"]
    tables = [run.by_group for run in runs if run.by_group is not None]
    for place, group in enumerate(tables[0].groups[:_MOST_TOLD] if tables else ()):
        recall = spread([table.estimate("recall", place).value for table in tables])
        told.append(f"recall of {safe(group)} {spread_text(recall, as_percent=True, digits=1)}")
    return f"Over the seeds: {', '.join(told)}."


def spread_text(found: Spread | None, *, as_percent: bool, digits: int | None = None) -> str:
    """Write a mean with its range over the seeds: ``84 % (82 % to 85 %)``; a dash where it is undefined."""
    if found is None or found.mean is None:
        return NOTHING
    values = (found.mean, found.low, found.high)
    words = [percent(x, digits=digits) if as_percent else number(x, digits=3) for x in values]
    return words[0] if words[1] == words[2] else f"{words[0]} ({words[1]} to {words[2]})"


def behind(variant: Variant) -> str:
    """Say which model stands behind a strategy that trains none."""
    if variant.strategy.key == "threshold":
        return "This strategy trains nothing: what is kept is the model trained on the fold as it is."
    return "This strategy trains nothing: what is kept is the model of your recipe, whose recipe states the correction."
