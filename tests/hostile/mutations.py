"""Seeded damage: bytes flipped, cut, doubled and swapped, numbers and words exchanged, inside of archives too."""

from __future__ import annotations

import re
import struct
import warnings
import zipfile

import numpy as np

from tests.hostile.table_sheets import unzipped
from tests.hostile.zips import archive

COUNT = 500
_NUMBER = re.compile(rb"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
_WORD = re.compile(rb"[A-Za-z_]{2,40}")
_TEXTS = (
    b"-1", b"0", b"1", b"2", b"7", b"99", b"1e308", b"-1e308", b"nan", b"inf", b"", b"2147483647", b"2147483648",
    b"4294967295", b"9223372036854775807", b"99999999999999999999", b"1e999", b"0.5", b"[]", b"null", b"true",
)  # fmt: skip
_WHOLE = (0, 1, -1, 2, 127, 128, 255, 2**15, 2**16, 2**31 - 1, -(2**31), 10**6)
_BYTES = (0, 1, 0x7F, 0x80, 0xFF)


def _span(rng, content, most=200):
    """Draw a piece of the content: its start and end."""
    start = int(rng.integers(0, len(content)))
    return start, min(len(content), start + int(rng.integers(1, most)))


def flip(rng, content):
    made = bytearray(content)
    for at in rng.integers(0, len(made), int(rng.choice([1, 1, 2, 8]))):
        made[at] ^= 1 << int(rng.integers(0, 8))
    return bytes(made)


def put_byte(rng, content):
    made = bytearray(content)
    for at in rng.integers(0, len(made), int(rng.integers(1, 4))):
        made[at] = rng.choice(_BYTES)
    return bytes(made)


def put_whole(rng, content):
    """Write a telling whole number, of 4 or 8 bytes, one way round or the other."""
    kind = ("<i", ">i", "<q", ">q")[rng.integers(0, 4)]
    number = struct.pack(kind, int(rng.choice(_WHOLE)))
    at = int(rng.integers(0, max(1, len(content) - len(number))))
    return content[:at] + number + content[at + len(number) :]


def truncate(rng, content):
    return content[: int(rng.integers(0, len(content)))]


def cut_out(rng, content):
    start, end = _span(rng, content)
    return content[:start] + content[end:]


def insert(rng, content):
    at = int(rng.integers(0, len(content)))
    return content[:at] + rng.bytes(int(rng.integers(1, 50))) + content[at:]


def double(rng, content):
    start, end = _span(rng, content)
    return content[:end] + content[start:end] * int(rng.integers(1, 20)) + content[end:]


def swap(rng, content):
    (a, b), (c, d) = sorted((_span(rng, content), _span(rng, content)))
    b = min(b, c)
    return content[:a] + content[c:d] + content[b:c] + content[a:b] + content[d:]


def edit_number(rng, content):
    found = list(_NUMBER.finditer(content))
    if not found:
        return flip(rng, content)
    hit = found[rng.integers(0, len(found))]
    return content[: hit.start()] + _TEXTS[rng.integers(0, len(_TEXTS))] + content[hit.end() :]


def swap_words(rng, content):
    found = list(_WORD.finditer(content))
    if len(found) < 2:
        return flip(rng, content)
    one, other = (found[i] for i in rng.integers(0, len(found), 2))
    return content[: one.start()] + other[0] + content[one.end() :]


BINARY = (flip, put_byte, put_whole, put_whole, truncate, cut_out, insert, double, swap)
#: Where the length of what follows is written before it, a byte more or less ends the reading at once.
IN_PLACE = (flip, flip, put_byte, put_byte, put_whole, put_whole, truncate, double)
TEXT = (
    flip,
    put_byte,
    truncate,
    cut_out,
    insert,
    double,
    swap,
    edit_number,
    edit_number,
    edit_number,
    swap_words,
)


def _any(ways):
    def mutate(rng, content):
        for _ in range(int(rng.choice([1, 1, 1, 2, 3]))):
            content = ways[rng.integers(0, len(ways))](rng, content) if content else b"\x00"
        return content

    return mutate


of_bytes, of_text, of_place = _any(BINARY), _any(TEXT), _any(IN_PLACE)


def of_archive(rng, content):
    """Damage one part and pack it again, so that its checksum holds; every fifth time damage the archive."""
    if rng.integers(0, 5) == 0:
        return of_bytes(rng, content)
    parts = unzipped(content)
    name = str(rng.choice(list(parts)))
    # Every part as often as the others, but the one that describes them as often as all together.
    if "schema.json" in parts and rng.integers(0, 2):
        name = "schema.json"
    is_text = name.endswith((".json", ".xml", ".rels", ".csv"))
    parts[name] = (of_text if is_text else of_bytes)(rng, parts[name])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return archive(parts, method=zipfile.ZIP_STORED)


def mutants(seeds, mutate, *, count=COUNT, seed=2026):
    """Yield damaged files, always the same ones."""
    rng = np.random.default_rng(seed)
    for i in range(count):
        yield mutate(rng, seeds[i % len(seeds)])
