"""Chapter: how the numbers are made, by formula, and what each of them cannot say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from rai_dash.core.texts import mark, tr
from rai_dash.report.audit_report.blocks import Method, Section


def _over(top: str, bottom: str) -> str:
    """Write a fraction in markup of our own."""
    return f'<span class="frac"><span>{top}</span><span class="bar">/</span><span>{bottom}</span></span>'


@dataclass(frozen=True, slots=True)
class _Note:
    """A method before it is said in a language; the formula is markup and is the same in all of them."""

    title: str
    use: str
    formula: str
    limits: str


_ROOT: Final = "√"
_GAP: Final = "p<sub>g</sub> − p<sub>others</sub>"
_NOTES: Final = (
    _Note(
        mark("Interval of a share (Wilson)"),
        mark("x of n people; p is x over n, and z is 1.96 for 95 %. With weights, n is the effective size (Kish)."),
        f"{_over('p + z²/2n ± z ' + _ROOT + '[ p(1 − p)/n + z²/4n² ]', '1 + z²/n')}"
        f'<span class="also">n<sub>eff</sub> = {_over("(Σ w)²", "Σ w²")}</span>',
        mark("It holds for one share looked at alone. Of twenty intervals about one misses the truth."),
    ),
    _Note(
        mark("Interval of a difference of two shares (Newcombe)"),
        mark("p and q are the shares of two groups; l and u are the ends of their Wilson intervals."),
        f"p − q − {_ROOT}[ (p − l<sub>p</sub>)² + (u<sub>q</sub> − q)² ]  to  "
        f"p − q + {_ROOT}[ (u<sub>p</sub> − p)² + (q − l<sub>q</sub>)² ]",
        mark(
            "For two groups that were named beforehand. Where the extremes of many groups were picked, the "
            "interval is widened "
            "for having picked them."
        ),
    ),
    _Note(
        mark("Interval of a ratio of two shares (Katz, ½ added)"),
        mark("x of n and y of m people, each count with ½ added; z is 1.96."),
        f"exp( log {_over('p', 'q')} ± z {_ROOT}[ 1/(x+½) − 1/(n+½) + 1/(y+½) − 1/(m+½) ] )",
        mark(
            "Where fewer than five people are on one side it is too narrow, and the report says so. A ratio of "
            "0.8 is a "
            "convention of US employment law, not the law of credit."
        ),
    ),
    _Note(
        mark("AUC and its interval (DeLong)"),
        mark("The chance that someone with the favourable outcome scores above someone without; ties count half."),
        "AUC = P(s<sub>good</sub> &gt; s<sub>bad</sub>) + ½ P(s<sub>good</sub> = s<sub>bad</sub>)"
        f'<span class="also">logit AUC ± z {_over("SE<sub>DeLong</sub>", "AUC (1 − AUC)")}</span>',
        mark("It says how well scores rank, not whether the threshold or the scores themselves are right."),
    ),
    _Note(
        mark("Interval of F1, balanced accuracy and cost (bootstrap)"),
        mark(
            "The table of outcome by decision is drawn again from the shares that were seen; 2.5 and 97.5 "
            "in 100 draws."
        ),
        "(TP, FN, FP, TN)* ~ Multinomial(n; TP/n, FN/n, FP/n, TN/n)",
        mark("Of the rarer outcome about 120 people are needed. Rows with weights have no such interval."),
    ),
    _Note(
        mark("Gap, and the gap that chance alone would give"),
        mark(
            "Over groups of at least the fewest rows. Chance: the median gap of groups of these sizes with "
            "one common share."
        ),
        "gap = max p<sub>g</sub> − min p<sub>g</sub>"
        '<span class="also">chance = median of the gap when all p<sub>g</sub> are equal</span>',
        mark("The gap of many small groups is large by chance alone. A gap below the one of chance shows nothing."),
    ),
    _Note(
        mark("Which groups differ (largest z, Fisher, Holm)"),
        mark(
            "Each group is held against all others. The p-value of the gap comes from data that are simulated with one "
            "common share; a star is Fisher's exact test of a group, adjusted by Holm for all groups."
        ),
        f"z<sub>g</sub> = {_over(_GAP, f'{_ROOT}[ p(1 − p)(1/n<sub>g</sub> + 1/n<sub>others</sub>) ]')}"
        f'<span class="also">p of the gap = {_over("1 + simulations with max |z| as large", "1 + simulations")}</span>',
        mark(
            "A star says that a difference is more than chance, not that it is large, unfair or caused by the group. "
            "“Equivalent” holds for the tolerance that was chosen, and for no smaller one: two one-sided tests, so the "
            "90 % interval lies inside it and the 95 % interval may reach beyond."
        ),
    ),
    _Note(
        mark("Calibration"),
        mark("In ten ranges of the score; intercept and slope are fitted to the outcome on the logit scale."),
        "logit P(favourable) = a + b · logit(score)"
        '<span class="also">right on average: a = 0 (with b = 1); right in spread: b = 1</span>',
        mark("Scores may be calibrated for everyone and not within groups. Ranges with few rows are grey."),
    ),
    _Note(
        mark("Review band"),
        mark("lo and hi are the ends of the band, each may be open; a missing score goes to a person."),
        "score &lt; lo: declined · lo ≤ score &lt; hi: a person decides · score ≥ hi: approved",
        mark(
            "The errors are those of the machine alone, on these rows. What people decide, and how well, is not "
            "in them."
        ),
    ),
    _Note(
        mark("Contributions to a score (SHAP)"),
        mark("f is the score in log-odds, S a set of columns; columns outside of S take values of the reference rows."),
        "f(x) = base + Σ<sub>j</sub> φ<sub>j</sub>"
        f'<span class="also">φ<sub>j</sub> = Σ<sub>S</sub> {_over("|S|! (d − |S| − 1)!", "d!")} '
        "[ v(S and j) − v(S) ]</span>",
        mark(
            "They tell what the model used, not what causes the outcome. With other reference rows they are "
            "others. Columns "
            "that go together share their part in a way that no data can decide."
        ),
    ),
    _Note(
        mark("Small numbers"),
        mark(
            "Numbers of fewer people than the stated limit are hidden, with the fewest others that would "
            "give them away."
        ),
        "hidden when 1 ≤ people &lt; limit, or when total − shown is such a number",
        mark(
            "Two reports with another threshold, other bins or other rows can be subtracted from each other. "
            "Zero is shown."
        ),
    ),
)  # fmt: skip


def methods_section() -> Section:
    """Write the chapter."""
    blocks = [
        Method(title=tr(n.title), use=tr(n.use), formula=n.formula, limits=tr(n.limits)) for n in _NOTES
    ]
    return Section("methods", tr("Methods and limits"), blocks)
