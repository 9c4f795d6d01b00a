"""Archives that expand without end, lie about what is in them, or reach outside."""

from __future__ import annotations

import gzip
import stat
import zipfile

from tests.hostile.hostile_file import accepted, refused
from tests.hostile.table_foreign import pickled
from tests.hostile.table_texts import GOOD, ROWS
from tests.hostile.zips import MEGABYTE, archive, deflated, gzip_bomb, overlapping, raw_zip, repeated_deflate

HEADER = b"y,g,a\n"
#: A megabyte of rows; 1,100 of them are more than may come out.
BLOCK = ROWS * (MEGABYTE // len(ROWS))


def entry(name, *, mode=stat.S_IFREG, flags=0):
    """Describe a file in an archive."""
    found = zipfile.ZipInfo(name)
    found.external_attr = (mode | 0o644) << 16
    found.flag_bits = flags
    return found


def zip_bomb():
    """Return 1.1 GB of rows in an archive of some 3 MB."""
    return raw_zip({"loans.csv": repeated_deflate(HEADER, BLOCK, 1_100)})


def modest_lie():
    """Return the same, with a directory that promises 100 bytes."""
    packed, crc, _ = repeated_deflate(HEADER, BLOCK, 1_100)
    return raw_zip({"loans.csv": (packed, crc, 100)})


def lie(*, size=None, crc=None):
    """Return an archive whose directory has another size or checksum than its file."""

    def build():
        packed, true_crc, true_size = deflated(GOOD)
        return raw_zip(
            {"a.csv": (packed, true_crc if crc is None else crc, true_size if size is None else size)}
        )

    return build


def locked():
    """Return an archive that says that its file has a password."""
    content = bytearray(archive({"a.csv": GOOD}))
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + place] |= 1
    return bytes(content)


def cut(build, share):
    """Return the first part of a file."""
    return lambda: (content := build())[: int(len(content) * share)]


def _zipped(*parts):
    return lambda: archive(list(parts))


def nested(levels):
    """Return an archive in an archive in an archive …"""

    def build():
        content = archive({"a.csv": GOOD})
        for _ in range(levels):
            content = archive({"inner.zip": content})
        return content

    return build


BOMBS = [
    refused("bomb", "gzip", lambda: gzip_bomb(HEADER, BLOCK, 1_100), "too_large", "1,024 MB unpacked"),
    refused("bomb", "zip", zip_bomb, "too_large", "1,024 MB unpacked"),
    refused("bomb", "zip that promises little", modest_lie, "too_large damaged_archive"),
    refused(
        "bomb",
        "gzip in a zip in a gzip",
        lambda: gzip.compress(archive({"a.gz": gzip_bomb(HEADER, BLOCK, 60)}), mtime=0),
        "not_a_table",
        "zip archive",
        "Unpack",
    ),
    refused(
        "bomb",
        "parts that lie over each other",
        lambda: overlapping(GOOD),
        "unsafe_archive",
        "over each other",
    ),
    refused(
        "bomb",
        "20,000 files",
        lambda: archive({f"{i}.csv": b"y\n1\n" for i in range(20_000)}),
        "unsafe_archive",
        "10,000 files",
    ),
    refused(
        "bomb",
        "one row without an end",
        lambda: gzip_bomb(HEADER, b"1," * (MEGABYTE // 2), 200),
        "ragged_row too_large",
    ),
]
OUTSIDE = [
    refused(
        "archive",
        "a way out of the folder",
        _zipped(("../../etc/cron.d/x.csv", GOOD)),
        "unsafe_archive",
        "unsafe name",
    ),
    refused("archive", "an absolute path", _zipped(("/etc/passwd", GOOD)), "unsafe_archive", "unsafe name"),
    refused(
        "archive", "a path of Windows", _zipped(("C:\\windows\\a.csv", GOOD)), "unsafe_archive", "unsafe name"
    ),
    refused(
        "archive",
        "a link",
        _zipped((entry("a.csv", mode=stat.S_IFLNK), b"/etc/passwd")),
        "unsafe_archive",
        "link",
    ),
    refused(
        "archive", "a device", _zipped((entry("a.csv", mode=stat.S_IFCHR), b"")), "unsafe_archive", "device"
    ),
    refused("archive", "a password", locked, "unsafe_archive", "password"),
    refused(
        "archive",
        "one name twice",
        _zipped(("a.csv", GOOD), ("a.csv", b"y,g\n9,9\n")),
        "unsafe_archive",
        "twice",
    ),
    refused(
        "archive",
        "an unusual packing",
        lambda: archive({"a.csv": GOOD}, method=zipfile.ZIP_LZMA),
        "unsafe_archive",
        "packed",
    ),
    refused(
        "archive",
        "markup in a name",
        _zipped(("../![x](http://evil.example/p)`*.csv", GOOD)),
        "unsafe_archive",
    ),
]
DAMAGED = [
    refused("archive", "a size too small", lie(size=5), "damaged_archive", "damaged"),
    refused("archive", "a size too large", lie(size=10**9), "damaged_archive", "damaged"),
    refused("archive", "a wrong checksum", lie(crc=1), "damaged_archive", "damaged"),
    refused(
        "archive",
        "a zip cut off",
        cut(lambda: archive({"a.csv": GOOD * 99}), 0.6),
        "damaged_archive",
        "cut off",
    ),
    refused(
        "archive",
        "a gzip cut off",
        cut(lambda: gzip.compress(GOOD * 99, mtime=0), 0.6),
        "damaged_archive",
        "cut off",
    ),
    refused(
        "archive",
        "a gzip with dust behind it",
        lambda: gzip.compress(GOOD, mtime=0) + b"dust" * 9,
        "damaged_archive",
    ),
    refused("archive", "an empty zip", lambda: archive({}), "not_a_table", "no file"),
    refused("archive", "an empty gzip", lambda: gzip.compress(b"", mtime=0), "empty_file", "empty"),
    refused("archive", "zip in zip in zip", nested(2), "not_a_table", "another zip archive"),
    refused(
        "archive",
        "gzip in gzip",
        lambda: gzip.compress(gzip.compress(GOOD), mtime=0),
        "not_a_table",
        "another gzip",
    ),
    refused(
        "archive",
        "pickle in a zip",
        lambda: archive({"readme.txt.": b"\x00\x01\x02", "a.csv": pickled(4)()}),
        "pickle",
        "pickle",
    ),
    refused(
        "archive",
        "two tables in a zip",
        _zipped(("a.csv", GOOD), ("b.csv", GOOD)),
        "choose_part",
        "`a.csv`",
        "`b.csv`",
    ),
]
HONEST = [
    accepted("archive", "gzip", lambda: gzip.compress(GOOD, mtime=0), (4, 3)),
    accepted(
        "archive",
        "gzip of several members",
        lambda: gzip.compress(HEADER, mtime=0) + gzip.compress(ROWS, mtime=0) * 2,
        (8, 3),
    ),
    accepted(
        "archive",
        "zip from a Mac",
        _zipped(("a.csv", GOOD), ("__MACOSX/._a.csv", b"\x00\x05\x16\x07")),
        (4, 3),
    ),
]
ARCHIVES = [*BOMBS, *OUTSIDE, *DAMAGED, *HONEST]
