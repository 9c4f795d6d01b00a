"""What the explanation page says in words."""

from __future__ import annotations

import numpy as np
import pandas as pd

from rai_dash.case import Judgement
from rai_dash.core.types import FAVOURABLE, UNKNOWN, Explanation
from rai_dash.explain.agreement import Agreement
from rai_dash.explain.reasons import MOST_FACTORS, members
from rai_dash.ui.applicants import MOST_LISTED, name_of
from rai_dash.ui.explanations import Explained
from rai_dash.ui.text import count, number, percent, plain, safe, score_beside

NEW_TO_THE_MODEL = (
    "This applicant has a value that the model has never seen (see the notices on Start). It treats such a value as "
    "missing or unknown, so score and explanation rest on less than they seem to. A person should look."
)

AMONG_STRONGEST = "is among the four strongest factors against this applicant"
NO_REASON = "A sensitive column cannot be a reason for a refusal."
RAW = (
    "Raw weights say what being in the applicant's own range or category does, against not being in it, in "
    "probability. They do not compare with SHAP; the centred ones do."
)

#: From this share of the largest columns on two explanations tell much the same.
MUCH = 0.8
#: Below this LIME's straight line explains less than half of what it sees.
POOR_FIT = 0.5


def decision_sentence(judgement: Judgement, row: int, threshold: float) -> str:
    """Say what the model decides about an applicant, and what the label says."""
    return decided(judgement, row, threshold, name=f"**{safe(name_of(judgement, row))}**", mark="**")


def decided(judgement: Judgement, row: int, threshold: float, *, name: str, mark: str = "") -> str:
    """Say the same with the name as it is given; ``mark`` stands around what is stressed."""
    score = float(judgement.score[row])
    if not np.isfinite(score):
        return f"{name} has no score, so the application goes to a person."
    verdict = "approved" if score >= threshold else "refused"
    text = (
        f"{name} scores {mark}{score_beside(score, threshold)}{mark} and is {mark}{verdict}{mark} at a threshold of "
        f"{percent(threshold)}."
    )
    outcome = int(judgement.data.dataset.outcome[row])
    if outcome == UNKNOWN:
        return f"{text} The outcome is not known."
    label = "favourable" if outcome == FAVOURABLE else "unfavourable"
    agrees = (outcome == FAVOURABLE) == (score >= threshold)
    return f"{text} The label is {label}: the decision {'agrees' if agrees else 'does not agree'} with it."


def shap_line(shap: Explanation) -> str:
    """Name the route, the reference rows and the additivity error."""
    rows = shap.background_rows
    against = "no reference rows" if rows is None else f"{count(rows)} reference rows"
    # Most routes name their rows already.
    told = "" if against in shap.method else f"; {against}"
    return (
        f"{safe(shap.method, limit=200)}, in {safe(shap.space)}{told}. Starts from {number(shap.base)}, ends at "
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
    out = poor_fit(found)
    return out + [
        f"**{safe(column)}** {AMONG_STRONGEST}{_in_block(factor, column)}. {NO_REASON}"
        for factor, column in sensitive_against(found)
    ]


def poor_fit(found: Explained) -> list[str]:
    """Say where LIME's line fits poorly."""
    if found.lime.r2 >= POOR_FIT:
        return []
    text = (
        f"LIME's straight line explains only {percent(found.lime.r2)} of what the model does around this "
        "applicant: do not rest a decision on it."
    )
    return [text]


def _in_block(factor: str, column: str) -> str:
    return "" if factor == column else f" (in the block {safe(factor, limit=200)})"


def sensitive_against(found: Explained) -> list[tuple[str, str]]:
    """Return the sensitive columns among the strongest factors against the applicant: (factor, column)."""
    values = found.shap.values
    against = [c for c in sorted(values, key=lambda c: values[c])[:MOST_FACTORS] if values[c] < 0]
    return [(factor, c) for factor in against for c in members(factor, found.own) if c in found.sensitive]


def agreement_sentence(same: Agreement, found: Explained) -> str:
    """Say how far SHAP and LIME agree, and what that means."""
    text = (
        f"Of the {count(same.k)} largest columns SHAP and LIME share **{percent(same.overlap)}**, "
        f"**{percent(same.sign)}** push the same way in both, and **{percent(same.rank)}** stand at the same place."
    )
    if same.spearman_abs is not None:
        text += f" Rank correlation of the sizes of all columns: {number(same.spearman_abs)}."
    if same.overlap >= MUCH and same.sign >= MUCH:
        text += " They tell much the same story."
    else:
        text += " They tell different stories: name a factor as a reason only where both agree on it."
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
