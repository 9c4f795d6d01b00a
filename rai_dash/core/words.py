"""Numbers and dates as people read them, in their language: percent and points, not 0.1372. No Markdown here."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime

from rai_dash.core.catalogues import has_plain_numbers
from rai_dash.core.texts import language, ntr, sayable, tr
from rai_dash.core.types import Estimate

#: Decimals of a percentage after which two ends of an interval are taken for one.
_MOST_DECIMALS = 4
#: Shown for a number that is undefined or missing; never 0, never 1.
NOTHING = "–"


def _is_missing(x: float | None) -> bool:
    return x is None or not math.isfinite(x)


@sayable
def written(text: str) -> str:
    """Write a number that Python has rounded as people read it, in their language.

    The minus sign becomes a minus sign, and there is none before a zero.

    Examples
    --------
    >>> written("-1,234.5"), written("-0.0")
    ('−1,234.5', '0.0')
    """
    rest = text.removeprefix("-")
    sign = "−" if rest != text and rest.strip("0.,") else ""
    code = language()
    if not has_plain_numbers(code):
        from rai_dash.core import numerals

        rest = numerals.number(rest, code)
    return sign + rest


@sayable
def percentage(text: str) -> str:
    """Put the sign for a percentage to a number that Python has rounded."""
    code = language()
    if has_plain_numbers(code):
        return f"{written(text)} %"
    from rai_dash.core import numerals

    return numerals.percentage(written(text), code)


@sayable
def between(low: str, high: str) -> str:
    """Write the two ends of an interval.

    Examples
    --------
    >>> between("1", "3")
    '1 to 3'
    """
    return tr("{low} to {high}", low=low, high=high)


@sayable
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
        return percentage(f"{share * 100:.{digits}f}")
    if share in {0, 1}:
        return percentage(f"{share * 100:.0f}")
    if 0 < share < 0.0005:
        return tr("under {share}", share=percentage("0.1"))
    if 0.9995 <= share < 1:
        return tr("over {share}", share=percentage("99.9"))
    places = 0 if 0.1 <= share <= 0.9 or share > 1 else 1
    return percentage(f"{share * 100:.{places}f}")


@sayable
def percent_range(low: float | None, high: float | None) -> str:
    """Write the ends of an interval of a share, with as many decimals as tell them apart.

    Of ten million rows an interval is narrow, not absent.

    Examples
    --------
    >>> percent_range(0.4123, 0.5049), percent_range(0.69012, 0.69071), percent_range(0.5, 0.5)
    ('41 % to 50 %', '69.0 % to 69.1 %', '50 % to 50 %')
    """
    if low is None or high is None or _is_missing(low) or _is_missing(high):
        return NOTHING
    ends = percent(low), percent(high)
    for digits in range(1, _MOST_DECIMALS + 1):
        if ends[0] != ends[1] or low == high:
            break
        ends = percent(low, digits=digits), percent(high, digits=digits)
    return between(*ends)


@sayable
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
    if score < threshold:
        return tr("just under {threshold}", threshold=percent(threshold))
    return tr("just over {threshold}", threshold=percent(threshold))


@sayable
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
        if signed:
            return tr("just above 0 points") if difference > 0 else tr("just below 0 points")
        return tr("under {n} points", n=written("0.1"))
    rounded = f"{difference * 100:.1f}".removesuffix(".0")
    plus = "+" if signed and difference > 0 else ""
    return ntr("{n} point", "{n} points", abs(float(rounded)), n=plus + written(rounded))


@sayable
def count(n: float | None) -> str:
    """Write how many, with thousands marks; a sum of weights gets one decimal where it needs it.

    Examples
    --------
    >>> count(1234567), count(12.5), count(8000.0)
    ('1,234,567', '12.5', '8,000')
    """
    if n is None or _is_missing(n):
        return NOTHING
    return written(f"{n:,.1f}".removesuffix(".0"))


@sayable
def many(n: float | None, one: str, plural: str = "") -> str:
    """Write how many of something there are; without a plural it takes an s.

    Examples
    --------
    >>> many(1, "row"), many(1200, "row"), many(2, "category", "categories")
    ('1 row', '1,200 rows', '2 categories')
    """
    return tr("{n} {things}", n=count(n), things=things(n, one, plural))


def things(n: float | None, one: str, plural: str = "") -> str:
    """Name things in the form for how many there are; without a plural it takes an s.

    Examples
    --------
    >>> things(1, "row"), things(3, "row")
    ('row', 'rows')
    """
    return ntr(one, plural or f"{one}s", math.inf if n is None else n)


@sayable
def capital(text: str) -> str:
    """Let a text begin with a capital letter, and leave all others as they are."""
    return text[:1].upper() + text[1:]


@sayable
def one_line(text: str) -> str:
    r"""Take out line ends and signs that steer a terminal: titles and names from files may hold them.

    Examples
    --------
    >>> one_line("loans\n\x1b[2J")
    'loans  [2J'
    """
    return "".join(c if c.isprintable() else " " for c in text)


@sayable
def number(x: float | None, *, digits: int = 2, grouped: bool = False) -> str:
    """Write a number that is not a share (AUC, a slope, log-odds) with fixed decimals; ``grouped`` = thousands marks.

    Examples
    --------
    >>> number(0.8512), number(-1.5, digits=1)
    ('0.85', '−1.5')
    """
    return NOTHING if x is None or _is_missing(x) else written(f"{x:{',' if grouped else ''}.{digits}f}")


@sayable
def day(when: date) -> str:
    """Write a day.

    Examples
    --------
    >>> day(date(2026, 11, 9))
    '9 November 2026'
    """
    code = language()
    if has_plain_numbers(code):
        return f"{when.day} {when:%B %Y}"
    from rai_dash.core import numerals

    return numerals.day(when, code)


@sayable
def moment(when: datetime) -> str:
    """Write a moment, in the time that is the same everywhere.

    Examples
    --------
    >>> moment(datetime(2026, 11, 9, 14, 5, tzinfo=UTC))
    '9 November 2026, 14:05 UTC'
    """
    utc = when.astimezone(UTC)
    code = language()
    if has_plain_numbers(code):
        return f"{day(utc)}, {utc:%H:%M} UTC"
    from rai_dash.core import numerals

    return f"{day(utc)}, {numerals.time(utc, code)} UTC"


@sayable
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
        return f"{NOTHING} ({tr(estimate.reason)})" if estimate.reason else NOTHING
    text = percent(estimate.value, digits=digits)
    if estimate.low is not None and estimate.high is not None:
        ends = percent_range(estimate.low, estimate.high)
        if digits is not None:
            ends = between(percent(estimate.low, digits=digits), percent(estimate.high, digits=digits))
        text = f"{text} ({ends})"
    if estimate.numerator is not None and estimate.denominator is not None:
        of = tr("{n} of {all}", n=count(estimate.numerator), all=count(estimate.denominator))
        text = f"{text}, {of}"
    return text
