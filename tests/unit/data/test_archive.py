from __future__ import annotations

import gzip
import io
import pickle  # noqa: TID251 - to build what must be refused
import re
import stat
import struct
import warnings
import zipfile

import pandas as pd
import pytest
from pyarrow import feather

from rai_dash.core.errors import UnreadableFile
from rai_dash.data.options import ReadOptions

CSV = b"loan,age\nyes,31\nno,45\n"
TABLE = pd.DataFrame({"loan": pd.Series(["yes", "no"], dtype="str"), "age": [31, 45]})


def packed(*members, method=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of names that come twice
        for name, content in members:
            archive.writestr(name, content)
    return out.getvalue()


def refused(parse, content, options=None, **limits):
    with pytest.raises(UnreadableFile) as caught:
        parse(content, options, **limits)
    return caught.value


def feather_bytes(table):
    out = io.BytesIO()
    feather.write_feather(table, out)
    return out.getvalue()


# --- what is read ---


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize(
    "inner", [CSV, CSV.decode().encode("utf-16"), TABLE.to_parquet(), feather_bytes(TABLE)],
    ids=["csv", "utf-16", "parquet", "feather"],
)  # fmt: skip
def test_one_table_in_a_zip_archive_is_that_table(parse, method, inner):
    frame, notices = parse(packed(("folder/loans", inner), method=method))

    pd.testing.assert_frame_equal(frame, TABLE)
    assert "part_chosen" not in notices


@pytest.mark.parametrize("inner", [CSV, TABLE.to_parquet(), feather_bytes(TABLE)])
def test_a_table_in_gzip_is_that_table(parse, inner):
    pd.testing.assert_frame_equal(parse(gzip.compress(inner, mtime=0))[0], TABLE)


def test_two_gzip_pieces_in_a_row_are_one_file(parse):
    frame, _ = parse(gzip.compress(b"loan,age\nyes,31\n", mtime=0) + gzip.compress(b"no,45\n", mtime=0))

    pd.testing.assert_frame_equal(frame, TABLE)


def test_folders_and_what_a_mac_leaves_behind_do_not_count(parse):
    content = packed(
        ("data/", b""),
        ("data/loans.csv", CSV),
        ("__MACOSX/data/._loans.csv", b"\x00\x05\x16\x07"),
        ("data/.DS_Store", b"\x00\x00\x00\x01Bud1"),
        ("data/._loans.csv", b"a,b\n1,2\n"),
    )

    pd.testing.assert_frame_equal(parse(content)[0], TABLE)


def test_a_picture_beside_the_table_does_not_count(parse):
    content = packed(("logo.png", b"\x89PNG\r\n\x1a\n\x00"), ("loans.csv", CSV))

    pd.testing.assert_frame_equal(parse(content)[0], TABLE)


def test_of_several_tables_one_has_to_be_chosen(parse):
    content = packed(("a.csv", b"x,y\n1,2\n"), ("b/loans.csv", CSV), ("c.csv", CSV))

    error = refused(parse, content)
    assert error.code == "choose_part"
    assert "3 tables: `a.csv`, `b/loans.csv`, `c.csv`. Choose" in error.message

    frame, notices = parse(content, ReadOptions(part="b/loans.csv"))
    pd.testing.assert_frame_equal(frame, TABLE)
    message = notices["part_chosen"][0]["message"]
    assert message == "The zip archive holds 3 tables; `b/loans.csv` was read. Others: `a.csv`, `c.csv`."


def test_a_file_that_is_not_in_the_archive_is_said(parse):
    error = refused(parse, packed(("a.csv", CSV)), ReadOptions(part="b.csv"))

    assert error.code == "choose_part"
    assert "no file `b.csv`. It has: `a.csv`." in error.message


def test_names_from_the_archive_are_shown_without_what_could_mislead(parse):
    error = refused(parse, packed(("a`\u202eb.csv", CSV), ("x" * 200 + ".csv", CSV)))

    assert "`a??b.csv`" in error.message
    assert "x" * 79 + "…" in error.message
    assert "x" * 81 not in error.message


def test_text_in_utf_16_without_its_mark_is_read_from_an_archive_once_chosen(parse):
    content = packed(("loans.csv", CSV.decode().encode("utf-16-le")))

    assert "choose UTF-16" in refused(parse, content).message
    pd.testing.assert_frame_equal(parse(content, ReadOptions(encoding="utf-16"))[0], TABLE)


# --- what is inside and is no table ---


@pytest.mark.parametrize(
    ("inner", "code", "words"),
    [
        (pickle.dumps({"a": 1}), "pickle", "pickle file.*rai-dash convert"),
        (gzip.compress(CSV, mtime=0), "not_a_table", "zip archive holds a gzip archive. Unpack it once"),
        (packed(("a.csv", CSV)), "not_a_table", "zip archive holds another zip archive"),
        (packed(("xl/workbook.xml", b"")), "not_a_table", "zip archive holds an Excel workbook"),
        (b"%PDF-1.7\n\x00", "not_a_table", "PDF"),
        (b"", "empty_file", "empty"),
        (b"tree\nversion=v4\n", "model_not_table", "LightGBM model.*Choose it as the model"),
    ],
)
def test_what_is_in_a_zip_archive_is_named(parse, inner, code, words):
    error = refused(parse, packed(("it", inner)))

    assert error.code == code
    assert re.search(words, error.message)


def test_a_pickle_among_other_files_that_are_no_tables_is_named_first(parse):
    content = packed(("a.pdf", b"%PDF-1.7"), ("m.joblib", pickle.dumps([1], protocol=3)))

    assert refused(parse, content).code == "pickle"


def test_a_torch_file_is_named_as_one(parse):
    error = refused(parse, packed(("archive/data.pkl", pickle.dumps([1])), ("archive/version", b"3\n")))

    assert error.code == "model_not_table"
    assert "PyTorch" in error.message


@pytest.mark.parametrize(
    ("inner", "words"),
    [
        (gzip.compress(CSV, mtime=0), "another gzip archive"),
        (packed(("a.csv", CSV)), "holds a zip archive"),
        (packed(("xl/workbook.xml", b"")), "holds an Excel workbook"),
    ],
)
def test_an_archive_inside_gzip_is_refused(parse, inner, words):
    assert words in refused(parse, gzip.compress(inner, mtime=0)).message


def test_an_archive_without_a_file_is_said(parse):
    assert "holds no file" in refused(parse, packed()).message
    assert "holds no file" in refused(parse, packed(("folder/", b""))).message


# --- hostile archives ---


@pytest.mark.parametrize(
    "name",
    ["/etc/passwd", "../up.csv", "a/../../up.csv", "..", "C:/x.csv", "a\\b.csv", "a\nb.csv", "a\x7f.csv"],
)
def test_unsafe_names_are_refused(parse, name):
    error = refused(parse, packed((name, CSV)))

    assert error.code == "unsafe_archive"
    assert "unsafe name" in error.message


def test_dots_inside_a_name_are_harmless(parse):
    pd.testing.assert_frame_equal(parse(packed(("a..b/..c.csv", CSV)))[0], TABLE)


def test_links_and_devices_are_refused(parse):
    for kind in (stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR):
        entry = zipfile.ZipInfo("loans.csv")
        entry.create_system = 3
        entry.external_attr = (kind | 0o644) << 16
        error = refused(parse, packed((entry, b"/etc/passwd")))

        assert error.code == "unsafe_archive"
        assert "is a link or device" in error.message


def test_a_password_is_said(parse):
    content = bytearray(packed(("loans.csv", CSV)))
    for mark, place in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        content[content.index(mark) + place] |= 1

    assert "`loans.csv` in the zip archive has a password" in refused(parse, bytes(content)).message


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_rare_ways_of_packing_are_refused(parse, method):
    assert "ordinary zip" in refused(parse, packed(("a.csv", CSV), method=method)).message


def test_one_name_twice_is_refused(parse):
    error = refused(parse, packed(("a.csv", CSV), ("b.csv", CSV), ("a.csv", b"x\n1\n")))

    assert error.code == "unsafe_archive"
    assert "holds `a.csv` twice" in error.message


def directory(content, place, value, entry=0):
    """Change a number of four bytes in an entry of the directory."""
    at = -1
    for _ in range(entry + 1):
        at = content.index(b"PK\x01\x02", at + 1)
    return content[: at + place] + struct.pack("<I", value) + content[at + place + 4 :]


def test_files_that_share_their_bytes_are_refused(parse):
    content = packed(("a.csv", CSV * 50), ("b.csv", CSV * 50))
    second = directory(content, 42, 0, entry=1)  # the second file begins where the first does

    error = refused(parse, second, ReadOptions(part="a.csv"))

    assert error.code == "unsafe_archive"
    assert "lie over each other" in error.message


@pytest.mark.parametrize("size", [len(CSV) - 5, len(CSV) + 5, 2**32 - 2])
def test_a_file_that_is_not_as_long_as_it_says_is_refused(parse, size):
    content = packed(("a.csv", CSV))

    assert refused(parse, directory(content, 24, size)).code == "damaged_archive"


def test_a_wrong_checksum_is_refused(parse):
    assert refused(parse, directory(packed(("a.csv", CSV)), 16, 12345)).code == "damaged_archive"


@pytest.mark.parametrize("pack", [lambda c: packed(("a.csv", c)), gzip.compress])
def test_a_bomb_stops_at_the_limit(parse, pack):
    error = refused(parse, pack(b"a,b\n" + b"1,2\n" * 2_000_000), expanded_mb=1)

    assert error.code == "too_large"
    assert "more than 1 MB unpacked" in error.message


def test_a_bomb_that_says_it_is_small_is_refused(parse):
    bomb = directory(packed(("a.csv", b"a,b\n" + b"1,2\n" * 2_000_000)), 24, 100)

    assert refused(parse, bomb, expanded_mb=1).code in {"too_large", "damaged_archive"}


@pytest.mark.parametrize("pack", [lambda c: packed(("a.csv", c)), gzip.compress])
def test_an_archive_cut_off_anywhere_or_with_a_changed_byte_is_refused_or_the_same_table(parse, pack):
    content = pack(CSV * 3)
    wanted, _ = parse(content)
    changed = [content[:i] for i in range(4, len(content), 7)]
    changed += [
        content[:i] + bytes([content[i] ^ 0x55]) + content[i + 1 :] for i in range(0, len(content), 3)
    ]
    outcomes = set()
    for one in changed:
        try:
            frame, _ = parse(one)
        except UnreadableFile as error:
            outcomes.add(error.code)
        else:
            pd.testing.assert_frame_equal(frame, wanted)
    assert "damaged_archive" in outcomes
    assert outcomes <= {"damaged_archive", "unsafe_archive", "not_a_table", "choose_part", "too_large"}
