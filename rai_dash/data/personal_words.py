"""The names of columns that name a person, matched against the joined words of a name."""

from __future__ import annotations

import re
from typing import Final

_NUMBER: Final = r"(_?(no|nr|num|number|id))?"

PHONE: Final = re.compile(
    rf"(.+_)?(phone|tel|telephone|mobile|cell(_?phone)?|fax|handy|telefon(nummer)?){_NUMBER}(_\d)?"
)
NATIONAL_ID: Final = re.compile(
    r"(.+_)?(ssn|nino|dni|codice_fiscale|steuer_?id|tax_?(payer_?)?id"
    r"|(social_security|national_insurance|national|passport|driv(er|ing)_?(s_)?licen[cs]e)_?(no|nr|num|number|id)"
    r"|social_security|passport)"
)
PERSON_NAME: Final = re.compile(
    r"((co_?)?(applicant|customer|client|borrower|person|contact|holder|account_?holder|guarantor)_?)?"
    r"(full_?|first_?|last_?|middle_?|given_?|family_?|maiden_?)?names?"
    r"|(.+_)?(sur_?name|fore_?name|vorname|nachname|familienname|prenom|apellidos?|cognome)"
)
ADDRESS: Final = re.compile(
    r"((home|street|postal|mailing|residential|customer|applicant|client|borrower|billing)_?)?(address|addr|adresse)"
    r"(_?(line)?_?\d)?|street(_?name)?|strasse|anschrift|wohnadresse"
)
POSTCODE: Final = re.compile(r"(.+_)?(zip(_?codes?)?|post(al)?_?codes?|plz|postleitzahl|eircode)")
