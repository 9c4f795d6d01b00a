from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from rai_dash.core.types import Roles
from rai_dash.data import checksums
from rai_dash.data.dataset import dataset_from_frame
from rai_dash.data.personal import personal_columns

N = 60


def found(**columns):
    return personal_columns(dataset_from_frame(pd.DataFrame(columns)).frame, Roles())


def luhn(payload):
    """Add Luhn's digit, by the textbook: double every second digit from the right, cast out nines."""
    total = 0
    for i, digit in enumerate(reversed(payload)):
        value = int(digit) * (2 if i % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return payload + str(-total % 10)


def iban(country, account):
    """Add the two check digits of ISO 13616: 98 minus the remainder with 00 in their place."""
    letters = "".join(str(ord(c) - 55) if c.isalpha() else c for c in account + country + "00")
    return f"{country}{98 - int(letters) % 97:02d}{account}"


CARDS = [luhn(f"4{i:014d}") for i in range(1, N + 1)]
IBANS = [iban("DE", f"{i:018d}") for i in range(1, N + 1)]


@pytest.mark.parametrize(
    ("check", "good"),
    [
        # Published examples of the bodies that issue them, or of the standards.
        (checksums.is_iban, "GB82 WEST 1234 5698 7654 32"),
        (checksums.is_iban, "DE89370400440532013000"),
        (checksums.is_card, "4111 1111 1111 1111"),
        (checksums.is_card, "378282246310005"),
        (checksums.is_steuer_id, "86095742719"),
        (checksums.is_dni, "12345678Z"),
        (checksums.is_dni, "X1234567L"),
        (checksums.is_codice_fiscale, "RSSMRA85T10A562S"),
    ],
)
def test_published_examples_pass_and_every_other_last_character_fails(check, good):
    others = "0123456789" if good[-1].isdigit() else "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

    assert check(good)
    assert [c for c in others if check(good[:-1] + c)] == [good[-1]]


@pytest.mark.parametrize(
    ("values", "what"),
    [
        ([f"person.{i}@bank.example" for i in range(N)], "e-mail addresses"),
        ([f"Write to a{i}@b.org, please" for i in range(N)], "e-mail addresses"),
        ([f"+49 30 {1000000 + i}" for i in range(N)], "phone numbers"),
        ([f"(212) 555-{1000 + i}" for i in range(N)], "phone numbers"),
        (IBANS, "IBANs"),
        ([" ".join(b[i : i + 4] for i in range(0, 22, 4)) for b in IBANS], "IBANs"),
        (CARDS, "payment card numbers"),
        ([f"{100 + i}-45-{6000 + i}" for i in range(N)], "national id numbers"),
        ([f"AB{100000 + i}C" for i in range(N)], "national id numbers"),
        ([f"{i:08d}{'TRWAGMYFPDXBNJZSQVHLCKE'[i % 23]}" for i in range(N)], "national id numbers"),
    ],
)
def test_content_alone_gives_personal_data_away(values, what):
    assert found(x=values) == {"x": what}


@pytest.mark.parametrize(
    ("name", "values", "what"),
    [
        (
            "first_name",
            [f"Name{'abcdefghij'[i % 10]}{'klmnop'[i // 10]}" for i in range(N)],
            "names of people",
        ),
        ("Surname", [f"O'{'abcdefghij'[i % 10]}{'klmnop'[i // 10]}" for i in range(N)], "names of people"),
        ("Phone Number", [2125550000 + i for i in range(N)], "phone numbers"),
        ("ssn", [123450000 + i for i in range(N)], "national id numbers"),
        ("address", [f"{i} High Street" for i in range(N)], "street addresses"),
        ("zip_code", [f"{940 + i % 20}xx" for i in range(N)], "postcodes"),
        ("PLZ", [10115 + i for i in range(N)], "postcodes"),
        ("date_of_birth", [f"19{50 + i % 40}-03-1{i % 10}" for i in range(N)], "dates of birth"),
    ],
)
def test_a_name_that_fits_its_content_gives_personal_data_away(name, values, what):
    assert found(**{name: values}) == {name: what}
    assert found(x=values) == {}


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("account", [f"00{100000 + i}" for i in range(N)]),  # an account number, no phone
        ("x", [luhn(f"4{i:014d}")[:-1] + str((int(luhn(f"4{i:014d}")[-1]) + 1) % 10) for i in range(N)]),
        ("x", [f"000-45-{6000 + i}" for i in range(N)]),  # no SSN begins with 000
        ("x", [i * 1e9 + 0.5 for i in range(N)]),
        ("product_name", [f"Loan {'abcdefghij'[i % 10]}" for i in range(N)]),
        ("name", ["loan", "card"] * (N // 2)),  # too few values for people
        ("date_of_birth", ["unknown", "later", "never"] * (N // 3)),
        ("email_opt_in", ["yes", "no"] * (N // 2)),
        ("phone", ["yes", "no"] * (N // 2)),
        ("day", [f"2020-01-{1 + i % 28:02d}" for i in range(N)]),
        ("term", [f"{36 + i % 24} months" for i in range(N)]),
        ("range", [f"{i}-{i + 10}" for i in range(N)]),
        ("score", [f"{i % 9}{i % 7}-{i % 5}1-{i % 3}00" for i in range(N)]),
    ],
)
def test_what_only_looks_alike_is_no_personal_data(name, values):
    assert found(**{name: values}) == {}


def test_random_numbers_of_the_right_length_are_no_cards_and_no_tax_ids():
    rng = np.random.default_rng(0)

    assert found(a=rng.integers(10**15, 10**16, 500).astype(str), b=rng.integers(10**10, 10**11, 500)) == {}


def test_columns_of_the_judgement_are_not_looked_at():
    frame = dataset_from_frame(pd.DataFrame({"name": [f"A{'bcdefghij'[i % 9]}" for i in range(N)] * 2})).frame

    for role in ("target", "split", "score", "weight", "amount"):
        assert personal_columns(frame, Roles(**{role: "name"})) == {}


@pytest.mark.parametrize("frame", [pd.DataFrame(), pd.DataFrame({"email": np.array([], np.float64)})])
def test_nothing_is_found_in_nothing(frame):
    assert personal_columns(frame, Roles()) == {}
