"""Words that a credit officer need not know, written down by hand, and where the glossary explains each."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

#: What is read, and the key of the glossary. Case counts where a word is written in capitals.
JARGON: Final = {
    r"recalls?": "recall",
    r"precision": "precision",
    r"false positives?( rates?)?": "fpr",
    r"false negative rates?": "fnr",
    r"false omission rates?": "for_rate",
    r"negative predictive value": "npv",
    r"balanced accuracy": "balanced_accuracy",
    r"accuracy": "accuracy",
    r"F1": "f1",
    r"AUC": "auc",
    r"ROC": "roc",
    r"Brier( score)?": "brier",
    r"log loss": "log_loss",
    r"calibration slope": "calibration_slope",
    r"calibrat(ed|ion)": "calibration",
    r"base rates?": "base_rate",
    r"lift": "lift",
    r"Gini": "gains",
    r"confidence intervals?": "interval",
    r"95 % intervals?": "interval",
    r"Wilson": "wilson",
    r"bootstrap": "bootstrap",
    r"p-values?": "p_value",
    r"max-z": "max_z",
    r"Holm": "holm",
    r"Benjamini": "false_discoveries",
    r"Kish": "kish",
    r"kappa": "kappa",
    r"(standard deviation|standardised)": "deviation",
    r"medians?": "median",
    r"(quantiles?|deciles?|quartiles?|percentiles?)": "quantile",
    r"seeds?": "seed",
    r"(adverse impact|four-fifths)": "adverse_impact",
    r"equali[sz]ed odds": "equalized_odds",
    r"equal opportunity": "equal_opportunity",
    r"(demographic parity|parity difference)": "demographic_parity",
    r"differential fairness": "differential_fairness",
    r"intersections?": "intersection",
    r"(proxy|proxies)": "proxy",
    r"reweighing": "reweighing",
    r"tolerance": "tolerance",
    r"equivalent": "equivalence",
    r"outliers?": "outlier",
    r"leak(s|age)?": "leakage",
    r"drift": "drift",
    r"(prior shift|prior-corrected)": "prior_shift",
    r"PSI|population stability index": "psi",
    r"KS|Kolmogorov": "ks",
    r"chi-squared": "chi_squared",
    r"Pearson": "correlation",
    r"Spearman": "spearman",
    r"Cramér": "cramers_v",
    r"correlation ratio": "correlation_ratio",
    r"mutual information": "mutual_information",
    r"φK": "phik",
    r"(SMOTE|upsampling)": "up_sampling",
    r"downsampling": "down_sampling",
    r"living test set": "living_test_set",
    r"held out": "held_out",
    r"stand-in": "stand_in",
    r"favourable": "favourable",
    r"thresholds?": "threshold",
    r"slices?": "slice",
    r"SHAP": "shap",
    r"LIME": "lime",
    r"log-odds": "log_odds",
    r"additivity": "additivity_error",
    r"interventional": "interventional",
    r"permut(ed|ation)": "permutation",
    r"partial dependence": "partial_dependence",
    r"ICE": "ice",
    r"accumulated local effects": "ale",
    r"interactions?": "interaction",
    r"counterfactuals?": "counterfactual",
    r"ledger": "ledger",
    r"(fingerprints?|sha256|SHA-256|hash)": "fingerprint",
    r"shadow": "shadow",
    r"suspended": "suspended",
    r"review band": "review_band",
    r"fixed sequence": "fixed_sequence",
    r"SGR": "sgr",
    r"AU(G)?RC": "aurc",
    r"Clopper": "clopper_pearson",
    r"Fisher": "fisher",
    r"R²": "r_squared",
    r"XGBoost|LightGBM": "boosted_trees",
    r"certif(y|ied)": "conformal",
    r"decided? blind": "blind",
}
_CAPITALS: Final = re.compile(r"\(?[A-Z][A-Z0-9]+\b")
#: Names of pages and sections in the navigation and in references to them are no words of the text.
_JOINER: Final = "\N{WORD JOINER}"


def unexplained(text: str, explained: Collection[str]) -> dict[str, str]:
    """Return the words that a text says and a page does not explain, with the keys that would."""
    read = text.replace(_JOINER, "").replace("\\", "")
    found = {}
    for pattern, key in JARGON.items():
        flags = 0 if _CAPITALS.match(pattern) else re.IGNORECASE
        match = re.search(rf"(?<![\w-])(?:{pattern})(?![\w-])", read, flags)
        if match and key not in explained:
            found[match.group()] = key
    return found
