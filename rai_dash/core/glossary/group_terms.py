"""Words of groups of people."""

from __future__ import annotations

from typing import Final

from rai_dash.core.glossary.term import Term
from rai_dash.core.texts import mark

#: How groups of people differ.
GROUPS: Final = (
    Term(
        key="sensitive",
        name=mark("sensitive column"),
        meaning=mark(
            "A column by which people must not be treated worse, such as gender or age: groups are formed by it."
        ),
        forms=mark("sensitive columns|sensitive|protected attribute"),
        page="groups.md",
    ),
    Term(
        key="disparity",
        name=mark("disparity"),
        meaning=mark("A rate that differs between groups by more than chance explains. It does not say why."),
        forms=mark("disparities"),
        page="groups.md",
    ),
    Term(
        key="gap",
        name=mark("gap"),
        meaning=mark("The largest rate of a group less the smallest."),
        more=mark("Groups of fewer than 30 rows take no part."),
        formula="max − min",
        forms=mark("gaps"),
        page="groups.md",
    ),
    Term(
        key="ratio",
        name=mark("ratio"),
        meaning=mark("The smallest rate of a group divided by the largest: 1 is equal."),
        formula="min / max",
        forms=mark("ratios"),
        page="groups.md",
    ),
    Term(
        key="adverse_impact",
        name=mark("adverse impact ratio"),
        meaning=mark(
            "Smallest over largest share approved. 0.8 is a convention from US employment rules, not a law of credit."
        ),
        formula="min / max of the approval rates",
        forms=mark("four-fifths|four-fifths rule|adverse impact|impact ratio|impact ratios"),
        page="groups.md",
    ),
    Term(
        key="tolerance",
        name=mark("tolerance"),
        meaning=mark("The difference between groups that does not matter. Agree on it before you look."),
        page="groups.md",
    ),
    Term(
        key="equivalence",
        name=mark("equivalent within the tolerance"),
        meaning=mark(
            "There are enough rows to say that the groups differ by less than the tolerance: more than “nothing found”."
        ),
        forms=mark("equivalence test|equivalent|equivalence"),
        page="groups.md",
    ),
    Term(
        key="not_enough",
        name=mark("not enough data"),
        meaning=mark("These rows can show neither a difference nor that there is none."),
        page="groups.md",
    ),
    Term(
        key="small_group",
        name=mark("small group"),
        meaning=mark(
            "Too few rows to compare: shown grey with its interval, and left out of gaps and tests."
        ),
        forms=mark("small groups|small cell|small cells|too few rows"),
        page="groups.md",
    ),
    Term(
        key="intersection",
        name=mark("intersection"),
        meaning=mark("People who belong to two groups at once, such as women under 25."),
        forms=mark("intersections"),
        page="groups.md",
    ),
    Term(
        key="conditional",
        name=mark("like with like"),
        meaning=mark(
            "Groups compared only among people with the same value of another column, such as the same income."
        ),
        forms=mark("control column|conditional"),
        page="groups.md",
    ),
    Term(
        key="proxy",
        name=mark("proxy"),
        meaning=mark(
            "A column, or several together, from which a sensitive one can be guessed although the model "
            "never reads it."
        ),
        forms=mark("proxies"),
        page="groups.md",
    ),
    Term(
        key="selective_labels",
        name=mark("selective labels"),
        meaning=mark(
            "Only those who were approved could show whether they pay back; of the refused nobody knows."
        ),
        forms=mark("selective-label|selective label"),
        page="groups.md",
    ),
    Term(
        key="mitigation",
        name=mark("mitigation"),
        meaning=mark(
            "Training or deciding in another way so that a gap becomes smaller. Each way costs something elsewhere."
        ),
        forms=mark("mitigate|mitigations|mitigated"),
        page="groups.md",
    ),
    Term(
        key="reweighing",
        name=mark("reweighing"),
        meaning=mark("Training with weights that make outcome and group independent of one another."),
        page="groups.md",
    ),
    Term(
        key="group_thresholds",
        name=mark("thresholds by group"),
        meaning=mark(
            "A different cut for each group. Shown for study: deciding by a protected attribute may be unlawful."
        ),
        forms=mark("threshold by group|group thresholds"),
        page="groups.md",
    ),
)
