"""Words of data."""

from __future__ import annotations

from typing import Final

from rai_dash.core.glossary.term import Term
from rai_dash.core.texts import mark

#: What data are like.
DATA: Final = (
    Term(
        key="target",
        name=mark("target"),
        meaning=mark("The column that the model learned to predict: what happened, or what was decided."),
        forms=mark("label|labels|labelled"),
        page="data.md",
    ),
    Term(
        key="stand_in",
        name=mark("stand-in"),
        meaning=mark("A column that is used in place of the outcome one would like to know."),
        page="data.md",
    ),
    Term(
        key="feature",
        name=mark("feature"),
        meaning=mark("A column that the model reads."),
        forms=mark("features"),
        page="files.md",
    ),
    Term(
        key="imbalance",
        name=mark("imbalance"),
        meaning=mark(
            "One outcome or one group is much rarer than the other, so that a model can ignore it at little cost."
        ),
        forms=mark("imbalanced|class imbalance"),
        page="data.md",
    ),
    Term(
        key="leakage",
        name=mark("leakage"),
        meaning=mark(
            "A column knows the outcome because it was filled in afterwards. The model shines on paper and "
            "fails in use."
        ),
        forms=mark("leak|leaks|leaked"),
        page="data.md",
    ),
    Term(
        key="outlier",
        name=mark("outlier"),
        meaning=mark("A value far away from nearly all others of its column."),
        forms=mark("outliers"),
        page="data.md",
    ),
    Term(
        key="drift",
        name=mark("drift"),
        meaning=mark("Applications of today differ from those that the model was made and judged on."),
        forms=mark("drifts|drifted|shift|data shift"),
        page="monitor.md",
    ),
    Term(
        key="prior_shift",
        name=mark("prior shift"),
        meaning=mark(
            "The share of favourable outcomes has changed while applicants with an outcome look as before."
        ),
        forms=mark("prior|priors|prior-corrected|prior correction"),
        page="data.md",
    ),
    Term(
        key="psi",
        name=mark("PSI"),
        meaning=mark(
            "Population stability index: how differently a column is spread in two sets of rows; 0 is alike."
        ),
        more=mark("0.1 and 0.25 are customary limits of the trade, not laws: few rows reach them by chance."),
        formula="Σ (share now − share then) × ln(share now / share then)",
        forms=mark("population stability index"),
        page="data.md",
    ),
    Term(
        key="ks",
        name=mark("Kolmogorov–Smirnov distance"),
        meaning=mark(
            "The largest difference between two sets of rows in the share that lies below some value."
        ),
        forms=mark("KS|Kolmogorov–Smirnov|Kolmogorov-Smirnov"),
        page="data.md",
    ),
    Term(
        key="chi_squared",
        name=mark("chi-squared test"),
        meaning=mark("Asks whether counts in a table differ by more than chance."),
        forms=mark("chi-squared|chi-square|χ²"),
        page="data.md",
    ),
    Term(
        key="association",
        name=mark("association"),
        meaning=mark("Two columns go together: who knows one can guess the other better. It is no cause."),
        forms=mark("associations|associated"),
        page="data.md",
    ),
    Term(
        key="correlation",
        name=mark("correlation"),
        meaning=mark(
            "How closely two numbers rise and fall together, from −1 to 1; 0 is no straight-line relation."
        ),
        forms=mark("correlations|correlated|Pearson|Pearson's"),
        page="data.md",
    ),
    Term(
        key="spearman",
        name=mark("Spearman’s correlation"),
        meaning=mark("Correlation of the ranks: it sees any steady rise or fall, straight or not."),
        forms=mark("Spearman|rank correlation"),
        page="data.md",
    ),
    Term(
        key="cramers_v",
        name=mark("Cramér’s V"),
        meaning=mark(
            "How closely two columns of categories go together: 0 is not at all, 1 is one tells the other."
        ),
        forms=mark("Cramér's V|Cramér"),
        page="data.md",
    ),
    Term(
        key="correlation_ratio",
        name=mark("correlation ratio"),
        meaning=mark("How far a category tells a number: 0 is not at all, 1 is completely."),
        formula="√(variance between the categories / variance)",
        forms=mark("η"),
        page="data.md",
    ),
    Term(
        key="mutual_information",
        name=mark("mutual information"),
        meaning=mark(
            "How much knowing one column says about another, of any kind and shape; here from 0 to 1."
        ),
        page="data.md",
    ),
    Term(
        key="phik",
        name=mark("φK"),
        meaning=mark(
            "An association from 0 to 1 that reads the same for numbers and categories, and sees bends too."
        ),
        forms=mark("phi K|Phi K|PhiK|phik"),
        page="data.md",
    ),
    Term(
        key="up_sampling",
        name=mark("upsampling"),
        meaning=mark(
            "Repeating rows of a rare kind, so that training pays as much attention to them as to others."
        ),
        more=mark("Copies are not new people: nothing is learned that was not there."),
        forms=mark("upsample|upsampled|oversampling|SMOTE"),
        page="data.md",
    ),
    Term(
        key="down_sampling",
        name=mark("downsampling"),
        meaning=mark("Leaving out rows of a frequent kind, so that training does not see only them."),
        forms=mark("downsample|downsampled|undersampling"),
        page="data.md",
    ),
    Term(
        key="living_test_set",
        name=mark("living test set"),
        meaning=mark(
            "Test rows that grow by cases people have decided since; every model is judged on the same ones."
        ),
        page="models_compared.md",
    ),
    Term(
        key="slice",
        name=mark("slice"),
        meaning=mark(
            "People who can be described in one sentence, such as: under 25, and asking for more than 10,000."
        ),
        forms=mark("slices"),
        page="slices.md",
    ),
)
