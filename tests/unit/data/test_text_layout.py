from __future__ import annotations

import gzip
import io
import re

import pandas as pd
import pytest

from rai_dash.core.errors import InvalidChoice, UnreadableFile
from rai_dash.data.reading.limits import TableLimits
from tests.unit.data.text_reading import LIMITS, read

ROWS = "Ann;31;1000\nBob;45;2000\nCid;22;700\n"


def columns(content, **options):
    return list(read(content, **options)[0].columns)


def refused(content, **options):
    with pytest.raises((UnreadableFile, InvalidChoice)) as caught:
        read(content, **options)
    return caught.value


# --- header ---


@pytest.mark.parametrize(
    ("content", "rows"),
    [
        (ROWS, 3),
        ("31\n45\n22\n", 3),
        ("1,2\n3,4\n5,6\n", 3),
        ("A11,6,A34,1169\nA12,48,A32,5951\n", 2),
        ("39, State-gov, 77516,?\n50, Private, 83311,x\n", 2),
        ("39,?,x\n50,1.5,x\n?,2.5,y\n", 3),
        ("2020-01-05,Ann\n2020-02-06,Bob\n", 2),
        ("Male,approved\nFemale,approved\nMale,refused\n", 3),
        ("yes\nno\nyes\nno\n", 4),
        ("Male,approved\nMale,approved\nFemale,refused\n", 3),
        ("Ann,1985\nBob,1991\nCid,2001\n", 3),
        ("€ 1.200,50;Ann\n€ 7,00;Bob\n", 2),
    ],
)
def test_a_first_row_like_those_below_is_kept_as_an_applicant(content, rows):
    frame, told = read(content)

    assert len(frame) == rows
    assert list(frame.columns) == [f"column {i + 1}" for i in range(frame.shape[1])]
    assert "kept as an applicant" in told["no_header"][0].message
    assert content.split("\n")[0].split(",")[0].split(";")[0] in told["no_header"][0].message


@pytest.mark.parametrize(
    ("content", "names", "is_told"),
    [
        ("name,age\nAnn,31\nBob,45\n", ["name", "age"], False),
        ("a,a, \n1,2,3\n4,5,6\n", ["a", "a (2)", "Unnamed: 2"], False),
        (",b\n0,1\n1,2\n", ["Unnamed: 0", "b"], False),
        ("id,2019,2020,2021\n7,100,200,300\n8,150,250,350\n", ["id", "2019", "2020", "2021"], True),
        ("name,2019\nAnn,500\nBob,700\n", ["name", "2019"], True),
        ("0,1,2\n5,7,8\n6,9,9\n", ["0", "1", "2"], True),
        ("q1,1\nyes,no\nno,yes\n", ["q1", "1"], True),
        ("age,x\n?,1\n31,\n", ["age", "x"], False),
        ("sex,loan\nMale,yes\nFemale,no\n", ["sex", "loan"], False),
        ("x\na\nb\n", ["x"], False),
    ],
)
def test_a_row_of_names_stays_the_header(content, names, is_told):
    frame, told = read(content)

    assert list(frame.columns) == names
    assert len(frame) == 2
    assert ("no_header" in told) is is_told


@pytest.mark.parametrize(
    "file",
    [
        "boston-mortgage/loanapp.csv.gz",
        "german-credit/german_credit_coded.csv.gz",
        "german-credit/german_credit_decoded.csv.gz",
        "german-credit/south_german_credit.asc.gz",
        "story/group_training.csv.gz",
        "story/notebook_production_110.csv.gz",
    ],
)
def test_real_tables_are_read_with_their_header_and_without_it(shared, file):
    content = gzip.decompress((shared / "data" / file).read_bytes())
    header, _, rows = content.partition(b"\n")

    whole, told = read(content)
    bare, told_bare = read(rows)

    assert list(whole.columns) == re.split(r"[ ,]", header.decode().strip())
    assert "no_header" not in told
    assert "no_header" in told_bare
    pd.testing.assert_frame_equal(bare.set_axis(whole.columns, axis=1), whole)


@pytest.mark.parametrize("content", ["age,n\n31,1\n45,2\n", ROWS.replace(";", ",")])
def test_what_is_chosen_about_the_header_is_done_without_a_word(content):
    lines = content.strip().split("\n")
    width = lines[0].count(",") + 1

    frame, told = read(content, header=True)
    assert list(frame.columns) == lines[0].split(",")
    assert len(frame) == len(lines) - 1
    assert "no_header" not in told

    frame, told = read(content, header=False)
    assert list(frame.columns) == [f"column {i + 1}" for i in range(width)]
    assert [str(v) for v in frame.iloc[0]] == lines[0].split(",")
    assert "no_header" not in told


