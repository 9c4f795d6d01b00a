"""Writing zip and gzip files by hand, also such as no honest program writes."""

from __future__ import annotations

import gzip
import io
import struct
import warnings
import zipfile
import zlib

MEGABYTE = 2**20


def archive(parts, *, method=zipfile.ZIP_DEFLATED):
    """Return a zip archive; ``parts`` maps names (or entries) to contents."""
    out = io.BytesIO()
    pairs = parts.items() if isinstance(parts, dict) else parts
    with zipfile.ZipFile(out, "w", method) as made, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # names that come twice are what is wanted
        for name, content in pairs:
            # An entry of its own has the same date every time.
            entry = name if isinstance(name, zipfile.ZipInfo) else zipfile.ZipInfo(name)
            made.writestr(entry, content, compress_type=method)
    return out.getvalue()


def repeated_deflate(start, block, count, end=b""):
    """Deflate ``start``, ``count`` times ``block``, and ``end``, at the cost of packing the block once.

    Returns
    -------
    packed : bytes
        A raw deflate stream.
    crc, size : int
        Of what comes out.
    """
    packer = zlib.compressobj(9, wbits=-15)
    head = packer.compress(start) + packer.flush(zlib.Z_FULL_FLUSH)
    body = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
    tail = packer.compress(end) + packer.flush()
    crc = zlib.crc32(start)
    for _ in range(count):
        crc = zlib.crc32(block, crc)
    return head + body * count + tail, zlib.crc32(end, crc), len(start) + count * len(block) + len(end)


def _directory(name, packed, crc, size, offset):
    fields = (20, 20, 0, 8, 0, 0x21, crc, len(packed), size, len(name), 0, 0, 0, 0, 0, offset)
    return b"PK\x01\x02" + struct.pack("<6H3L5H2L", *fields) + name


def raw_zip(parts):
    """Put a zip archive together from parts ``name: (packed, crc, size)`` that are believed as they are."""
    body, directory = b"", b""
    for name, (packed, crc, size) in parts.items():
        encoded = name.encode()
        directory += _directory(encoded, packed, crc, size, len(body))
        fields = (20, 0, 8, 0, 0x21, crc, len(packed), size, len(encoded), 0)
        body += b"PK\x03\x04" + struct.pack("<5H3L2H", *fields) + encoded + packed
    return body + directory + ending(len(parts), len(directory), len(body))


def ending(count, size, offset):
    """Return the record at the end of a zip archive."""
    return b"PK\x05\x06" + struct.pack("<4H2LH", 0, 0, count, count, size, offset, 0)


def deflated(content):
    """Pack one part for `raw_zip`."""
    return repeated_deflate(content, b"", 0)


def overlapping(content, count=200):
    """Return an archive whose parts all lie at the same place."""
    packed, crc, size = deflated(content)
    name = b"a.csv"
    fields = (20, 0, 8, 0, 0x21, crc, len(packed), size, len(name), 0)
    body = b"PK\x03\x04" + struct.pack("<5H3L2H", *fields) + name + packed
    directory = b"".join(_directory(b"%d.csv" % i, packed, crc, size, 0) for i in range(count))
    return body + directory + ending(count, len(directory), len(body))


def gzip_bomb(start, block, count):
    """Return a gzip file of many members, as ``gzip`` itself may write, that expands to their sum."""
    return gzip.compress(start, 9, mtime=0) + gzip.compress(block, 9, mtime=0) * count
