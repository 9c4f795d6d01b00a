"""Reading through a real process: what only shows there."""

from __future__ import annotations

import hashlib

import pytest

from rai_dash.core.errors import UnreadableFile
from rai_dash.core.fingerprint import fingerprint_value
from rai_dash.core.types import Roles
from rai_dash.data.options import ReadOptions
from rai_dash.data.read import read_dataset
from tests.unit.data.workbook_files import repacked, two_sheets

CSV = b"loan,sex\nyes,f\nno,m\n"
LOAN = Roles(target="loan", favourable=("yes",))


def test_options_travel_to_the_other_process_and_are_part_of_the_fingerprint():
    content = two_sheets()

    plain = read_dataset(content)
    chosen = read_dataset(content, LOAN, options=ReadOptions(part="Loans"))

    assert plain.columns == ("x", "y")
    assert chosen.outcome.tolist() == [1, 0]
    assert "`Loans` was read. Others: `Sheet`" in {n.code: n.message for n in chosen.warnings}["part_chosen"]
    sha = hashlib.sha256(content).hexdigest()
    assert plain.fingerprint == sha
    assert chosen.fingerprint == fingerprint_value(
        {"file": sha, "options": ReadOptions(part="Loans").to_args()}
    )


def test_a_workbook_that_takes_its_reader_down_is_refused_and_the_next_file_is_read():
    def hide(name, part):
        if name != "xl/worksheets/sheet1.xml":
            return part
        assert b'<c r="B2"' in part
        return part.replace(b'<c r="B2"', b'<c z=">" r="XFD1048576"')  # a far cell, hidden from a quick look

    with pytest.raises(UnreadableFile) as caught:
        read_dataset(repacked(two_sheets(), hide))
    assert caught.value.code in {"damaged_file", "too_large"}
    assert "Only its own process was affected" in caught.value.message or "memory" in caught.value.message
    assert read_dataset(CSV).n_rows == 2
