"""What the explanation page says in words."""

from __future__ import annotations

import numpy as np
import pandas as pd

from rai_dash.case import Judgement
from rai_dash.core.types import FAVOURABLE, UNKNOWN
from rai_dash.explain.agreement import Agreement
from rai_dash.ui.applicants import MOST_LISTED, name_of
from rai_dash.ui.explanations import Explained
from rai_dash.ui.text import count, number, percent, plain, safe

NEW_TO_THE_MODEL = (
    "This applicant has a value that the model has never seen (see the notices on Start). It treats such a value as "
    "missing or unknown, so score and explanation rest on less than they seem to. A person should look."
)

#: Below this LIME's straight line explains less than half of what it sees.
POOR_FIT = 0.5


def decision_sentence(judgement: Judgement, row: int, threshold: float) -> str:
    """Say what the model decides about an applicant, and what the label says."""
    name, score = safe(name_of(judgement, row)), float(judgement.score[row])
    if not np.isfinite(score):
        return f"**{name}** has no score, so the application goes to a person."
    verdict = "approved" if score >= threshold else "refused"
    text = (
        f"**{name}** scores **{percent(score)}** and is **{verdict}** at a threshold of {percent(threshold)}."
    )
    outcome = int(judgement.data.dataset.outcome[row])
    if outcome == UNKNOWN:
        return f"{text} The outcome is not known."
    label = "favourable" if outcome == FAVOURABLE else "unfavourable"
    agrees = (outcome == FAVOURABLE) == (score >= threshold)
    return f"{text} The label is {label}: the decision {'agrees' if agrees else 'does not agree'} with it."


def shap_line(found: Explained) -> str:
    """Name the route, the reference rows and the additivity error."""
    shap = found.shap
    return (
        f"{safe(shap.method, limit=200)}, in {safe(shap.space)}. Starts from {number(shap.base)}, ends at "
        f"{number(shap.output)}; additivity error {safe(f'{shap.additivity_error:.1e}')}."
    )


def lime_line(found: Explained) -> str:
    """Say how well LIME's line fits and how steady it is."""
    lime = found.lime
    return (
        f"Probability points, mean of {count(lime.seeds)} seeds with {count(lime.samples)} samples each. "
        f"R² {number(lime.r2)}; its line says {percent(lime.local_prediction)}, the model "
        f"{percent(lime.model_prediction)}; top five shared between seeds {percent(lime.jaccard)}."
    )


def cautions(found: Explained) -> list[str]:
    """List what a reader must know before trusting the charts."""
    out = []
    if found.lime.r2 < POOR_FIT:
        out.append(
            f"LIME's straight line explains only {percent(found.lime.r2)} of what the model does around this "
            "applicant: do not rest a decision on it."
        )
    adverse = [c for c in found.sensitive if found.shap.values.get(c, 0.0) < 0]
    ranked = sorted(found.shap.values, key=lambda c: found.shap.values[c])[:4]
    return out + [
        f"**{safe(column)}** is among the four strongest factors against this applicant. A sensitive column "
        "cannot be a reason for a refusal."
        for column in adverse
        if column in ranked
    ]


def agreement_sentence(same: Agreement, found: Explained) -> str:
    """Say how far SHAP and LIME agree."""
    text = (
        f"Of the {count(same.k)} largest columns SHAP and LIME share **{percent(same.overlap)}**, and "
        f"**{percent(same.sign)}** push the same way in both."
    )
    if found.shap.space != "probability":
        text += " SHAP is shown in log-odds and LIME in probability, so only order and sign compare."
    return text


def listed_note(n: int) -> str:
    """Say how many fit and how many are listed."""
    if n <= MOST_LISTED:
        return f"{count(n)} fit; select one to explain it."
    return f"{count(n)} fit, the first {count(MOST_LISTED)} are listed; select one to explain it."


def frame(found: Explained) -> pd.DataFrame:
    """Return one row a column with the applicant's value and both explanations."""
    return pd.DataFrame(
        [
            {
                "column": plain(name),
                "value": plain(found.own.get(name, "")),
                f"SHAP ({found.shap.space})": value,
                "LIME weight": found.lime.values.get(name),
                "LIME weight sd": found.lime.sd.get(name),
                "LIME centred": found.lime.centred.get(name),
                "LIME rule": plain(found.lime.rules.get(name, "")),
            }
            for name, value in found.shap.values.items()
        ]
    )
