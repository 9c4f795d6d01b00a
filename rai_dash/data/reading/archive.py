"""Unpacking gzip and zip: what comes out is counted, what an archive says about itself is not believed."""

from __future__ import annotations

import gzip
import io
import re
import stat
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Final

from rai_dash.core.errors import UnreadableFile
from rai_dash.core.texts import tr
from rai_dash.core.types import Notice
from rai_dash.data.options import ReadOptions
from rai_dash.data.reading.kinds import GZIP, PICKLE, XLSX, ZIP, FileKind
from rai_dash.data.reading.limits import TableLimits
from rai_dash.data.reading.refusals import no_table, table_kind
from rai_dash.data.reading.sniff import HEAD

CHUNK: Final = 2**20
MAX_PARTS: Final = 10_000
_SHOWN: Final = 10
_LOCAL_HEADER: Final = 30
_METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED: Final = 0x1 | 0x40
_UNSAFE_NAME: Final = re.compile(r"^/|^[A-Za-z]:|\\|(^|/)\.\.(/|$)|[\x00-\x1f\x7f]")
#: What archive programs and systems put beside the files.
_CLUTTER: Final = re.compile(r"^__MACOSX/|(^|/)(\.DS_Store|\._[^/]*|Thumbs\.db|desktop\.ini)$")
_ANOTHER: Final = {
    ("gzip", "gzip archive"): "another gzip archive",
    ("zip", "zip archive"): "another zip archive",
}
_GZIP_WORDS: Final = "gzip archive"
_DAMAGED: Final = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    ValueError,
    KeyError,
    NotImplementedError,
    RuntimeError,
)


def _damaged(what: str) -> UnreadableFile:
    msg = f"The {what} is damaged or cut off. Pack or download the file again."
    return UnreadableFile(msg, code="damaged_archive")


def gunzip(content: memoryview, limits: TableLimits) -> bytearray:
    """Unpack a gzip file, counting what comes out; the size that its trailer declares is not believed.

    Raises
    ------
    UnreadableFile
        When more comes out than is allowed, or the archive is damaged or cut off.
    """
    out = bytearray()
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as stream:
            while part := stream.read(CHUNK):
                limits.check_size(len(out) + len(part), packed=len(content))
                out += part
    except (OSError, EOFError, zlib.error):
        raise _damaged(_GZIP_WORDS) from None
    return out


def shown_name(name: str) -> str:
    """Write the name of a part for a message; it comes from the file."""
    bare = "".join(c if c.isprintable() and c != "`" else "?" for c in name)
    return f"`{bare if len(bare) <= 80 else bare[:79] + '…'}`"


def shown_names(names: Sequence[str]) -> str:
    """List names for a message."""
    more = f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else ""
    return ", ".join(shown_name(n) for n in names[:_SHOWN]) + more


def _check_entry(entry: zipfile.ZipInfo, what: str) -> None:
    """Refuse a part with an unsafe name, a password, a link or an unknown method."""
    shown = shown_name(entry.orig_filename)
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if _UNSAFE_NAME.search(entry.orig_filename):
        msg = f"The {what} holds a file with an unsafe name, {shown}. Pack the table alone, without folders."
    elif entry.flag_bits & _ENCRYPTED:
        msg = f"{shown} in the {what} has a password. Pack it again without one."
    elif kind not in {0, stat.S_IFREG, stat.S_IFDIR}:
        msg = f"{shown} in the {what} is a link or device, not a file. Pack the table itself."
    elif entry.compress_type not in _METHODS:
        msg = f"{shown} in the {what} is packed in a way that is not read here. Pack it with ordinary zip or gzip."
    else:
        return
    raise UnreadableFile(msg, code="unsafe_archive")


def _check_places(entries: Sequence[zipfile.ZipInfo], what: str) -> None:
    """Refuse names that come twice, and parts that share their bytes, as the densest bombs do."""
    ((double, count),) = Counter(e.orig_filename for e in entries).most_common(1) or (("", 0),)
    if count > 1:
        msg = tr(
            "The {what} holds {shown_name} twice, so it is not clear which one counts. Pack it again.",
            what=what,
            shown_name=shown_name(double),
        )
        raise UnreadableFile(msg, code="unsafe_archive")
    free = 0
    for entry in sorted(entries, key=lambda e: e.header_offset):
        if entry.header_offset < free:
            msg = tr(
                "Files in the {what} lie over each other, as in an archive that expands without end. Pack it "
                "again.",
                what=what,
            )
            raise UnreadableFile(msg, code="unsafe_archive")
        free = entry.header_offset + _LOCAL_HEADER + len(entry.orig_filename) + entry.compress_size


@dataclass(frozen=True, slots=True)
class Archive:
    """A zip archive whose directory was checked.

    Parameters
    ----------
    file : ZipFile
        Open.
    entries : mapping of str to ZipInfo
        Its files by name, without folders.
    what : str
        What to call it: "zip archive", "workbook".
    """

    file: zipfile.ZipFile
    entries: dict[str, zipfile.ZipInfo]
    what: str

    @contextmanager
    def _opened(self, name: str) -> Iterator[IO[bytes]]:
        try:
            with self.file.open(self.entries[name]) as stream:
                yield stream
        except _DAMAGED:
            raise _damaged(self.what) from None

    def head(self, name: str) -> bytes:
        """Return the first bytes of a file."""
        with self._opened(name) as stream:
            return stream.read(HEAD)

    def chunks(self, name: str) -> Iterator[bytes]:
        """Unpack a file piece by piece; it must be as long as the directory says.

        Raises
        ------
        UnreadableFile
            When it is damaged.
        """
        size = 0
        with self._opened(name) as stream:
            while part := stream.read(CHUNK):
                size += len(part)
                yield part
        if size != self.entries[name].file_size:
            raise _damaged(self.what)


