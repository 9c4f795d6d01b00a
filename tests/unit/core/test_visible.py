from __future__ import annotations

import unicodedata

import pytest

from rai_dash.core.visible import visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Zoë Müller-日本", "Zoë Müller-日本"),
        ("a\u202eb", "a⟨U+202E⟩b"),
        ("a\u200bb\ufeff", "a⟨U+200B⟩b⟨U+FEFF⟩"),
        ("a\tb\nc\x00", "a␉b␊c␀"),
        ("a\u2028b\ue000", "a⟨U+2028⟩b\ue000"),
        ("\u3164\ufe0f\x7f", "⟨U+3164⟩⟨U+FE0F⟩⟨U+007F⟩"),
        (12, "12"),
    ],
)
def test_characters_without_ink_can_be_seen(text, shown):
    assert visible(text) == shown


def test_lines_stay_lines_only_where_that_is_asked_for():
    assert visible("a\r\nb\rc\n\td", keep_lines=True) == "a\nb\nc\n␉d"
    assert visible("a\r\nb") == "a␍␊b"


def test_no_control_or_format_character_gets_through():
    every = "".join(chr(c) for c in range(0x3000) if unicodedata.category(chr(c)) != "Cn")
    assert not [c for c in visible(every) if unicodedata.category(c) in {"Cc", "Cf", "Zl", "Zp", "Cs"}]
