"""Languages: what is said, how often, in which numbers, and what must never be shown."""

from __future__ import annotations

import copy
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from babel import Locale

from rai_dash.core import catalogues, numerals, words
from rai_dash.core.memo import Memo
from rai_dash.core.pseudo import PSEUDO, pseudo
from rai_dash.core.texts import KEPT, all_of, language, mark, ntr, said, speak, spoken, tr

FOLDER = Path(__file__).resolve().parents[2] / "locale"


@pytest.fixture
def tested(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Offer the languages of the tests."""
    monkeypatch.setattr(catalogues, "FOLDER", FOLDER)
    catalogues.translated.cache_clear()
    catalogues.catalogue.cache_clear()
    yield
    monkeypatch.undo()
    catalogues.translated.cache_clear()
    catalogues.catalogue.cache_clear()


def test_english_is_said_as_it_stands():
    assert tr("{n} of {all}", n="3", all="250") == "3 of 250"
    assert tr("braces {stay} without values") == "braces {stay} without values"
    assert [ntr("{n} row", "{n} rows", n, n=n) for n in (0, 1, 2)] == ["0 rows", "1 row", "2 rows"]
    assert mark("x") == "x"


@pytest.mark.parametrize(
    ("n", "form"),
    # The rules of Polish: 1; 2 to 4 but not 12 to 14; all others.
    [(1, "wiersz"), (2, "wiersze"), (4, "wiersze"), (5, "wierszy"), (12, "wierszy"), (22, "wiersze"), (0, "wierszy")],
)  # fmt: skip
def test_a_number_gets_the_form_of_its_language(tested: None, n: int, form: str):
    with spoken("pl"):
        assert ntr("{n} row", "{n} rows", n, n=n) == f"{n} {form}"


@pytest.mark.parametrize("n", range(200))
def test_the_plural_rule_of_the_file_is_that_of_the_language(tested: None, n: int):
    """Babel has the rules of Unicode: numbers that they count alike get one form."""
    tags = {"one": "wiersz", "few": "wiersze", "many": "wierszy"}
    with spoken("pl"):
        assert ntr("{n} row", "{n} rows", n, n="") == f" {tags[Locale('pl').plural_form(n)]}"


def test_numbers_and_sentences_of_a_language_go_together(tested: None):
    with spoken("pl"):
        assert words.percent_range(0.4123, 0.5049) == "od 41% do 50%"
        assert words.count(1234567.5) == "1\xa0234\xa0567,5"
        assert tr("Fairness by group") == "Sprawiedliwość według grup"
    assert words.percent_range(0.4123, 0.5049) == "41 % to 50 %"


def test_what_is_not_translated_or_not_reviewed_stays_english(tested: None):
    with spoken("pl"):
        assert tr("**Not enough data.**") == "**Not enough data.**"
        assert tr("Never translated") == "Never translated"
        assert tr("") == ""
    with spoken("de"):
        assert tr("{n} of {all}", n=3, all=250) == "3 of 250"
    assert catalogues.offered() == ("en", "en-IN", "en-ZA", "pl")


def test_a_translation_with_other_fields_is_left_out(tested: None):
    with spoken("pl"):
        assert tr("{a} and {b}", a=1, b=2) == "1 and 2"
        assert tr("The score") == "The score"


@pytest.mark.parametrize(
    ("wanted", "code"),
    [("pl-PL", "pl"), ("PL", "pl"), ("de-DE", "en"), ("en-IN", "en"), ("en-GB", "en"), (None, "en"), ("../x", "en")],
)  # fmt: skip
def test_the_browser_gets_its_language_where_there_is_one(tested: None, wanted: str | None, code: str):
    """Numbers of a region are for those who chose them: `1.234` in an English sentence may be read as 1.2."""
    assert catalogues.best(wanted) == code


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("en", ("1,234,567", "−1.5", "56 %", "under 0.1 %", "9 November 2026, 14:05 UTC")),
        ("en-IN", ("12,34,567", "−1.5", "56%", "under 0.1%", "9 November 2026, 2:05\u202fPM UTC")),
        ("en-ZA", ("1\xa0234\xa0567", "−1,5", "56%", "under 0,1%", "09 November 2026, 14:05 UTC")),
        (PSEUDO, ("1,234,567", "−1.5", "56 %", "⟦ûñðéŕ 0.1 %··⟧", "9 November 2026, 14:05 UTC")),
    ],
)
def test_numbers_of_a_region(code: str, shown: tuple[str, ...]):
    when = datetime(2026, 11, 9, 14, 5, tzinfo=UTC)
    with spoken(code):
        assert (words.count(1234567), words.number(-1.5, digits=1), words.percent(0.5623),
                words.percent(0.0001), words.moment(when)) == shown  # fmt: skip


@pytest.mark.parametrize("x", [2.675, 0.125, 1.005, 0.5, 1e-9, 12345.678])
@pytest.mark.parametrize("code", ["en-ZA", "de", "ar", "hi"])
def test_no_language_shows_another_figure(x: float, code: str):
    english = f"{x:.2f}"

    shown = numerals.number(english, code)

    assert [c for c in shown if c.isdigit()] == [c for c in english if c.isdigit()]


def test_a_chart_writes_numbers_as_the_language_does():
    german = numerals.chart_locale("de")

    assert (german["number"]["decimal"], german["number"]["thousands"]) == (",", ".")
    assert german["time"]["days"][0] == "Sonntag"
    assert german["time"]["months"][0] == "Januar"


# --- results that are kept ---


def test_what_is_kept_is_said_to_each_reader_in_their_language(tested: None):
    memo = Memo()

    def make() -> str:
        return tr("{n} of {all}", n=words.count(1234), all=words.count(99999))

    with spoken("pl"):
        first = memo.get("key", make)
        assert tr("{low} to {high}", low=first, high="x") == "od 1\xa0234 z 99\xa0999 do x"
    assert memo.get("key", make) == "1,234 of 99,999"
    with spoken("en-IN"):
        assert said(memo.get("key", make)) == "1,234 of 99,999"
    with spoken(PSEUDO):
        assert said(first) == "⟦1,234 öƒ 99,999·⟧"
    assert language() == "en"


def test_a_kept_sentence_survives_copying_and_joining(tested: None):
    with spoken(KEPT):
        kept = copy.deepcopy(tr("{n} of {all}", n=1, all=2) + "!")
    with spoken("pl"):
        assert said(kept) == "1 z 2!"
    assert kept == "1 of 2!"


def test_a_thread_speaks_for_itself():
    heard: list[str] = []

    def work() -> None:
        heard.append(language())
        speak(PSEUDO)

    with spoken("en-IN"):
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        assert heard == ["en"]
        assert language() == "en-IN"


# --- the pseudo-locale ---


def test_the_disguise_keeps_what_is_not_words():
    message = ":material/info: **{n} rows** of [a page](/start) <b>x</b> RAI_DASH_LANGUAGE"

    shown = pseudo(message)

    for kept in (":material/info:", "{n}", "](/start)", "<b>", "</b>", "RAI_DASH_LANGUAGE", "**"):
        assert kept in shown
    assert len(pseudo("Choose another column.")) >= 1.3 * len("Choose another column.")
    assert shown[0] + shown[-1] == "⟦⟧"
    assert pseudo(shown) == shown
    assert pseudo("- one\n") == "- ⟦öñé·⟧\n"


def test_a_table_of_texts_is_said():
    with spoken(PSEUDO):
        assert all_of({"a": "yes"}) == {"a": "⟦ýéš·⟧"}