@contextmanager
def open_archive(content: memoryview, what: str = "zip archive") -> Iterator[Archive]:
    """Open a zip archive and check its directory.

    Raises
    ------
    UnreadableFile
        When it is damaged, or a name, a link, a password, a method or the layout is not safe.
    """
    try:
        file = zipfile.ZipFile(io.BytesIO(content))
    except _DAMAGED:
        raise _damaged(what) from None
    with file:
        entries = file.infolist()
        if len(entries) > MAX_PARTS:
            msg = tr(
                "The {what} holds more than {max_parts} files. Pack the table alone.",
                what=what,
                max_parts=f"{MAX_PARTS:,}",
            )
            raise UnreadableFile(msg, code="unsafe_archive")
        for entry in entries:
            _check_entry(entry, what)
        _check_places(entries, what)
        yield Archive(file, {e.orig_filename: e for e in entries if not e.is_dir()}, what)


@dataclass(frozen=True, slots=True)
class Member:
    """The one table taken from a zip archive.

    Parameters
    ----------
    content : bytearray
        Unpacked.
    part : str
        Its name.
    parts : tuple of str
        Names of all tables in the archive, in order.
    """

    content: bytearray
    part: str
    parts: tuple[str, ...]


def require_inner_table(kind: FileKind, where: str) -> None:
    """Refuse an archive or a workbook inside an archive."""
    if kind in (GZIP, ZIP, XLSX):
        msg = tr(
            "The {where} holds {another}. Unpack it once and choose the result.",
            where=where,
            another=_ANOTHER.get((kind.name, where), kind.label),
        )
        raise UnreadableFile(msg, code="not_a_table")


def _chosen(kinds: dict[str, FileKind], part: str | None) -> str:
    """Choose the file to read."""
    tables = _tables(kinds)
    if part is not None:
        if part in kinds:
            return part
        msg = tr(
            "The zip archive has no file {shown_name}. It has: {shown_names}.",
            shown_name=shown_name(part),
            shown_names=shown_names(list(kinds)),
        )
        raise UnreadableFile(msg, code="choose_part")
    if len(tables) > 1:
        msg = tr(
            "The zip archive holds {tables} tables: {shown_names}. Choose which one to read.",
            tables=len(tables),
            shown_names=shown_names(tables),
        )
        raise UnreadableFile(msg, code="choose_part")
    if tables:
        return tables[0]
    if not kinds:
        msg = tr("The zip archive holds no file. Pack the table again.")
        raise UnreadableFile(msg, code="not_a_table")
    # A pickle is named first, whatever lies beside it.
    return min(kinds, key=lambda name: kinds[name] != PICKLE)


def _kinds(archive: Archive, options: ReadOptions) -> dict[str, FileKind]:
    """Tell what each file of an archive is from its first bytes."""
    names = [name for name in archive.entries if not _CLUTTER.search(name)]
    return {name: table_kind(archive.head(name), options) for name in names}


def _tables(kinds: dict[str, FileKind]) -> tuple[str, ...]:
    return tuple(name for name, kind in kinds.items() if kind.slot == "table")


def read_member(content: memoryview, limits: TableLimits, options: ReadOptions) -> Member:
    """Take one table out of a zip archive.

    Parameters
    ----------
    content : memoryview
        The archive.
    limits : TableLimits
        Bytes are counted while they come out.
    options : ReadOptions
        ``part`` names the file to read, which is needed where there are several tables; ``encoding`` is used.

    Raises
    ------
    UnreadableFile
        Code ``choose_part`` where there are several tables or none of that name; ``unsafe_archive``,
        ``damaged_archive``, ``too_large``; or what the one file is that is no table.
    """
    with open_archive(content) as archive:
        kinds = _kinds(archive, options)
        chosen = _chosen(kinds, options.part)
        if kinds[chosen].slot != "table":
            raise no_table(kinds[chosen])
        out = bytearray()
        for piece in archive.chunks(chosen):
            limits.check_size(len(out) + len(piece), packed=len(content))
            out += piece
    return Member(out, chosen, _tables(kinds))


def table_members(content: memoryview, options: ReadOptions) -> tuple[str, ...]:
    """Name the tables in a zip archive, in order; nothing but their first bytes is unpacked."""
    with open_archive(content) as archive:
        return _tables(_kinds(archive, options))


def member_notice(part: str, parts: Sequence[str]) -> list[Notice]:
    """Say which file was read, where there are several tables."""
    others = [name for name in parts if name != part]
    if not others:
        return []
    msg = tr(
        "The zip archive holds {parts} tables; {shown_name} was read. Others: {shown_names}.",
        parts=f"{len(parts):,}",
        shown_name=shown_name(part),
        shown_names=shown_names(others),
    )
    return [Notice("part_chosen", msg)]
