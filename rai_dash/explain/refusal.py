"""Draft reasons for a refusal: the factors against the applicant in reviewed words, tested, flagged and recorded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
from scipy.special import expit

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import mark, tr
from rai_dash.core.types import Explanation
from rai_dash.explain._asking import Score
from rai_dash.explain._base import PROBABILITY
from rai_dash.explain._conditions import plain_value
from rai_dash.explain._sufficiency import Sufficiency, sufficiency
from rai_dash.explain.baselines import Baseline
from rai_dash.explain.counterfactuals.candidates import applicant_like
from rai_dash.explain.reason_texts import ReasonTexts
from rai_dash.explain.reasons import MOST_FACTORS, Factor, factors, members
from rai_dash.explain.ties import ROUNDING, Tie, rounding_of, tie_of

__all__ = ["LEGAL_NOTE", "ROUNDING", "Blocking", "Reason", "Refusal", "Tie", "draft_refusal"]
LEGAL_NOTE = mark(
    "In the United States, 15 USC 1691(d) and Regulation B, 12 CFR 1002.9, ask for a statement of the "
    "specific principal reasons for adverse action. These drafts are not legal advice: have a lawyer "
    "check them."
)
#: Single precision of a model, and rounding on the way, move a score less than this.
SAME_SCORE = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One drafted reason.

    Parameters
    ----------
    factor : Factor
        Column or block, its contribution (below 0), and the applicant's own value as text.
    text : str
        From the dictionary, with the applicant's own value.
    is_reviewed : bool
        Whether somebody stands for the text.
    """

    factor: Factor
    text: str
    is_reviewed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocking:
    """A finding that stands in the way of sending the reasons; the reason itself stays in the list.

    Parameters
    ----------
    column : str
        The sensitive or proxy column.
    factor : str
        The factor it is in: itself, or a block.
    proxy_of : str or None
        The sensitive column it stands for; None where it is sensitive itself.
    """

    column: str
    factor: str
    proxy_of: str | None

    @property
    def message(self) -> str:
        """What was found and what to do."""
        what = (
            tr("is a sensitive column")
            if self.proxy_of is None
            else tr("stands in for `{proxy_of}`", proxy_of=self.proxy_of)
        )
        return tr(
            "`{column}` {what} and is among the factors that decided. Do not send this list, and do not "
            "take the column out of it: that would misstate what decided. Have the model and this "
            "decision reviewed.",
            column=self.column,
            what=what,
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Refusal:
    """Drafted reasons with what was found about them.

    Parameters
    ----------
    reasons : tuple of Reason
        At most four, all against the applicant, the strongest first; may be fewer, or none.
    tie : Tie or None
        Whether the last place is disputed.
    blocking : tuple of Blocking
        Sensitive and proxy columns among the reasons.
    sufficiency : Sufficiency
        What setting the listed factors to the baseline does.
    baseline : Baseline
        Who the applicant was compared with.
    explanation : Explanation
        What the reasons come from.
    score, threshold : float
        The model's own answer about the applicant now, and the threshold.
    texts_fingerprint : str
        Of the dictionary.
    """

    reasons: tuple[Reason, ...]
    tie: Tie | None
    blocking: tuple[Blocking, ...]
    sufficiency: Sufficiency
    baseline: Baseline
    explanation: Explanation
    score: float
    threshold: float
    texts_fingerprint: str

    @property
    def can_be_sent(self) -> bool:
        """Whether nothing stands in the way: reasons are there, all reviewed, none blocked, and they carry weight."""
        reviewed = all(reason.is_reviewed for reason in self.reasons)
        carries = self.sufficiency.verdict != "falls_short"
        return bool(self.reasons) and reviewed and not self.blocking and carries

    @property
    def obstacles(self) -> tuple[str, ...]:
        """Why it cannot be sent, as sentences; empty where it can."""
        out = [one.message for one in self.blocking]
        if not self.reasons:
            out.append(
                tr(
                    "No factor pushes against this applicant compared with this baseline. Choose another "
                    "baseline."
                )
            )
        drafts = [f"`{reason.factor.column}`" for reason in self.reasons if not reason.is_reviewed]
        if drafts:
            out.append(
                tr(
                    "Nobody has reviewed the text of {drafts}. Have it reviewed first.",
                    drafts=", ".join(drafts),
                )
            )
        if self.reasons and self.sufficiency.verdict == "falls_short":
            out.append(self.sufficiency.text)
        return tuple(out)


def draft_refusal(
    score: Score,
    explanation: Explanation,
    row: pd.DataFrame,
    reference: pd.DataFrame,
    baseline: Baseline,
    *,
    threshold: float,
    texts: ReasonTexts | None = None,
    sensitive: Sequence[str] = (),
    proxies: Mapping[str, str] | None = None,
    instability: float | Mapping[str, float] = 0.0,
    most: int = MOST_FACTORS,
    seed: int = 0,
) -> Refusal:
    """Draft the reasons for one refusal.

    Parameters
    ----------
    score : callable
        Table rows to the probability of the favourable outcome; called once.
    explanation : Explanation
        Shapley values of this applicant against the rows of this baseline. An explanation against other rows answers
        another question; that it was made with ``reference.iloc[baseline.rows]`` is for the caller to see to.
    row : DataFrame (1, columns)
        The applicant.
    reference : DataFrame (n, columns)
        The table that ``baseline`` was chosen from, with the model's columns.
    baseline : Baseline
        From `baseline_of`.
    threshold : float
        Favourable at or above.
    texts : ReasonTexts, optional
        Drafts of the columns' names where omitted.
    sensitive : sequence of str
        Columns that may not decide.
    proxies : mapping of str to str, optional
        Columns that stand in for a sensitive one, with that one.
    instability : float or mapping of str to float
        How far a contribution moves by chance or noise, in the space of the explanation: for all, or by factor; at
        least rounding. Two standard errors of the explanation are added where it has some.
    most : int
        Longest list, at most four.
    seed : int
        For the draw of baseline rows.

    Raises
    ------
    InvalidChoice
        The applicant was not refused, the explanation is of other columns, or more than four reasons are asked for.
    MissingColumn
        The row lacks columns.
    """
    own = applicant_like(row, reference)
    columns = [str(c) for c in reference.columns]
    _check(explanation, columns, baseline, len(reference), most)
    applicant = {c: plain_value(own[c].iloc[0]) for c in columns}
    # Exact values of columns that do nothing are 1e-17 and not 0: no reason to refuse anybody.
    least = rounding_of(explanation)
    ranked = factors(explanation.values, applicant, most=len(explanation.values), least=least).adverse
    listed = ranked[:most]
    chosen = texts or ReasonTexts()
    told = [(factor, *chosen.reason(factor.column, applicant)) for factor in listed]
    moved = [c for factor in listed for c in members(factor.column, columns)]
    tested = sufficiency(score, own, reference.iloc[baseline.rows], moved, threshold=threshold, seed=seed)
    _check_same_applicant(explanation, tested.before)
    if tested.before >= threshold:
        msg = tr(
            "This applicant was not refused: the score is at or above the threshold. Choose a refused one."
        )
        raise InvalidChoice(msg)
    return Refusal(
        reasons=tuple(Reason(factor=f, text=text, is_reviewed=reviewed) for f, text, reviewed in told),
        tie=tie_of(ranked, most, explanation, instability),
        blocking=_blocking(listed, columns, sensitive, proxies or {}),
        sufficiency=tested, baseline=baseline, explanation=explanation, score=tested.before, threshold=threshold,
        texts_fingerprint=chosen.fingerprint,
    )  # fmt: skip


def _check(
    explanation: Explanation, columns: Sequence[str], baseline: Baseline, rows: int, most: int
) -> None:
    if not 1 <= most <= MOST_FACTORS:
        msg = tr(
            "1 to {most_factors} reasons can be listed, got {most}. Choose a number between.",
            most_factors=MOST_FACTORS,
            most=most,
        )
        raise InvalidChoice(msg)
    if explanation.background_rows is not None and explanation.background_rows > len(baseline.rows):
        msg = tr(
            "The explanation used more rows than the baseline has. Explain this applicant with the "
            "baseline's rows."
        )
        raise InvalidChoice(msg)
    if rows != baseline.of:
        msg = tr(
            "The baseline was chosen from {of} rows, the table has {rows}. Choose it again.",
            of=f"{baseline.of:,}",
            rows=f"{rows:,}",
        )
        raise InvalidChoice(msg)
    explained = [c for name in explanation.values for c in members(name, columns)]
    if sorted(explained) != sorted(columns):
        msg = tr(
            "The explanation is of other columns than the table's. Explain this applicant with this model "
            "again."
        )
        raise InvalidChoice(msg)


def _check_same_applicant(explanation: Explanation, score: float) -> None:
    said = explanation.output if explanation.space == PROBABILITY else float(expit(explanation.output))
    if abs(said - score) > SAME_SCORE:
        msg = tr(
            "The explanation is of another applicant or model: its score differs. Explain this applicant "
            "again."
        )
        raise InvalidChoice(msg)


def _blocking(
    listed: Sequence[Factor], columns: Sequence[str], sensitive: Sequence[str], proxies: Mapping[str, str]
) -> tuple[Blocking, ...]:
    inside = [(c, f.column) for f in listed for c in members(f.column, columns)]
    return tuple(
        Blocking(column=c, factor=f, proxy_of=None if c in sensitive else proxies[c])
        for c, f in inside
        if c in sensitive or c in proxies
    )
