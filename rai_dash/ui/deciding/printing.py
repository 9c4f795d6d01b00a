"""The explanation as one page to print."""

from __future__ import annotations

from rai_dash.charts.contributions import contribution_order
from rai_dash.core.texts import tr
from rai_dash.core.words import count, number, percent, written
from rai_dash.data.labels import label_text
from rai_dash.explain._base import PROBABILITY
from rai_dash.explain.question import Question
from rai_dash.report.explanation_page import Contributions, explanation_page
from rai_dash.ui import explain_words
from rai_dash.ui.applicants import name_of
from rai_dash.ui.explanations import Applicant, Explained
from rai_dash.ui.offering import file_button
from rai_dash.ui.text import plain

#: Nobody reads more columns on paper.
MOST_COLUMNS = 40


def print_button(applicant: Applicant, found: Explained, question: Question) -> None:
    """Offer the page; it is written when it is asked for."""
    file_button(
        tr("One page to print"),
        f"explanation_{name_of(applicant.judgement, applicant.row)}.html",
        "text/html",
        lambda: printed(applicant, found, question),
        key="print_explanation",
        icon=":material/print:",
        meaning=tr("Decision, both explanations, method and fingerprints in one file that loads nothing."),
    )


def printed(applicant: Applicant, found: Explained, question: Question) -> str:
    """Write the page."""
    judgement = applicant.judgement
    name = plain(name_of(judgement, applicant.row))
    shap, lime = found.shap, found.lime
    warned = [
        f"{plain(column)} {tr(explain_words.AMONG_STRONGEST)}. {tr(explain_words.NO_REASON)}"
        for _, column in explain_words.sensitive_against(found)
    ]
    order = contribution_order(shap.values, lime.centred, k=MOST_COLUMNS)
    shown = {column: plain(column, limit=200) for column in order}
    return explanation_page(
        title=tr("Why this decision? {name}", name=name),
        decision=explain_words.decided(judgement, applicant.row, applicant.view.choices.threshold, name=name),
        cautions=[*warned, *explain_words.poor_fit(found)],
        lists=[
            Contributions(
                title=tr("SHAP"),
                under=tr("{method}, in {space}", method=plain(shap.method, limit=200), space=shap.space),
                values={shown[c]: shap.values[c] for c in order},
                is_share=shap.space == PROBABILITY,
            ),
            Contributions(
                title=tr("LIME"),
                under=tr("Centred weights, mean over seeds, in probability points"),
                values={shown[c]: lime.centred[c] for c in order},
                is_share=True,
            ),
        ],
        order=tuple(shown.values()),
        own={shown[c]: plain(label_text(found.own[c]) or tr("blank")) for c in order if c in found.own},
        facts=_facts(applicant, found, question),
    )


def _facts(applicant: Applicant, found: Explained, question: Question) -> dict[str, str]:
    judgement, shap, lime = applicant.judgement, found.shap, found.lime
    dataset = judgement.data.dataset
    return {
        "Data": plain(judgement.data.title),
        "Model": plain(judgement.model.title) if judgement.model else "",
        "Threshold": percent(applicant.view.choices.threshold),
        "A column that is not known": question.perturbation,
        "SHAP starts from, ends at": f"{number(shap.base)}, {number(shap.output)}",
        "Reference rows used by SHAP": "none"
        if shap.background_rows is None
        else count(shap.background_rows),
        "Additivity error of SHAP": written(f"{shap.additivity_error:.1e}"),
        "Reference rows of the case": count(len(applicant.reference)),
        "R² of LIME's line": tr(
            "{r2} (lowest seed {r2_low})", r2=number(lime.r2), r2_low=number(lime.r2_low)
        ),
        "LIME": tr(
            "{seeds} seeds, {samples} samples each", seeds=count(lime.seeds), samples=count(lime.samples)
        ),
        "Fingerprint of the data (sha256)": dataset.fingerprint,
        "Fingerprint of the roles (sha256)": dataset.roles_fingerprint,
        "Fingerprint of the model (sha256)": applicant.model.info.fingerprint,
    }
