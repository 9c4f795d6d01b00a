"""What is wrong with a field of a record, in a plain sentence that says what to do."""

from __future__ import annotations

from pydantic_core import ErrorDetails

#: Least length of the reason, stated on the page. Characters: not every script has blanks between words.
MIN_REASON_CHARACTERS = 10

#: What a field is called on the page, and what to do when it is not good.
_FIELDS = {
    "signer.name": ("The name of the signer", "Type the name of the person who signs."),
    "signer.role": ("The role of the signer", "Choose or type the role in which they sign."),
    "signer.meaning": ("The meaning of the signature", "Choose what the signature stands for."),
    "signer.decision": ("The decision", "Choose approve, reject or abstain."),
    "signer.reason": (
        "The reason",
        f"Say in your own words why, in at least {MIN_REASON_CHARACTERS} characters.",
    ),
    "band": ("The band", "Set it again on the Review band page."),
}
_FAULTS = {
    "string_too_short": "has {size} characters; at least {min_length} are needed",
    "string_unicode": "holds half a character, which cannot be written down",
    "string_too_long": "has {size} characters; at most {max_length} are kept",
    "finite_number": "is not a finite number; an undefined figure is written as null",
    "extra_forbidden": "is not part of a record",
}


def sentence(error: ErrorDetails) -> str:
    """Turn one validation error into a sentence.

    Parameters
    ----------
    error : ErrorDetails
        As pydantic reports it.

    Returns
    -------
    str
        The field, what is wrong with it, what to do.
    """
    field = ".".join(str(part) for part in error["loc"])
    called, advice = _FIELDS.get(field, (f"The field `{field}`", "Give another value."))
    return f"{called} {_fault(error)}. {advice}"


def _fault(error: ErrorDetails) -> str:
    given = error["input"]
    blank = isinstance(given, str) and not given.strip()
    if error["type"] == "missing" or given is None or blank:
        return "is missing"
    known = _FAULTS.get(error["type"])
    if known is None:
        message = error["msg"].removeprefix("Value error, ").rstrip(".")
        return f"is not accepted: {message[:1].lower()}{message[1:]}"
    # Blanks at the ends do not count, as the field is stored without them.
    size = len(given.strip()) if isinstance(given, str) else 0
    return known.format(size=size, **error.get("ctx", {}))
