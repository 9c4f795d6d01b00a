"""What the explanation page says in words."""

from __future__ import annotations

import numpy as np
import pandas as pd

from rai_dash.case import Judgement
from rai_dash.core.texts import mark, tr
from rai_dash.core.types import FAVOURABLE, UNKNOWN, Explanation
from rai_dash.explain.agreement import Agreement
from rai_dash.explain.reasons import MOST_FACTORS, members
from rai_dash.ui.applicants import MOST_LISTED, name_of
from rai_dash.ui.explanations import Explained
from rai_dash.ui.text import count, number, percent, plain, safe, score_beside

NEW_TO_THE_MODEL = mark(
    "This applicant has a value that the model has never seen (see the notices on Start). It treats such "
    "a value as missing or unknown, so score and explanation rest on less than they seem to. A person "
    "should look."
)

AMONG_STRONGEST = mark("is among the four strongest factors against this applicant")
NO_REASON = mark("A sensitive column cannot be a reason for a refusal.")
RAW = mark(
    "Raw weights say what being in the applicant's own range or category does, against not being in it, "
    "in probability. They do not compare with SHAP; the centred ones do."
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
        return tr("{name} has no score, so the application goes to a person.", name=name)
    verdict = "approved" if score >= threshold else "refused"
    text = tr(
        "{name} scores {mark}{score_beside}{mark} and is {mark}{verdict}{mark} at a threshold of "
        "{threshold}.",
        name=name,
        mark=mark,
        score_beside=score_beside(score, threshold),
        verdict=verdict,
        threshold=percent(threshold),
    )
    outcome = int(judgement.data.dataset.outcome[row])
    if outcome == UNKNOWN:
        return tr("{text} The outcome is not known.", text=text)
    label = "favourable" if outcome == FAVOURABLE else "unfavourable"
    agrees = (outcome == FAVOURABLE) == (score >= threshold)
    return tr(
        "{text} The label is {label}: the decision {which} with it.",
        text=text,
        label=label,
        which=tr("agrees") if agrees else tr("does not agree"),
    )


def shap_line(shap: Explanation) -> str:
    """Name the route, the reference rows and the additivity error."""
    rows = shap.background_rows
    against = tr("no reference rows") if rows is None else tr("{rows} reference rows", rows=count(rows))
    # Most routes name their rows already.
    told = "" if against in shap.method else f"; {against}"
    return tr(
        "{method}, in {space}{told}. Starts from {base}, ends at {output}; additivity error "
        "{additivity_error}.",
        method=safe(shap.method, limit=200),
        space=safe(shap.space),
        told=told,
        base=number(shap.base),
        output=number(shap.output),
        additivity_error=safe(f"{shap.additivity_error:.1e}"),
    )


def lime_line(found: Explained) -> str:
    """Say how well LIME's line fits and how steady it is."""
    lime = found.lime
    return tr(
        "Probability points, mean of {seeds} seeds with {samples} samples each. R² {r2}; its line says "
        "{local_prediction}, the model {model_prediction}; top five shared between seeds {jaccard}.",
        seeds=count(lime.seeds),
        samples=count(lime.samples),
        r2=number(lime.r2),
        local_prediction=percent(lime.local_prediction),
        model_prediction=percent(lime.model_prediction),
        jaccard=percent(lime.jaccard),
    )


def cautions(found: Explained) -> list[str]:
    """List what a reader must know before trusting the charts."""
    out = poor_fit(found)
    return out + [
        f"**{safe(column)}** {tr(AMONG_STRONGEST)}{_in_block(factor, column)}. {tr(NO_REASON)}"
        for factor, column in sensitive_against(found)
    ]


def poor_fit(found: Explained) -> list[str]:
    """Say where LIME's line fits poorly."""
    if found.lime.r2 >= POOR_FIT:
        return []
    text = tr(
        "LIME's straight line explains only {r2} of what the model does around this applicant: do not "
        "rest a decision on it.",
        r2=percent(found.lime.r2),
    )
    return [text]


def _in_block(factor: str, column: str) -> str:
    return "" if factor == column else tr(" (in the block {factor})", factor=safe(factor, limit=200))


def sensitive_against(found: Explained) -> list[tuple[str, str]]:
    """Return the sensitive columns among the strongest factors against the applicant: (factor, column)."""
    values = found.shap.values
    against = [c for c in sorted(values, key=lambda c: values[c])[:MOST_FACTORS] if values[c] < 0]
    return [(factor, c) for factor in against for c in members(factor, found.own) if c in found.sensitive]


def agreement_sentence(same: Agreement, found: Explained) -> str:
    """Say how far SHAP and LIME agree, and what that means."""
    text = tr(
        "Of the {k} largest columns of SHAP, LIME names **{overlap}** among its own; **{sign}** push the same way in "
        "both, and **{rank}** stand at the same place.",
        k=count(same.k),
        overlap=count(same.overlap * same.k),
        sign=count(same.sign * same.k),
        rank=count(same.rank * same.k),
    )
    if same.spearman_abs is not None:
        text += tr(
            " Rank correlation of the sizes of all columns: {spearman_abs}.",
            spearman_abs=number(same.spearman_abs),
        )
    if same.overlap >= MUCH and same.sign >= MUCH:
        text += tr(" They tell much the same story.")
    else:
        text += tr(" They tell different stories: name a factor as a reason only where both agree on it.")
    if found.shap.space != "probability":
        text += tr(" SHAP is shown in log-odds and LIME in probability, so only order and sign compare.")
    return text


def listed_note(n: int) -> str:
    """Say how many fit and how many are listed."""
    if n <= MOST_LISTED:
        return tr("{n} fit; select one to explain it.", n=count(n))
    return tr(
        "{n} fit, the first {most_listed} are listed; select one to explain it.",
        n=count(n),
        most_listed=count(MOST_LISTED),
    )


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
