"""What is stated about a policy on the page, for tests of what becomes of it."""

from __future__ import annotations

from rai_dash.govern.drafting import HarmFacts
from rai_dash.ui.signing.stating import Said

NAME = "small-loans-0a1b2c"
SAID = Said(
    title="Small loans",
    environment="QA",
    harm=HarmFacts(
        wrong_approval="A household takes on a debt that it cannot carry.",
        wrong_refusal="Somebody who would have repaid gets no loan.",
        answerable="Head of lending",
    ),
    people_before="Six officers decided all of them; they see the unsure ones now.",
)
