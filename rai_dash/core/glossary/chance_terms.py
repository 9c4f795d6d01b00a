"""Words of chance: how sure a number is, and what stands behind a promise."""

from __future__ import annotations

from typing import Final

from rai_dash.core.glossary.term import Term
from rai_dash.core.texts import mark

#: How sure a number is.
CHANCE: Final = (
    Term(
        key="interval",
        name=mark("95 % interval"),
        meaning=mark(
            "Where the true figure probably lies: made this way, 95 of 100 intervals hold it. Few rows, wide interval."
        ),
        more=mark(
            "Rates have Wilson’s interval, differences of two rates Newcombe’s, ratios Katz’s, AUC DeLong’s."
        ),
        forms=mark("interval|intervals|confidence interval|95 % intervals|90 % interval"),
        page="groups.md",
    ),
    Term(
        key="wilson",
        name=mark("Wilson interval"),
        meaning=mark(
            "The interval of a share of rows. It stays within 0 and 100 % and works for small numbers."
        ),
        forms=mark("Wilson|Wilson's interval|Wilson’s interval"),
        page="groups.md",
    ),
    Term(
        key="bootstrap",
        name=mark("bootstrap"),
        meaning=mark(
            "Drawing the rows again and again by lot, to see how much a figure depends on who happened to be in them."
        ),
        forms=mark("bootstrapped|resample|resamples|resampling|resampled"),
        page="groups.md",
    ),
    Term(
        key="p_value",
        name=mark("p-value"),
        meaning=mark(
            "How often chance alone would show a difference at least this large. Small means: hardly chance."
        ),
        more=mark("It says nothing about how large or how important a difference is."),
        forms=mark("p-values|p value|p =|p <"),
        page="groups.md",
    ),
    Term(
        key="by_chance",
        name=mark("by chance"),
        meaning=mark(
            "What groups of these sizes would show if all were treated alike: differences up to it prove nothing."
        ),
        forms=mark("chance alone|expected by chance"),
        page="groups.md",
    ),
    Term(
        key="max_z",
        name=mark("max-z test"),
        meaning=mark(
            "Tests all groups at once by the one that lies furthest off, allowing for having looked at all of them."
        ),
        forms=mark("max-z"),
        page="groups.md",
    ),
    Term(
        key="holm",
        name=mark("Holm’s adjustment"),
        meaning=mark(
            "Makes p-values stricter because several things were tested: who looks often finds something by chance."
        ),
        forms=mark("Holm|Holm's adjustment|allowing for all groups"),
        page="groups.md",
    ),
    Term(
        key="false_discoveries",
        name=mark("Benjamini–Hochberg q-value"),
        meaning=mark(
            "The share of false alarms to expect among everything that is reported as found up to here."
        ),
        forms=mark("q-value|q-values|Benjamini–Hochberg|Benjamini-Hochberg"),
        page="groups.md",
    ),
    Term(
        key="power",
        name=mark("power"),
        meaning=mark("The chance that a test finds a difference that is really there."),
        more=mark("With power 80 % one in five real differences is missed."),
        page="groups.md",
    ),
    Term(
        key="weights",
        name=mark("weights"),
        meaning=mark(
            "How many applications a row stands for, where the rows are a sample with unequal chances."
        ),
        forms=mark("weight|weighted"),
        page="data.md",
    ),
    Term(
        key="kish",
        name=mark("Kish’s effective size"),
        meaning=mark("How many equally weighted rows would tell as much as these weighted ones."),
        formula="(Σ weights)² / Σ weights²",
        forms=mark("effective size|effective rows|Kish|Kish's effective size"),
        page="groups.md",
    ),
    Term(
        key="median",
        name=mark("median"),
        meaning=mark("The middle one: half lie below it, half above."),
        forms=mark("medians"),
        page="data.md",
    ),
    Term(
        key="quantile",
        name=mark("quantile"),
        meaning=mark(
            "The value below which a stated share lies: a tenth below the first decile, a quarter below the "
            "first quartile"
        ),
        forms=mark("quantiles|decile|deciles|quartile|quartiles|percentile|percentiles"),
        page="data.md",
    ),
    Term(
        key="deviation",
        name=mark("standard deviation"),
        meaning=mark("How far values typically lie from their mean."),
        forms=mark("standard deviations|standardised"),
        page="data.md",
    ),
    Term(
        key="odds",
        name=mark("odds"),
        meaning=mark("How much likelier than not: a probability of 80 % is odds of 4 to 1."),
        formula="p / (1 − p)",
        page="explanations.md",
    ),
    Term(
        key="seed",
        name=mark("seed"),
        meaning=mark(
            "The number from which everything drawn by lot follows: the same seed gives the same draw again."
        ),
        forms=mark("seeds"),
        page="data.md",
    ),
)

#: What stands behind a promise about errors, and behind exact tests.
EXACT: Final = (
    Term(
        key="fixed_sequence",
        name=mark("fixed sequence"),
        meaning=mark(
            "Bands listed before anybody looks, tested one after another, the safest first, until one fails."
        ),
        more=mark("What passes may be promised; a band that was picked because it looks well may not."),
        page="band.md",
    ),
    Term(
        key="sgr",
        name="SGR",
        meaning=mark(
            "Selection with guaranteed risk: a search for the band that decides most and keeps a promised error."
        ),
        page="band.md",
    ),
    Term(
        key="aurc",
        name="AURC",
        meaning=mark(
            "One number for errors as the machine decides more, surest cases first. Lower is better."
        ),
        more=mark("AURC counts errors among automatic decisions, AUGRC among all applications."),
        forms="AUGRC",
        page="band.md",
    ),
    Term(
        key="clopper_pearson",
        name=mark("Clopper and Pearson"),
        meaning=mark("Exact limits of a share: never too narrow, however few the rows."),
        forms=mark("Clopper–Pearson|Clopper-Pearson"),
        page="band.md",
    ),
    Term(
        key="fisher",
        name=mark("Fisher’s exact test"),
        meaning=mark("Asks whether two shares differ by more than chance; right for few rows as well."),
        forms=mark("Fisher|Fisher's exact test"),
        page="groups.md",
    ),
    Term(
        key="r_squared",
        name="R²",
        meaning=mark("How much of what differs a simple model explains: 1 is all of it, 0 is nothing."),
        page="explanations.md",
    ),
    Term(
        key="boosted_trees",
        name="XGBoost",
        meaning=mark(
            "A kind of model: many small decision trees, each of which mends errors of those before."
        ),
        forms=mark("LightGBM|boosted trees"),
        page="files.md",
    ),
)
