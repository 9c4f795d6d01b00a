"""What the glossary says of metrics beside the line that the registry has: formulas, and other names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from rai_dash.core.texts import mark


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What is worth knowing of a metric; see `rai_dash.core.glossary.Term`."""

    more: str = ""
    formula: str = ""
    forms: str = ""
    page: str = "performance.md"


#: By the name of the metric. TP, FP, FN and TN count applicants as in the table of right and wrong decisions.
NOTES: Final[Mapping[str, Note]] = {
    "selection_rate": Note(
        more=mark("Papers call it selection rate."),
        formula="(TP + FP) / all with a score",
        forms=mark("selection rate"),
    ),
    "accuracy": Note(
        more=mark(
            "Where one outcome is rare, deciding everybody alike is highly accurate and worth nothing."
        ),
        formula="(TP + TN) / (TP + FP + FN + TN)",
        forms=mark("accurate"),
    ),
    "recall": Note(
        more=mark("Also called sensitivity or true positive rate: 100 % means that nobody good was refused."),
        formula="TP / (TP + FN)",
        forms=mark("recalls|sensitivity|true positive rate|TPR"),
    ),
    "precision": Note(
        more=mark(
            "It depends on how many good applicants there are, so it does not carry over to other data."
        ),
        formula="TP / (TP + FP)",
        forms=mark("positive predictive value|PPV"),
    ),
    "fpr": Note(
        more=mark("Wrong approvals, of all who should have been refused."),
        formula="FP / (FP + TN)",
        forms=mark("false positive rates|false positives|false positive|FPR"),
    ),
    "fnr": Note(
        more=mark("Wrong refusals, of all who should have been approved: 100 % less recall."),
        formula="FN / (TP + FN)",
        forms=mark("false negative rates|false negatives|false negative|FNR"),
    ),
    "tnr": Note(formula="TN / (FP + TN)", forms=mark("specificity|TNR")),
    "fdr": Note(formula="FP / (TP + FP)", forms=mark("FDR")),
    "for_rate": Note(formula="FN / (FN + TN)"),
    "npv": Note(formula="TN / (FN + TN)", forms=mark("NPV")),
    "balanced_accuracy": Note(
        more=mark("Deciding everybody alike gives 50 %, however rare an outcome is."),
        formula="(TP / (TP + FN) + TN / (FP + TN)) / 2",
    ),
    "f1": Note(formula="2 TP / (2 TP + FP + FN)", forms=mark("F1 score")),
    "base_rate": Note(
        more=mark("A model that knows nothing can do no better than guess it."),
        formula="favourable outcomes / known outcomes",
        forms=mark("base rates|prevalence"),
    ),
    "auc": Note(
        more=mark(
            "It says how well scores rank, not whether they are the right size, and needs no threshold."
        ),
        formula="P(score of a favourable > score of an unfavourable) + half of the ties",
        forms=mark("area under the curve"),
    ),
    "brier": Note(formula="mean of (score − outcome)²", forms=mark("Brier")),
    "mean_score": Note(formula="sum of scores / applicants with a score", forms=mark("mean scores")),
    "calibration_slope": Note(formula="b in logit P(favourable) = a + b × logit(score)"),
    "calibration_intercept": Note(formula="a in logit P(favourable) = a + logit(score)"),
    "expected_cost": Note(
        formula="(cost of FN × FN + cost of FP × FP + cost of a look × those without a score) / known outcomes",
        forms=mark("expected cost"),
        page="band.md",
    ),
}
