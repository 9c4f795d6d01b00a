"""The container of a case: a zip archive, equal to the byte for equal content, and opened with suspicion."""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from typing import Final, NoReturn

from rai_dash.core.errors import InvalidChoice, UnreadableFile
from rai_dash.core.files import MEGABYTE
from rai_dash.core.fingerprint import fingerprint_bytes
from rai_dash.core.settings import get_settings
from rai_dash.core.texts import tr

MANIFEST: Final = "manifest.json"
#: Most files of one case beside its manifest.
MOST_FILES: Final = 200
_LARGEST_MANIFEST: Final = 8 * MEGABYTE
_FILES: Final = "files/"
_NAME: Final = re.compile(r"files/[0-9a-f]{64}")
#: The earliest date that the format knows; the true one would make equal cases differ.
_DATE: Final = (1980, 1, 1, 0, 0, 0)
#: End of the directory of an archive without a comment, and the longest directory that our own names need.
_END: Final = struct.Struct("<4s4H2LH")
_LONGEST_DIRECTORY: Final = 150 * (MOST_FILES + 1)
#: Stands before that end where the true figures are elsewhere, for archives beyond 4 GB.
_LARGE_MARK: Final = b"PK\x06\x07"
_DAMAGE: Final = (
    *(zipfile.BadZipFile, zlib.error, struct.error),
    *(EOFError, OSError, ValueError, RuntimeError, NotImplementedError),
)


def refuse(why: str) -> NoReturn:
    """Refuse a case file; ``why`` is the rest of the sentence.

    Raises
    ------
    UnreadableFile
        Always.
    """
    msg = tr(
        "The file of this case cannot be opened: {why}. Open the case from its data and models again.",
        why=why,
    )
    raise UnreadableFile(msg, code="unreadable_case")


def write_archive(manifest: bytes, files: Mapping[str, bytes]) -> bytes:
    """Pack a manifest and files.

    Parameters
    ----------
    manifest : bytes
        JSON.
    files : mapping of str to bytes
        Content by its sha256 in hex.

    Raises
    ------
    InvalidChoice
        When it is more than could be opened again.
    """
    most = get_settings().max_expanded_mb
    if len(files) > MOST_FILES or sum(map(len, files.values())) > most * MEGABYTE:
        msg = tr(
            "The case holds {files} files; at most {most_files} with {most} MB together are kept. Keep a "
            "case with fewer, or ask the operator to raise RAI_DASH_MAX_EXPANDED_MB.",
            files=f"{len(files):,}",
            most_files=f"{MOST_FILES:,}",
            most=f"{most:,}",
        )
        raise InvalidChoice(msg)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in ((MANIFEST, manifest), *((_FILES + s, files[s]) for s in sorted(files))):
            entry = zipfile.ZipInfo(name, _DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3
            entry.external_attr = 0o600 << 16
            # Parquet and models hardly shrink: the fastest level is enough for text.
            archive.writestr(entry, content, compresslevel=1)
    return packed.getvalue()


def read_archive(content: bytes) -> tuple[bytes, dict[str, bytes]]:
    """Unpack a manifest and files; nothing is written anywhere.

    Parameters
    ----------
    content : bytes
        As `write_archive` made it, or anything else.

    Returns
    -------
    bytes, dict of str to bytes
        The manifest, and content by its sha256.

    Raises
    ------
    UnreadableFile
        When it is no such archive, is damaged, holds what does not belong there, or would unpack to too much.
    """
    _check_directory(content)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            found = {entry.filename: _unpacked(archive, entry) for entry in _checked(archive)}
    except _DAMAGE:
        refuse("it is damaged")
    if MANIFEST not in found:
        refuse(f"it has no {MANIFEST}")
    manifest = found.pop(MANIFEST)
    files = {name.removeprefix(_FILES): inner for name, inner in found.items()}
    if any(fingerprint_bytes(inner) != sha256 for sha256, inner in files.items()):
        refuse("a file in it is not the one that it is named after")
    return manifest, files


def _check_directory(content: bytes) -> None:
    """Refuse an archive with a directory that would fill the memory when it is read."""
    end = content[-_END.size :]
    if len(end) < _END.size or not end.startswith(b"PK\x05\x06"):
        refuse("it is no whole case file")
    length, comment = _END.unpack(end)[5], _END.unpack(end)[7]
    is_large = content[-_END.size - 20 : -_END.size].startswith(_LARGE_MARK)
    if length > _LONGEST_DIRECTORY or comment or is_large:
        refuse("it lists more files than a case has")


def _checked(archive: zipfile.ZipFile) -> Iterator[zipfile.ZipInfo]:
    """Give out the entries, or refuse them before anything is unpacked."""
    entries = archive.infolist()
    names = [entry.filename for entry in entries]
    if len(set(names)) < len(names):
        refuse("a name stands in it twice")
    for entry in entries:
        if entry.filename != MANIFEST and not _NAME.fullmatch(entry.filename):
            refuse("it holds a file that does not belong to a case")
        if entry.flag_bits & 1 or entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
            refuse("a file in it is locked or packed in a way that is not read here")
    most = get_settings().max_expanded_mb
    manifest = next((entry.file_size for entry in entries if entry.filename == MANIFEST), 0)
    if sum(entry.file_size for entry in entries) > most * MEGABYTE or manifest > _LARGEST_MANIFEST:
        refuse(f"it would unpack to more than {most:,} MB, or its manifest is too long")
    yield from entries


def _unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """Unpack one entry; no more than it says, whatever is in it."""
    with archive.open(entry) as file:
        found = file.read(entry.file_size + 1)
    if len(found) != entry.file_size:
        refuse("a file in it is not as long as it says")
    return found
