"""Words of scores and decisions."""

from __future__ import annotations

from typing import Final

from rai_dash.core.glossary.term import Term
from rai_dash.core.texts import mark

#: How scores become decisions.
DECISIONS: Final = (
    Term(
        key="score",
        name=mark("score"),
        meaning=mark(
            "What the model says of an application: the probability of the favourable outcome, 0 to 100 %."
        ),
        more=mark("Higher is better for the applicant."),
        forms=mark("scores"),
        page="how_it_works.md",
    ),
    Term(
        key="favourable",
        name=mark("favourable outcome"),
        meaning=mark("The outcome that is good for the applicant: approved, or paid back."),
        more=mark("Which value of which column it is, was named on the Start page."),
        forms=mark("favourable"),
        page="how_it_works.md",
    ),
    Term(
        key="threshold",
        name=mark("threshold"),
        meaning=mark("The score from which on an application is approved: favourable when at or above it."),
        forms=mark("thresholds|cut-off"),
        page="performance.md",
    ),
    Term(
        key="review_band",
        name=mark("review band"),
        meaning=mark(
            "The scores between which a person decides: below it the machine declines, above it it approves."
        ),
        more=mark("An application without a score always goes to a person."),
        formula="low end ≤ score < high end",
        forms=mark("review bands|band"),
        page="band.md",
    ),
    Term(
        key="confusion_table",
        name=mark("confusion table"),
        meaning=mark(
            "How many were approved and refused rightly and wrongly: four counts from which all rates follow."
        ),
        more=mark(
            "TP: approved, and good. FP: approved, but bad. FN: refused, but good. TN: refused, and bad. Good means "
            "that the outcome is favourable."
        ),
        forms=mark("confusion matrix|TP|FP|FN|TN"),
        page="performance.md",
    ),
    Term(
        key="calibration",
        name=mark("calibration"),
        meaning=mark(
            "Whether scores come true: of those with a score of 70 %, 70 % should turn out favourable."
        ),
        forms=mark("calibrated|calibrate|recalibrated|recalibration"),
        page="performance.md",
    ),
    Term(
        key="log_loss",
        name=mark("log loss"),
        meaning=mark(
            "How surprised the scores are by what happened; confident mistakes count most. Lower is better."
        ),
        formula="mean of −log(score given to what happened)",
        page="performance.md",
    ),
    Term(
        key="roc",
        name=mark("ROC curve"),
        meaning=mark("At every threshold, good applicants approved (up) against bad ones approved (right)."),
        more=mark("The closer to the upper left corner, the better; the diagonal is guessing."),
        forms=mark("ROC curves|ROC"),
        page="performance.md",
    ),
    Term(
        key="precision_recall",
        name=mark("precision–recall curve"),
        meaning=mark(
            "At every threshold, how many of the approved are good against how many of the good are approved."
        ),
        forms=mark("precision–recall curves|precision–recall|precision-recall"),
        page="performance.md",
    ),
    Term(
        key="gains",
        name=mark("gains curve"),
        meaning=mark(
            "Take the best scores first: what share of all good applicants is among the first so many percent."
        ),
        more=mark("The Gini coefficient is twice the AUC less 1."),
        forms=mark("gains|gain curve|Gini coefficient|Gini|cumulative gains"),
        page="performance.md",
    ),
    Term(
        key="lift",
        name=mark("lift"),
        meaning=mark("How many times more often something happens here than among everybody."),
        formula="rate here / rate of everybody",
        page="slices.md",
    ),
    Term(
        key="baseline",
        name=mark("baseline"),
        meaning=mark(
            "What a rule without any model would reach, such as refusing everybody: the least to beat."
        ),
        forms=mark("baselines"),
        page="performance.md",
    ),
    Term(
        key="in_sample",
        name=mark("in-sample"),
        meaning=mark(
            "Figures on the rows that the model was trained on. They are too good: judge on other rows."
        ),
        forms=mark("in sample|trained on these rows"),
        page="performance.md",
    ),
    Term(
        key="held_out",
        name=mark("held-out rows"),
        meaning=mark(
            "Rows that were kept away from training, so that the model can be judged on them fairly."
        ),
        forms=mark("held out|held-out|test rows|hold-out"),
        page="performance.md",
    ),
    Term(
        key="cross_validation",
        name=mark("cross-validation"),
        meaning=mark("Training several times, each time judging on a part of the rows that was left out."),
        forms=mark("cross-validated|folds|fold"),
        page="training.md",
    ),
    Term(
        key="conformal",
        name=mark("guarantee"),
        meaning=mark(
            "A limit on the machine’s errors that holds for new applications, but for a stated small chance."
        ),
        more=mark(
            "It holds only while new applications come like the ones it was worked out on; drift ends it. "
            "Methods of this "
            "kind are called conformal."
        ),
        forms=mark("conformal|certified|certify|guaranteed|guarantees|promise"),
        page="band.md",
    ),
    Term(
        key="coverage",
        name=mark("coverage"),
        meaning=mark("Of the review band: the share that the machine decides alone, without a person."),
        more=mark("Of an interval: how often it holds the truth."),
        page="band.md",
    ),
    Term(
        key="kappa",
        name=mark("Cohen’s kappa"),
        meaning=mark(
            "Agreement beyond what the readers’ habits alone would give: 1 = always, 0 = no more than chance."
        ),
        formula="(agreement − agreement by habit) / (1 − agreement by habit)",
        forms=mark("kappa|Cohen's kappa"),
        page="review_queue.md",
    ),
)
