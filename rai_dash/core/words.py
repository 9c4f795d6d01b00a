"""Numbers as people read them: percent and points, not 0.1372. Nothing here knows about Markdown."""

from __future__ import annotations

import math

from rai_dash.core.types import Estimate

#: Shown for a number that is undefined or missing; never 0, never 1.
#: Decimals of a percentage after which two ends of an interval are taken for one.
_MOST_DECIMALS = 4
NOTHING = "–"


def _is_missing(x: float | None) -> bool:
    return x is None or not math.isfinite(x)


def _signed(text: str) -> str:
    """Write the minus sign as a minus sign, and no minus before a zero."""
    if text.startswith("-"):
        rest = text[1:]
        return f"−{rest}" if rest.strip("0.,") else rest
    return text


def percent(share: float | None, *, digits: int | None = None) -> str:
    """Write a share as a percentage.

    Parameters
    ----------
    share : float or None
        1 = 100 %. None, NaN and infinity give ``"–"``.
    digits : int, optional
        Decimals. By default one below 10 % and above 90 %, where the first decimal matters, else none;
        and only an exact 0 or 1 is written as 0 % or 100 %.

    Examples
    --------
    >>> percent(0.5623), percent(0.98901), percent(0.00001), percent(1)
    ('56 %', '98.9 %', 'under 0.1 %', '100 %')
    """
    if share is None or _is_missing(share):
        return NOTHING
    if digits is not None:
        return f"{_signed(f'{share * 100:.{digits}f}')} %"
    if share in {0, 1}:
        return f"{share * 100:.0f} %"
    if 0 < share < 0.0005:
        return "under 0.1 %"
    if 0.9995 <= share < 1:
        return "over 99.9 %"
    places = 0 if 0.1 <= share <= 0.9 or share > 1 else 1
    return f"{_signed(f'{share * 100:.{places}f}')} %"


def percent_range(low: float | None, high: float | None) -> str:
    """Write the ends of an interval of a share, with as many decimals as tell them apart.

    Of ten million rows an interval is narrow, not absent.

    Examples
    --------
    >>> percent_range(0.4123, 0.5049), percent_range(0.69012, 0.69071), percent_range(0.5, 0.5)
    ('41 % to 50 %', '69.01 % to 69.07 %', '50 % to 50 %')
    """
    if low is None or high is None or _is_missing(low) or _is_missing(high):
        return NOTHING
    ends = percent(low), percent(high)
    for digits in range(1, _MOST_DECIMALS + 1):
        if ends[0] != ends[1] or low == high:
            break
        ends = percent(low, digits=digits), percent(high, digits=digits)
    return f"{ends[0]} to {ends[1]}"


def score_beside(score: float, threshold: float) -> str:
    """Write a score so that it differs from a threshold it differs from: 49.9 % is not 50 %.

    Parameters
    ----------
    score, threshold : float
        In [0, 1].

    Examples
    --------
    >>> score_beside(0.499, 0.5), score_beside(0.5, 0.5), score_beside(0.3, 0.5)
    ('49.9 %', '50 %', '30 %')
    """
    for digits in (None, 1, 2, 3):
        if score == threshold or percent(score, digits=digits) != percent(threshold, digits=digits):
            return percent(score, digits=digits)
    return f"just {'under' if score < threshold else 'over'} {percent(threshold)}"


def points(difference: float | None, *, signed: bool = False) -> str:
    """Write a difference of two shares in percentage points.

    Parameters
    ----------
    difference : float or None
        0.01 = 1 point.
    signed : bool
        Whether a rise gets a plus sign.

    Examples
    --------
    >>> points(0.1372), points(0.01), points(-0.05, signed=True)
    ('13.7 points', '1 point', '−5 points')
    """
    if difference is None or _is_missing(difference):
        return NOTHING
    if 0 < abs(difference) < 0.0005:
        # An end of an interval needs its side of 0: whether 0 lies within is what it is read for.
        return f"just {'above' if difference > 0 else 'below'} 0 points" if signed else "under 0.1 points"
    text = _signed(f"{difference * 100:.1f}").removesuffix(".0")
    plus = "+" if signed and difference > 0 else ""
    return f"{plus}{text} {'point' if text in {'1', '−1'} else 'points'}"


def count(n: float | None) -> str:
    """Write how many, with thousands marks; a sum of weights gets one decimal where it needs it.

    Examples
    --------
    >>> count(1234567), count(12.5), count(8000.0)
    ('1,234,567', '12.5', '8,000')
    """
    if n is None or _is_missing(n):
        return NOTHING
    return _signed(f"{n:,.1f}".removesuffix(".0"))


def many(n: float | None, one: str, plural: str = "") -> str:
    """Write how many of something there are; without a plural it takes an s.

    Examples
    --------
    >>> many(1, "row"), many(1200, "row"), many(2, "category", "categories")
    ('1 row', '1,200 rows', '2 categories')
    """
    return f"{count(n)} {one if n == 1 else plural or f'{one}s'}"


def capital(text: str) -> str:
    """Let a text begin with a capital letter, and leave all others as they are."""
    return text[:1].upper() + text[1:]


def one_line(text: str) -> str:
    r"""Take out line ends and signs that steer a terminal: titles and names from files may hold them.

    Examples
    --------
    >>> one_line("loans\n\x1b[2J")
    'loans  [2J'
    """
    return "".join(c if c.isprintable() else " " for c in text)


def number(x: float | None, *, digits: int = 2) -> str:
    """Write a number that is not a share (AUC, a slope, log-odds) with fixed decimals.

    Examples
    --------
    >>> number(0.8512), number(-1.5, digits=1)
    ('0.85', '−1.5')
    """
    return NOTHING if x is None or _is_missing(x) else _signed(f"{x:.{digits}f}")


def estimate_words(estimate: Estimate, *, digits: int | None = None) -> str:
    """Write a rate with its interval and its count; an undefined one with its reason.

    Examples
    --------
    >>> estimate_words(Estimate(0.56, 0.49, 0.63, 112, 200))
    '56 % (49 % to 63 %), 112 of 200'
    >>> estimate_words(Estimate.undefined("nobody repaid"))
    '– (nobody repaid)'
    """
    if estimate.value is None:
        return f"{NOTHING} ({estimate.reason})" if estimate.reason else NOTHING
    text = percent(estimate.value, digits=digits)
    if estimate.low is not None and estimate.high is not None:
        ends = percent_range(estimate.low, estimate.high)
        if digits is not None:
            ends = f"{percent(estimate.low, digits=digits)} to {percent(estimate.high, digits=digits)}"
        text = f"{text} ({ends})"
    if estimate.numerator is not None and estimate.denominator is not None:
        text = f"{text}, {count(estimate.numerator)} of {count(estimate.denominator)}"
    return text
