# ruff: noqa: RUF001 - look-alikes are what is tested
from __future__ import annotations

import io
import re
import unicodedata

import numpy as np
import pandas as pd
import pytest

from rai_dash.core.types import Estimate
from rai_dash.ui.text import badge_text, csv_bytes, estimate_text, file_name, formula_safe, plain, safe

JOINER = "\u2060"


def shown(markdown: str) -> str:
    """What a reader of escaped Markdown sees."""
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", markdown).replace(JOINER, "").replace("\u00a0", " ")


@pytest.mark.parametrize(
    "text",
    [
        "![x](http://evil.test/a.png)",
        "[click](http://evil.test)",
        "$5 and $6, $x^2$",
        ":red[boo] :blue-background[q]",
        "<img src=x onerror=y> &amp;",
        "# head",
        "- item",
        "1. one",
        "> quote",
        "| a | b |",
        "`code`",
        "*a* _b_ ~~c~~",
        "[^1]: note",
        "back\\slash\\*",
        "[25, 35)",
        "income_k$ (net)",
        "Köln, 日本, ñ",
    ],
)
def test_hostile_text_reads_as_itself_and_has_no_bare_punctuation(text):
    escaped = safe(text)

    assert shown(escaped) == text
    bare = re.sub(r"\\[!-/:-@\[-`{-~]", "", escaped)
    assert not set(bare) & set("`*_{}[]()#+-.!|~<>&$:=^@\\")


@pytest.mark.parametrize(
    ("text", "broken"),
    [
        ("http://evil.test", "://"),
        ("HTTPS://evil.test", "://"),
        ("www.evil.test", "www."),
        ("WWW.evil.test", "WWW."),
        ("me@evil.test", "@evil"),
        ("mailto:me@evil.test", ":me"),
        (":smile:", ":smile:"),
        (":material/home:", ":material"),
        ("a:streamlit:", ":streamlit:"),
    ],
)
def test_addresses_and_emoji_names_are_interrupted(text, broken):
    escaped = safe(text)

    assert broken not in escaped.replace("\\", "")
    assert shown(escaped) == text


@pytest.mark.parametrize("text", ["->", "<-", "<->", "--", ">=", "<=", "~="])
def test_arrows_that_stand_alone_stay_as_they_are(text):
    for whole in (text, f"a {text} b"):
        escaped = safe(whole)
        assert text not in escaped.replace("\\", "")
        assert shown(escaped) == whole


def test_a_colon_before_a_blank_carries_nothing_invisible():
    assert safe("age: 25 (years)") == "age\\: 25 \\(years\\)"


def test_leading_blanks_do_not_make_a_code_block():
    assert safe("    x") == "\u00a0\u00a0\u00a0\u00a0x"


@pytest.mark.parametrize(
    ("char", "visible"),
    [
        ("\n", "␊"),
        ("\t", "␉"),
        ("\r", "␍"),
        ("\x00", "␀"),
        ("\x7f", "⟨U+007F⟩"),
        ("\u202e", "⟨U+202E⟩"),
        ("\u2066", "⟨U+2066⟩"),
        ("\u200b", "⟨U+200B⟩"),
        ("\u200d", "⟨U+200D⟩"),
        ("\u2060", "⟨U+2060⟩"),
        ("\ufeff", "⟨U+FEFF⟩"),
        ("\u00ad", "⟨U+00AD⟩"),
        ("\u2028", "⟨U+2028⟩"),
        ("\u3164", "⟨U+3164⟩"),
        ("\ufe0f", "⟨U+FE0F⟩"),
        ("\U000e0041", "⟨U+E0041⟩"),
        ("\ud800", "⟨U+D800⟩"),
    ],
)
def test_characters_without_ink_are_made_visible(char, visible):
    assert plain(f"a{char}b") == f"a{visible}b"
    assert shown(safe(f"a{char}b")) == f"a{visible}b"


def test_no_control_or_format_character_survives():
    everything = "".join(map(chr, range(0x30000)))

    kinds = {unicodedata.category(c) for c in plain(everything, limit=10**7)}

    assert not kinds & {"Cc", "Cf", "Cs", "Zl", "Zp"}