def test_given_names_are_the_names_and_every_row_is_an_applicant():
    frame, told = read(ROWS, names=("who", "age", "income"))

    assert list(frame.columns) == ["who", "age", "income"]
    assert frame["income"].tolist() == [1000, 2000, 700]
    assert told == {}
    assert columns("a,b\n1,2\n", header=True, names=("x", "y")) == ["x", "y"]
    assert len(read("a,b\n1,2\n", header=True, names=("x", "y"))[0]) == 1


def test_too_few_names_are_refused_with_both_numbers():
    error = refused(ROWS, header=False, names=("who", "age"))

    assert error.code == "names_mismatch"
    assert "2 names are given for 3 columns" in error.message


# --- lines above and beside the table ---


@pytest.mark.parametrize(
    ("above", "code", "rows"),
    [
        ("# made by hand\n", "comment_line", 1),
        ("% made by hand\n%\n", "comment_line", 2),
        ("// made by hand\n\n// 2020\n", "comment_line", 2),
        ("# who, age, more\n# a, b\n", "comment_line", 2),
        ("# one, comma, more\n", "comment_line", 1),
        ("Loan report\n", "title_line", 1),
        ("Loan report\n\n", "title_line", 1),
        ("Loan report\nBranch 7\n\n", "title_line", 2),
        ("Loan report,,\n,,\n", "title_line", 2),
        ("\n\n", None, 0),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_above_the_header_are_skipped_and_told(above, code, rows, end):
    table = "who,age,income\nAnn,31,1\nBob,45,2\nCid,22,3\n"

    frame, told = read((above + table).replace("\n", end))

    pd.testing.assert_frame_equal(frame, pd.read_csv(io.StringIO(table)), check_dtype=False)
    assert {c: told[c][0].rows for c in told} == ({code: rows} if code else {})


def test_a_title_of_a_table_of_two_columns_needs_a_blank_line_below_it():
    assert columns("Loans\n\nwho,age\nAnn,31\nBob,45\n") == ["who", "age"]
    assert refused("Loans\nwho,age\nAnn,31\nBob,45\n").code == "ragged_row"


def test_a_short_header_above_applicants_is_no_title():
    assert refused("who\nAnn,31,1\nBob,45,2\nCid,22,3\n").code == "ragged_row"


@pytest.mark.parametrize(
    ("content", "names"),
    [
        ("#id,b\n1,2\n3,4\n", ["#id", "b"]),
        ("# id,b\n1.0,2.0\n3.0,4.0\n", ["# id", "b"]),
        ("%owned,b\n1,2\n3,4\n", ["%owned", "b"]),
        ("#id,b\n#1,x\n#2,y\n", ["#id", "b"]),
        ("#id\n1\n2\n", ["#id"]),
    ],
)
def test_a_header_may_look_like_a_comment(content, names):
    frame, told = read(content)

    assert list(frame.columns) == names
    assert len(frame) == 2
    assert "comment_line" not in told


def test_chosen_lines_are_skipped_and_nothing_else():
    assert columns("x,y\n# a,b,c\nwho,age\nAnn,31\n", skip_lines=2) == ["who", "age"]
    assert columns("# who,age\nAnn,31\n", skip_lines=0) == ["# who", "age"]
    assert refused("a\nb\n", skip_lines=2).code == "no_rows"


def test_line_numbers_count_what_was_skipped():
    assert refused("Report\n\na,b,c\n1,2,3\n1,2\n").message.startswith("Line 5 has 2 fields")
    assert refused("x\ny\na,b,c\n1,2,3\n1,2\n", skip_lines=2).message.startswith("Line 5 has 2 fields")
    assert refused("7,2,3\n1,2\n1,2,3\n").message.startswith("Line 2 has 2 fields, the first row has 3")


def test_separators_at_the_end_of_every_line_are_no_column():
    for content in ("a,b,\n1,2,\n3,4,\n", "a,b\n1,2,\n3,4,\n", "a,b,,\n1,2,,\n3,4, ,\n"):
        frame, told = read(content)
        assert frame.to_dict("list") == {"a": [1, 3], "b": [2, 4]}
        assert list(told) == ["trailing_separator"]
    assert read("1;2;\n3;4;\n")[0].to_numpy().tolist() == [[1, 2], [3, 4]]


def test_a_value_behind_the_last_separator_is_not_lost():
    frame, told = read("a,b,\n1,2,\n3,4,5\n")
    assert list(frame.columns) == ["a", "b", "Unnamed: 2"]
    assert told == {}

    rows = "1,2,\n" * 300 + "1,2,3\n"
    assert refused("a,b\n" + rows).message.startswith("Line 302 has 3 fields, the header has 2.")


def test_separators_at_the_end_of_some_lines_only_are_refused_with_the_line():
    assert refused("a,b\n1,2\n1,2\n1,2,\n").message.startswith("Line 4 has 3 fields, the header has 2.")
    assert refused("a,b\n1,2,\n1,2,\n1,2\n").message.startswith("Line 4 has 2 fields, most lines have 3.")


def test_row_names_of_a_statistics_program_get_a_column_of_their_own():
    frame, _ = read('"who" "age"\n"1" "Ann Lee" 31\n"2" "Bob" 45\n"3" "Cid" 22\n')

    assert list(frame.columns) == ["Unnamed: 0", "who", "age"]
    assert frame["who"].tolist() == ["Ann Lee", "Bob", "Cid"]


def test_a_decimal_comma_without_quotes_is_never_taken_for_a_column():
    error = refused("who,income\nAnn,1,5\nBob,2,7\n")

    assert error.message.startswith("Line 2 has 3 fields, the header has 2. Is there a comma inside a value?")


# --- separators ---


@pytest.mark.parametrize(
    ("content", "separator", "shape"),
    [
        ("1,5;2,5;3,5\n4,5;5,5;6,5\n", ";", (2, 3)),
        ("1,5\t2,5\n4,5\t5,5\n", "\t", (2, 2)),
        ("a b c\n1,5 2 3\n2,5 3 4\n", " ", (2, 3)),
        ("a;b\nx, y;1\np, q, r;2\n", ";", (2, 2)),
        ("a,b\nx; y,1\np; q,2\n", ",", (2, 2)),
        ("a|b,c\n1|2\n3|4\n", "|", (2, 2)),
        ("sep=;\na,x;b\n1;2\n", ";", (1, 2)),
        ("a  b\n'x 'y\n", " ", (1, 2)),
    ],
)
def test_the_separator_is_the_one_that_divides_every_line_alike(content, separator, shape):
    frame, told = read(content)
    chosen, _ = read(content.removeprefix("sep=;\n"), separator=separator)

    assert frame.shape == shape
    assert frame.equals(chosen)
    assert ("separator" in told) is (separator == " ")


def test_a_chosen_separator_wins_over_the_guess():
    assert columns("a;b,c\n1;2,3\n", separator=";") == ["a", "b,c"]
    assert columns("a;b,c\n1;2,3\n", separator=",") == ["a;b", "c"]
    assert read("a b,c\n1 2,3\n", separator=" ")[0].shape == (1, 2)


# --- encodings and cells ---


@pytest.mark.parametrize(
    ("first", "encoding", "codec", "wanted"),
    [
        ("é".encode(), "utf-8", "ascii", "é"),
        ("é".encode(), "latin-1", "ascii", "Ã©"),
        (b"\x80\xe9", "cp1252", "ascii", "€é"),
        (b"\x81\xe9", "latin-1", "ascii", "\x81é"),
        ("é".encode("utf-8-sig"), "latin-1", "ascii", "Ã©"),
        ("é€".encode("utf-16"), "utf-16", "utf-16-le", "é€"),
        ("é€".encode("utf-16-le"), "utf-16", "utf-16-le", "é€"),
        ("é€".encode("utf-16-be"), "utf-16", "utf-16-be", "é€"),
    ],
)
def test_a_chosen_encoding_is_used(first, encoding, codec, wanted):
    frame, told = read(first + "k,n\nx,1\n".encode(codec), encoding=encoding)

    assert frame.columns[0] == wanted + "k"
    assert frame["n"].tolist() == [1]
    assert told == {}


@pytest.mark.parametrize(
    ("content", "encoding", "place"),
    [
        (b"a\nb\n\xe9\n", "utf-8", "in line 3"),
        (b"a\n\x81\n", "cp1252", "in line 2"),
        (b"a\x00\x00\xd8b\x00", "utf-16", "near byte 2"),
    ],
)
def test_an_encoding_that_does_not_fit_is_refused_with_the_place(content, encoding, place):
    error = refused(content, encoding=encoding)

    assert error.code == "wrong_encoding"
    assert f"not {encoding} {place}" in error.message


@pytest.mark.parametrize(
    ("content", "where"),
    [
        ("a,note\n1,x\n2,{}\n3,y\n", "`note` in line 3"),
        ('# c\na,note\n1,"x\n\nz"\n2,"{}"\n', "`note` in line 6"),
        ("1,x\n2,y\n3,{}\n", "`column 2` in line 3"),
    ],
)
def test_a_cell_over_the_limit_is_refused_with_its_place(content, where):
    limits = TableLimits(**(LIMITS.to_args() | {"cell_chars": 20}))

    assert read(content.format("é" * 20), limits=limits)[0].shape[1] == 2
    error = refused(content.format("é" * 21), limits=limits)

    assert error.code == "cell_too_long"
    assert f"A cell of {where} has more than 20 characters" in error.message


def test_a_cell_larger_than_a_block_is_named_too():
    error = refused("a,b\n1,2\n3," + "x" * 2**25 + "\n")

    assert error.code == "cell_too_long"
    assert "`b` in line 3" in error.message
