"""Check digits of the numbers that name a person or an account."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise
from typing import Final

_IBAN: Final = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}")
#: Lengths of the IBANs of the larger countries; elsewhere the remainder alone decides.
_IBAN_LENGTH: Final = {
    "AT": 20, "BE": 16, "CH": 21, "DE": 22, "DK": 18, "ES": 24, "FI": 18, "FR": 27, "GB": 22, "IE": 22,
    "IT": 27, "LU": 20, "NL": 18, "NO": 15, "PL": 28, "PT": 25, "SE": 24,
}  # fmt: skip
_CARD: Final = re.compile(r"[2-6]\d{12,18}|[2-6]\d{3}([ -]\d{4}){3}|3\d{3}[ -]\d{6}[ -]\d{5}")
_DNI: Final = re.compile(r"([XYZ]\d{7}|\d{8})[ -]?([A-Z])")
_DNI_LETTERS: Final = "TRWAGMYFPDXBNJZSQVHLCKE"
_CODICE_FISCALE: Final = re.compile(r"[A-Z]{6}[\dL-NP-V]{2}[A-EHLMPR-T][\dL-NP-V]{2}[A-Z][\dL-NP-V]{3}[A-Z]")
#: Worth of a character in an odd place of a codice fiscale, for 0-9 and for A-Z.
_ODD_DIGITS: Final = (1, 0, 5, 7, 9, 13, 15, 17, 19, 21)
_ODD_LETTERS: Final = (
    *_ODD_DIGITS, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23,
)  # fmt: skip


def is_iban(text: str) -> bool:
    """Whether text is an IBAN: its form, its country's length, and remainder 1 modulo 97 (ISO 13616)."""
    bare = text.replace(" ", "").upper()
    if _IBAN.fullmatch(bare) is None or len(bare) != _IBAN_LENGTH.get(bare[:2], len(bare)):
        return False
    turned = "".join(str(int(c, 36)) for c in bare[4:] + bare[:4])
    return int(turned) % 97 == 1


def is_card(text: str) -> bool:
    """Whether text is a payment card number: 13 to 19 digits, a first digit in use, and Luhn's sum."""
    if _CARD.fullmatch(text) is None:
        return False
    digits = [int(c) for c in reversed(text) if c.isdigit()]
    doubled = (sum(divmod(2 * d, 10)) for d in digits[1::2])
    return len(set(digits)) > 1 and (sum(digits[::2]) + sum(doubled)) % 10 == 0


def is_steuer_id(text: str) -> bool:
    """Whether text is a German tax id: 11 digits, one of the first ten repeated, check digit of ISO 7064."""
    bare = text.replace(" ", "")
    if not (len(bare) == 11 and bare.isascii() and bare.isdigit() and bare[0] != "0"):
        return False
    repeats = sorted(n for n in Counter(bare[:10]).values() if n > 1)
    if repeats not in ([2], [3]) or any(
        a == b == c for (a, b), c in zip(pairwise(bare), bare[2:10], strict=False)
    ):
        return False
    product = 10
    for digit in bare[:10]:
        total = (int(digit) + product) % 10 or 10
        product = (2 * total) % 11
    return (11 - product) % 10 == int(bare[10])


def is_dni(text: str) -> bool:
    """Whether text is a Spanish DNI or NIE: eight digits and the letter that belongs to them."""
    found = _DNI.fullmatch(text.upper())
    if found is None:
        return False
    number, letter = found.groups()
    digits = number.translate(str.maketrans("XYZ", "012"))
    return _DNI_LETTERS[int(digits) % 23] == letter


def is_codice_fiscale(text: str) -> bool:
    """Whether text is an Italian codice fiscale: 16 characters, the last of which checks the others."""
    bare = text.upper()
    if _CODICE_FISCALE.fullmatch(bare) is None:
        return False
    total = 0
    for place, char in enumerate(bare[:15]):
        worth = int(char) if char.isdigit() else ord(char) - ord("A")
        if place % 2 == 0:
            worth = (_ODD_DIGITS if char.isdigit() else _ODD_LETTERS)[worth]
        total += worth
    return chr(ord("A") + total % 26) == bare[15]