def test_every_text_can_be_sent_to_the_browser():
    safe("\ud800\udfff").encode()
    plain("\ud800").encode()


def test_long_text_is_cut_at_the_limit_and_says_so():
    assert plain("a" * 80) == "a" * 80
    assert plain("a" * 81) == "a" * 79 + "…"
    assert len(shown(safe("*" * 500, limit=100))) == 100


def test_the_visible_form_of_a_character_is_never_cut_in_two():
    assert plain("ab\u202ecd", limit=6) == "ab…"


def test_anything_can_be_shown():
    assert [safe(1.5), safe(None), plain(3)] == ["1\\.5", "None", "3"]


def test_a_badge_gets_its_brackets_bare_for_streamlit_escapes_them_itself():
    assert badge_text("[25, 35)") == "[25, 35\\)"
    assert badge_text("a\\[b") == "a\\\\[b"


def test_a_reason_with_a_name_from_a_file_is_escaped():
    assert estimate_text(Estimate(0.56, 0.49, 0.63, 112, 200)) == "56 % (49 % to 63 %), 112 of 200"
    assert estimate_text(Estimate.undefined("nobody in [x](http://evil.test)")) == safe(
        "– (nobody in [x](http://evil.test))", limit=300
    )


@pytest.mark.parametrize(
    "cell",
    [
        "=1+1",
        "+1+1",
        "-1+1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "＝1",
        "＋1+2",
        "－1-2",
        "＠x",
        "  =1",
        "-inf",
        "-1_0",
        "- rent",
        "=",
        "\ufeff=1",
    ],
)
def test_a_cell_that_begins_like_a_formula_gets_an_apostrophe(cell):
    assert formula_safe(cell) == f"'{cell}"


@pytest.mark.parametrize(
    "cell", ["-5.2", "+3", "-1e-5", "-.5", "a=b", "", "x", "'=1", -5.2, None, 3, "5-2", "Köln"]
)
def test_numbers_and_harmless_cells_stay_as_they_are(cell):
    assert formula_safe(cell) == cell


def test_a_download_neutralises_cells_and_headers_and_keeps_full_precision():
    frame = pd.DataFrame(
        {
            "=cmd": ["=1+1", "ü", None],
            "x": [0.1 + 0.2, np.nan, -5.2],
            "n": [1, 2, 3],
            "kind": pd.Categorical(["@a", "b", None]),
        }
    )

    out = csv_bytes(frame)

    assert out.startswith(b"\xef\xbb\xbf")
    assert out.decode("utf-8-sig").splitlines() == [
        "'=cmd,x,n,kind",
        "'=1+1,0.30000000000000004,1,'@a",
        "ü,,2,b",
        ",-5.2,3,",
    ]
    assert frame["=cmd"].iloc[0] == "=1+1"


def test_a_download_of_columns_with_one_name_keeps_both():
    frame = pd.DataFrame([["=a", "b"]], columns=["x", "x"])

    assert csv_bytes(frame).decode("utf-8-sig") == "x,x\n'=a,b\n"


def test_a_download_survives_half_characters_and_quotes():
    frame = pd.DataFrame({"a": ["\ud800", 'say "x", y\nz']}, dtype=object)

    read = pd.read_csv(io.BytesIO(csv_bytes(frame)))

    assert read["a"].tolist() == ["\\ud800", 'say "x", y\nz']


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("table.csv", "table.csv"),
        ("../../etc/passwd", "etc_passwd"),
        ("C:\\temp\\x.csv", "C_temp_x.csv"),
        ("Köln / öffentlich.csv", "Koln_offentlich.csv"),
        ("日本.csv", "file.csv"),
        ("...", "file"),
        ("", "file"),
        ("CON.csv", "_CON.csv"),
        ("nul", "_nul"),
        (".hidden", "file.hidden"),
        ("a\x00b\n.csv", "a_b.csv"),
    ],
)
def test_a_file_name_is_harmless(text, name):
    assert file_name(text) == name


def test_a_long_file_name_keeps_its_ending():
    name = file_name("x" * 200 + ".csv")

    assert len(name) == 80
    assert name.endswith("x.csv")
