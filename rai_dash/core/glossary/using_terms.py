"""Words of explanations, and of models that are in use."""

from __future__ import annotations

from typing import Final

from rai_dash.core.glossary.term import Term
from rai_dash.core.texts import mark

#: Why a model decides as it does.
EXPLANATIONS: Final = (
    Term(
        key="shap",
        name="SHAP",
        meaning=mark(
            "Divides a score among the columns, fairly in the sense of game theory: together they add up to it."
        ),
        more=mark(
            "It tells what the model does, not what is true in the world, and is no advice what to change."
        ),
        forms=mark("SHAP value|SHAP values|Shapley value|Shapley values"),
        page="explanations.md",
    ),
    Term(
        key="lime",
        name="LIME",
        meaning=mark(
            "Fits a simple straight-line model around one applicant and reads the columns’ weights from it."
        ),
        more=mark("It draws by lot, so that it moves from draw to draw: how steady it is stands beside it."),
        page="explanations.md",
    ),
    Term(
        key="contribution",
        name=mark("contribution"),
        meaning=mark(
            "How far one column moves this score up or down, compared with the applicants of the background."
        ),
        forms=mark("contributions"),
        page="explanations.md",
    ),
    Term(
        key="log_odds",
        name=mark("log-odds"),
        meaning=mark(
            "The scale on which models add up what they know; 0 is a score of 50 %, +1 is 73 %, +2 is 88 %."
        ),
        formula="ln(score / (1 − score))",
        forms=mark("logit|log odds"),
        page="explanations.md",
    ),
    Term(
        key="background",
        name=mark("background"),
        meaning=mark(
            "The applicants that an explanation compares with: who they are changes what is explained."
        ),
        forms=mark("background rows|reference rows"),
        page="explanations.md",
    ),
    Term(
        key="additivity_error",
        name=mark("additivity error"),
        meaning=mark(
            "By how much the contributions miss the score that they should add up to; near 0 when all is well."
        ),
        forms=mark("add up"),
        page="explanations.md",
    ),
    Term(
        key="interventional",
        name=mark("interventional"),
        meaning=mark(
            "A column that is not known is filled in from other applicants, whatever the rest of this one says."
        ),
        forms=mark("path-dependent"),
        page="explanations.md",
    ),
    Term(
        key="permutation",
        name=mark("permutation importance"),
        meaning=mark(
            "Shuffle one column and see how much worse the model gets: what it loses is what it rests on."
        ),
        forms=mark("permutation|permuted|shuffled"),
        page="explanations.md",
    ),
    Term(
        key="ice",
        name="ICE",
        meaning=mark(
            "One line an applicant: how the score would move if one column changed and all others stayed."
        ),
        forms=mark("ICE curve|ICE curves|individual conditional expectation"),
        page="explanations.md",
    ),
    Term(
        key="partial_dependence",
        name=mark("partial dependence"),
        meaning=mark(
            "The mean of all applicants’ lines: how the score moves on average if one column changed."
        ),
        more=mark("Where columns go together, it asks about people who do not exist."),
        forms=mark("PDP|PD curve"),
        page="explanations.md",
    ),
    Term(
        key="ale",
        name="ALE",
        meaning=mark(
            "Accumulated local effects: as partial dependence, but it moves each applicant only to a "
            "neighbouring value."
        ),
        forms=mark("accumulated local effects"),
        page="explanations.md",
    ),
    Term(
        key="interaction",
        name=mark("interaction"),
        meaning=mark("What one column does depends on the value of another."),
        forms=mark("interactions"),
        page="explanations.md",
    ),
    Term(
        key="counterfactual",
        name=mark("counterfactual"),
        meaning=mark(
            "The smallest changes of an application with which the model would have decided otherwise."
        ),
        more=mark("A statement about the model: no promise, and no advice to the applicant."),
        forms=mark("counterfactuals"),
        page="explanations.md",
    ),
    Term(
        key="noise",
        name=mark("noise"),
        meaning=mark(
            "Values shaken a little by lot, to see whether scores and reasons hold when data are not exact."
        ),
        forms=mark("shaken|shaken copies"),
        page="explanations.md",
    ),
    Term(
        key="block",
        name=mark("block"),
        meaning=mark("Columns that go together so closely that an explanation should count them as one."),
        forms=mark("blocks"),
        page="explanations.md",
    ),
)

#: What is signed and watched.
IN_USE: Final = (
    Term(
        key="policy",
        name=mark("policy"),
        meaning=mark("The review band with all it rests on (model, data, limits), as it is signed and used."),
        forms=mark("policies"),
        page="policy.md",
    ),
    Term(
        key="ledger",
        name=mark("ledger"),
        meaning=mark(
            "The list of all that was done, in order. Entries are only added; a changed one would be noticed."
        ),
        page="sign_off.md",
    ),
    Term(
        key="fingerprint",
        name=mark("fingerprint"),
        meaning=mark(
            "A short code computed from all of a file. Change anything in the file, and the code is another."
        ),
        forms=mark("fingerprints|hash|hashes|SHA-256|sha256|content hash"),
        page="sign_off.md",
    ),
    Term(
        key="shadow",
        name=mark("shadow"),
        meaning=mark("The policy runs along and is recorded, while others still decide."),
        page="policy.md",
    ),
    Term(
        key="suspended",
        name=mark("suspended"),
        meaning=mark(
            "The machine decides nothing: every application goes to a person until somebody lifts it."
        ),
        forms=mark("suspension|suspend"),
        page="policy.md",
    ),
    Term(
        key="breach",
        name=mark("breach"),
        meaning=mark(
            "A figure of a batch lies outside the limit that was signed. It counts only where chance does "
            "not explain it."
        ),
        forms=mark("breaches|breached"),
        page="monitor.md",
    ),
    Term(
        key="batch",
        name=mark("batch"),
        meaning=mark("The applications of one period that are held against what was signed."),
        forms=mark("batches"),
        page="monitor.md",
    ),
    Term(
        key="blind",
        name=mark("decided blind"),
        meaning=mark(
            "Decided by a person before the score is shown, so that the score cannot steer the decision."
        ),
        forms=mark("blind|decide blind"),
        page="review_queue.md",
    ),
    Term(
        key="audit_sample",
        name=mark("audit sample"),
        meaning=mark(
            "Cases that the machine could decide, drawn by lot for people, to see whether it decides them rightly."
        ),
        forms=mark("audit share"),
        page="review_queue.md",
    ),
    Term(
        key="flip",
        name=mark("flip"),
        meaning=mark("A decision that becomes the other one when something is changed."),
        forms=mark("flips|flipped"),
        page="explanations.md",
    ),
)
