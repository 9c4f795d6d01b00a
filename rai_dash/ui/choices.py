"""The user's choices: one typed value, written to the URL, so that a refresh or a link keeps the view.

Only codes that we chose and column names travel in the URL, never a table and never a value of a row.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

#: Not ``isdigit``: "²" is a digit that is no number.
_WHOLE = re.compile(r"-?[0-9]{1,11}")
#: Longest text of one parameter: the targets of 40 cells fit.
LONGEST = 500
#: What a shared view or a case file does not take along.
_PERSONAL = ("lang", "tour", "tour_from", "large")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What defines the view of every page.

    Parameters
    ----------
    case : str
        Unguessable id of the case.
    link : str
        Key of a read-only link that is looked through instead; empty = none.
    data, model : str
        Keys of the pair that is looked at; empty = the case's default.
    threshold : float
        In [0, 1]; favourable when ``score >= threshold``.
    lo, hi : float
        Ends of the review band on the slider, in [0, 1].
    open_lo, open_hi : bool
        Whether that end is open (nothing declined / approved automatically).
    by, cross : str
        Sensitive column that people are compared by, and a second one to cross it with.
    within : str
        Control column: groups are compared within each of its levels; empty = none.
    metric, shown, lens : str
        Metric that the finding on groups is about, those that are drawn with commas between, and which view of the
        groups is open (empty = the first).
    reference : str
        Group that the others are compared with by name; empty = none.
    tolerance : int
        A difference between groups that does not matter, in points.
    cost_by : str
        What an error costs: ``fixed`` or ``amount``.
    cost_fp, cost_fn : int
        Cost of a wrong approval and of a wrong refusal, in any one unit.
    lost, margin : int
        The same in percent of the loan amount.
    repair_by, repair_goal : str
        Sensitive column (empty = the first) and constraint of the mitigation trials.
    column : str
        Column shown on the Data page.
    cells, binning, bins, wanted : str, str, int, int
        Imbalance explorer: columns that are crossed, with commas between (empty = the first sensitive one); how numbers
        are cut (``quantile``, ``width`` or own edges with blanks between) and into how many; share of favourable
        outcomes that is aimed at, in percent (0 = none).
    measure, first, second, ungrouped : str, str, str, bool
        Correlations: the measure (empty = by kind of the pair), the pair that is drawn, and whether columns keep the
        order of the file.
    versus : str
        Key of the data that the data looked at are compared with; empty = the next one of the case.
    row : int
        Position of the applicant on the explanation page; -1 = the suggested one.
    space : str
        Space in which SHAP is shown: ``log-odds`` or ``probability``.
    why, unknown, raw, baseline : str, str, bool, str
        Explain a decision: which view is open, what stands in for a column that is not known (``interventional`` or
        ``path-dependent``), whether LIME's raw weights are drawn, and who refused applicants are compared with (empty =
        those who were just approved, or all approved ones where these are too few).
    steady, find, nearest : bool, str, int
        Whether it is shown how steady the explanation is, which applicants are listed (empty = the first filter), and
        how many of those nearest to the threshold are asked about where that takes long.
    balance_by, balance_on : str
        Sensitive column of the rebalancing recipe (empty = everyone, ``*`` = the first one), and the key of the
        data it is judged on (empty = held-out rows).
    up, down, seed : int
        The rest of the recipe: shares of the largest cell in percent, and the seed.
    balance_cells : str
        Targets of single cells by place, see `rai_dash.ui.cell_codes`; empty = the two percentages alone.
    own_column : str
        Column that says which rows are trained on; empty = none.
    seeds, tried : int, str
        How often the comparison is repeated, and which strategies it tries, with commas between.
    variant, arena : str, str
        Strategy shown beside the model as it is, and on which rows (``own`` or ``other``).
    corrected, matched : bool
        Whether scores are shown prior-corrected, and decisions where all approve the same share.
    drivers, driver, partner : str
        What drives the model: which view is open, the column that is looked at (empty = the one that matters most) and
        the one that colours it (empty = the one that changes it most).
    linked : bool
        Whether correlated blocks count as one column there.
    one_group, other_group : str
        Groups whose scores are compared there; empty = those with the lowest and the highest mean score.
    bench : str
        Review band: for whom it is shown (empty = the expert).
    review_cost : int
        What a person's look at one application costs, in hundredths of the unit of the other costs.
    right_yes, right_no, defers : int
        In percent: how often a reviewer approves a favourable and refuses an unfavourable one, and how often they
        simply follow the score.
    human, human_flip, recorded : str, bool, bool
        Column with recorded decisions of people (empty = none), whether the second of its two values is the approval
        instead of the first, and whether they are used.
    volume, minutes, day_minutes, team : int
        Applications a day, minutes a review, minutes of reviews a day of one reviewer, and reviewers there are (0 = not
        stated).
    limits : str
        Limits on the band, see `rai_dash.ui.reviewing.limit_codes`; empty = none.
    mapped, cohort : str
        Number that the map of all bands shows, and column of dates or cohorts (empty = none).
    alpha, delta : int
        In percent: the error that is promised, and the chance that the promise is broken.
    desk : str
        Which view of the sign-off is open (empty = signing).
    policy : str
        Policy that is looked at, by its short name; empty = the newest that rests on the data of the case, ``new`` =
        none.
    version, other : int
        Versions of it that are looked at and compared; 0 = the newest and the one before.
    candidates, tested, rival : str
        Compare models: which view is open (empty = the first), key of the test set (empty = the living one), and key of
        the model that the one looked at is compared with (empty = the next of the case).
    cuts : str
        Thresholds of the models there, in thousandths by their order in the case with dots between; empty = the
        threshold of all pages.
    unseen : bool
        Whether applications that a model was trained on are left out there.
    problems, problem : str
        Which view of the problems is open (empty = the list), and the problem that is looked at (empty = the first).
    batch, batch_score, watched, trend : str
        Monitor: key of the data held against the policy (empty = the first of production), column that holds the scores
        of the batch (empty = the signed model gives them), which part of the lines is open, and the line that is drawn
        over batches.
    tour, tour_from : str
        Stop of the guided tour (empty = none), and the address to which leaving it goes back.
    large : int
        How large all is shown to a room; 0 = as usual.
    queue, queue_view : str
        Review queue that is worked (empty = the newest), and which view of it is open (empty = deciding).
    lang : str
        Language, or English with the numbers of a region; empty = what the operator set, or the browser asks for.
    changed, before, after : str
        What changed: the kind of things compared (empty = models), and the two of them by their keys.
    """

    case: str = ""
    link: str = ""
    data: str = ""
    model: str = ""
    threshold: float = 0.5
    lo: float = 0.3
    hi: float = 0.7
    open_lo: bool = False
    open_hi: bool = False
    by: str = ""
    cross: str = ""
    within: str = ""
    metric: str = "recall"
    shown: str = "selection_rate,recall,precision,fpr"
    reference: str = ""
    tolerance: int = 5
    lens: str = ""
    cost_by: str = "fixed"
    cost_fp: int = 5
    cost_fn: int = 1
    lost: int = 60
    margin: int = 10
    repair_by: str = ""
    repair_goal: str = "equalized_odds"
    column: str = ""
    cells: str = ""
    binning: str = "quantile"
    bins: int = 4
    wanted: int = 0
    measure: str = ""
    first: str = ""
    second: str = ""
    ungrouped: bool = False
    versus: str = ""
    row: int = -1
    space: str = "log-odds"
    why: str = ""
    unknown: str = "interventional"
    raw: bool = False
    baseline: str = ""
    steady: bool = False
    find: str = ""
    nearest: int = 100
    balance_by: str = "*"
    balance_on: str = ""
    up: int = 100
    down: int = 100
    seed: int = 0
    balance_cells: str = ""
    own_column: str = ""
    seeds: int = 3
    tried: str = "threshold,up,down,corrected,weights"
    variant: str = "joint"
    arena: str = "other"
    corrected: bool = False
    matched: bool = False
    drivers: str = ""
    driver: str = ""
    partner: str = ""
    linked: bool = False
    one_group: str = ""
    other_group: str = ""
    bench: str = ""
    review_cost: int = 25
    right_yes: int = 90
    right_no: int = 90
    defers: int = 0
    human: str = ""
    human_flip: bool = False
    recorded: bool = False
    volume: int = 100
    minutes: int = 20
    day_minutes: int = 360
    team: int = 0
    limits: str = ""
    mapped: str = "cost"
    cohort: str = ""
    alpha: int = 10
    delta: int = 5
    desk: str = ""
    policy: str = ""
    version: int = 0
    other: int = 0
    candidates: str = ""
    tested: str = ""
    rival: str = ""
    cuts: str = ""
    unseen: bool = False
    problems: str = ""
    problem: str = ""
    batch: str = ""
    batch_score: str = ""
    watched: str = ""
    trend: str = ""
    changed: str = ""
    before: str = ""
    after: str = ""
    tour: str = ""
    tour_from: str = ""
    large: int = 0
    queue: str = ""
    queue_view: str = ""
    lang: str = ""

    def with_(self, **changes: object) -> Choices:
        """Return a copy with some fields changed."""
        return replace(self, **changes)  # type: ignore[arg-type]

    def of_all(self) -> Choices:
        """Return what they are without what is one person's own: the language, the size, where the tour is."""
        plain = Choices()
        return replace(self, **{name: getattr(plain, name) for name in _PERSONAL})

    def to_query(self) -> dict[str, str]:
        """Write the choices that differ from the defaults as URL parameters."""
        plain = Choices()
        query: dict[str, str] = {}
        for f in fields(self):
            value = getattr(self, f.name)
            if value != getattr(plain, f.name):
                query[f.name] = _write(value)
        return query

    @classmethod
    def from_query(cls, query: Mapping[str, str], base: Choices | None = None) -> Choices:
        """Read URL parameters over ``base``; what is nonsense there is ignored."""
        start = base or cls()
        read: dict[str, object] = {}
        for f in fields(cls):
            if f.name in query:
                value = _read(query[f.name], getattr(cls(), f.name))
                if value is not None:
                    read[f.name] = value
        return _in_order(start.with_(**read))


def _in_order(choices: Choices) -> Choices:
    """Put the ends of the band in order."""
    return choices if choices.lo <= choices.hi else replace(choices, lo=choices.hi, hi=choices.lo)


def _write(value: object) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _read(text: str, default: object) -> object | None:
    """Read one parameter in the type of its default; None = nonsense."""
    if isinstance(default, bool):
        return text == "1"
    if isinstance(default, int):
        return int(text) if _WHOLE.fullmatch(text) else None
    if isinstance(default, float):
        try:
            number = float(text)
        except ValueError:
            return None
        return number if math.isfinite(number) and 0.0 <= number <= 1.0 else None
    return text[:LONGEST]
