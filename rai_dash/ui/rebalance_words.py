"""What the comparison of strategies found, in words: no louder than its numbers."""

from __future__ import annotations

from typing import Final

from rai_dash.core.texts import mark, ntr, tr
from rai_dash.trials.rebalancing.figures import Line, Spread, is_shown_to_rank_better, spread
from rai_dash.trials.rebalancing.results import Compared, Variant
from rai_dash.ui.text import NOTHING, count, number, percent, points, safe, sentence

#: Scores that promise this many times what happens, or this part of it, are worth a warning.
TOO_MUCH: Final = 1.5
#: Fewer test rows of the rarer outcome than this, and most differences are luck.
_FEW: Final = 50
_MOST_TOLD: Final = 6
HOW_TO_READ: Final = mark(
    "“Scores overstate ×” is the mean score divided by the share of favourable outcomes: 1 is honest. At "
    "the same share means: every strategy approves as many as your recipe does at the threshold (to a "
    "tenth of a point), so that only the order of the applicants counts."
)
HOW_TO_READ_CHART: Final = mark(
    "Hollow is the model trained on the fold as it is, filled the strategy with its 95 % interval. A "
    "dash is undefined. At the same threshold most of a change is another share approved: switch to the "
    "same share before you credit the strategy."
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
    before = tr("as it is × {was}", was=number(was))
    if overstates(lines):
        corrected = _line(lines, "joint").corrected.get("overstated")
        undone = "" if corrected is None else tr(", prior-corrected × {mean}", mean=number(corrected.mean))
        return tr(
            "**Resampled scores overstate × {now}**: they promise {now} times as many favourable "
            "outcomes as there are ({before}{undone}).",
            now=number(now),
            before=before,
            undone=undone,
        )
    return tr(
        "The scores of your recipe promise {now} times what happens ({before}).",
        now=number(now),
        before=before,
    )


def _ranking(compared: Compared, lines: tuple[Line, ...]) -> str:
    base = _line(lines, "none").scores["auc"].mean
    if base is None:
        return tr("How well the strategies rank people is undefined on these rows.")
    better = [one for one in lines if is_shown_to_rank_better(compared, one.variant)]
    if not better:
        return tr(
            "**In ranking people, nothing is shown to beat choosing the threshold**: no strategy lies "
            "above the AUC of the model as it is ({base}) by more than chance under every seed.",
            base=number(base, digits=3),
        )
    told = [
        tr(
            "{strategy} (AUC {mean})",
            strategy=safe(tr(b.variant.strategy.title)),
            mean=number(b.scores["auc"].mean, digits=3),
        )
        for b in better
    ]
    return tr(
        "Ranked better than the model as it is (AUC {base}): **{told}**.",
        base=number(base, digits=3),
        told=", ".join(told),
    )


def _recall(lines: tuple[Line, ...]) -> str:
    none, joint = _line(lines, "none"), _line(lines, "joint")
    if none.matched["recall"].mean is None or joint.matched["recall"].mean is None:
        return ""
    return tr(
        "At the threshold, recall goes from {mean} to {recall_mean}; where both approve the same share "
        "({selection_rate_mean}), it is {mean_2} as it is and {mean_3} with your recipe.",
        mean=percent(none.decisions["recall"].mean),
        recall_mean=percent(joint.decisions["recall"].mean),
        selection_rate_mean=percent(joint.decisions["selection_rate"].mean),
        mean_2=percent(none.matched["recall"].mean),
        mean_3=percent(joint.matched["recall"].mean),
    )


def _gap(lines: tuple[Line, ...]) -> str:
    """Compare the gaps in recall where both approve the same share; silent where one of them is undefined."""
    none, joint = _line(lines, "none").matched_gaps, _line(lines, "joint").matched_gaps
    was, now = (None if not found else found["recall"].mean for found in (none, joint))
    if was is None or now is None:
        return ""
    return tr(
        "The gap in recall between groups is then {was} as it is and {now} with your recipe; whether "
        "that is more than chance, see the intervals under Gaps between groups.",
        was=points(was),
        now=points(now),
    )


def remarks(compared: Compared, lines: tuple[Line, ...]) -> list[str]:
    """Say what was trained on which rows, what varies with the seed, and what limits the figures."""
    joint = compared.variant("joint")
    each = (
        tr("the split and the copies")
        if compared.fold_is_drawn
        else tr("the copies alone; the rows stay the same")
    )
    found = [
        (
            tr(
                "Trained: {kind}, on {train_rows} rows ({fold}); judged on {test_rows} untouched rows. "
                "{trained}",
                kind=safe(compared.kind, limit=200),
                train_rows=count(compared.train_rows),
                fold=safe(compared.fold, limit=300),
                test_rows=count(compared.test_rows),
                trained=safe(joint.trained, limit=400),
            )
        ),
        ntr(
            "{seeds} seed: another one redraws {each}.",
            "{seeds} seeds: each redraws {each}.",
            len(compared.seeds),
            seeds=count(len(compared.seeds)),
            each=each,
        ),
    ]
    found += [sentence(text) for text in compared.cautions]
    if compared.is_stand_in:
        found.append(
            tr(
                "This case has no model that can be trained again, so a stand-in was used: it is not your "
                "model."
            )
        )
    if compared.twins:
        found.append(
            tr(
                "{twins} test rows share all features with a training row: if they are copies of people and "
                "not people who look alike, the figures are too good.",
                twins=count(compared.twins),
            )
        )
    rare = _rarer(lines)
    if rare < _FEW:
        found.append(
            tr(
                "Only {rare} test rows have the rarer outcome: most differences between strategies are luck.",
                rare=count(rare),
            )
        )
    found += [
        tr(
            "{strategy} could not be tried: {failed}",
            strategy=safe(tr(v.strategy.title)),
            failed=safe(v.failed, limit=400),
        )
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
    told = [tr("accuracy {spread}", spread=spread_text(overall, as_percent=True, digits=1))]
    tables = [run.by_group for run in runs if run.by_group is not None]
    for place, group in enumerate(tables[0].groups[:_MOST_TOLD] if tables else ()):
        recall = spread([table.estimate("recall", place).value for table in tables])
        told.append(
            tr(
                "recall of {group} {spread}",
                group=safe(group),
                spread=spread_text(recall, as_percent=True, digits=1),
            )
        )
    return tr("Over the seeds: {told}.", told=", ".join(told))


def spread_text(found: Spread | None, *, as_percent: bool, digits: int | None = None) -> str:
    """Write a mean with its range over the seeds: ``84 % (82 % to 85 %)``; a dash where it is undefined."""
    if found is None or found.mean is None:
        return NOTHING
    values = (found.mean, found.low, found.high)
    words = [percent(x, digits=digits) if as_percent else number(x, digits=3) for x in values]
    return (
        words[0]
        if words[1] == words[2]
        else tr("{words} ({words_2} to {words_3})", words=words[0], words_2=words[1], words_3=words[2])
    )


def behind(variant: Variant) -> str:
    """Say which model stands behind a strategy that trains none."""
    if variant.strategy.key == "threshold":
        return tr("This strategy trains nothing: what is kept is the model trained on the fold as it is.")
    return tr(
        "This strategy trains nothing: what is kept is the model of your recipe, whose recipe states the "
        "correction."
    )
