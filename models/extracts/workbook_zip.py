"""The zip file that an XLSX workbook is, opened with care.

Sizes in a zip's directory are claims. Every part that is going to be read is unpacked here first, piece by piece,
and must hold exactly what the directory says and no more than the limits allow.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from models.extracts.grid import refuse, shown
from models.extracts.limits import MEGABYTE, Limits
from models.extracts.text_file import checked_size, first_bytes

_CHUNK = 1 << 18
_WANTED = "an XLSX workbook"
_BROKEN = "this workbook is broken"
_WHOLE = "a whole workbook, saved again by the spreadsheet program"
_END = b"PK\x05\x06"
_END_SIZE = 22
_MOST_DIRECTORY = 1 << 20


@dataclass(frozen=True, slots=True)
class Package:
    """A workbook's parts by name, all within the limits as far as the directory tells."""

    path: Path
    parts: dict[str, zipfile.ZipInfo]
    limits: Limits

    @property
    def file(self) -> str:
        """The file's name."""
        return self.path.name

    def chunks(self, name: str) -> Iterator[bytes]:
        """A part, unpacked in pieces. Raises InputError when it is not there or not what the directory says."""
        part = self.parts.get(name)
        if part is None:
            raise refuse(f"{_BROKEN}: {shown(name)} is missing", _WHOLE, self.file)
        try:
            yield from _unpacked(self.path, part)
        except (zlib.error, OSError, struct.error, ValueError):
            raise refuse(f"{_BROKEN}: {shown(name)} cannot be unpacked", _WHOLE, self.file) from None

    def small(self, name: str) -> bytes:
        """A part that is small by nature, whole. Raises InputError when it is not small."""
        part = self.parts.get(name)
        if part is not None and part.file_size > MEGABYTE:
            raise refuse(f"{shown(name)} in the workbook is far too large", "at most 1 MB", self.file)
        return b"".join(self.chunks(name))


def open_package(path: Path, limits: Limits) -> Package:
    """The parts of the workbook at `path`. Raises InputError when it is none, or holds more than it may."""
    file = path.name
    size = checked_size(path, file, limits.workbook_bytes)
    start = first_bytes(path, file, 8)
    if start == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise refuse("this is an old .xls workbook, or one with a password", f"{_WANTED} without one", file)
    if not start.startswith(b"PK\x03\x04"):
        raise refuse("this is not a workbook", _WANTED, file)
    _check_directory(path, size, file, limits)
    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, struct.error):
        raise refuse(_BROKEN, _WHOLE, file) from None
    names = [info.filename for info in infos]
    if len(set(names)) != len(names):
        raise refuse(f"{_BROKEN}: two parts have one name", _WHOLE, file)
    if any(info.flag_bits & 0x1 for info in infos):
        raise refuse("this workbook has a password", f"{_WANTED} without one", file)
    for info in infos:
        _check_part(info, file, limits)
    if sum(info.file_size for info in infos) > limits.unpacked_bytes:
        raise refuse("the workbook unpacks to far too much", _most(limits), file)
    parts = {info.filename: info for info in infos}
    if "xl/workbook.xml" not in parts:
        binary = "xl/workbook.bin" in parts
        raise refuse("this is a binary workbook" if binary else "this zip file is no workbook", _WANTED, file)
    return Package(path, parts, limits)


def _most(limits: Limits) -> str:
    return f"at most {limits.unpacked_bytes / MEGABYTE:,.0f} MB, and {limits.unpacked_ratio} times its size"


def _check_directory(path: Path, size: int, file: str, limits: Limits) -> None:
    """Refuses a directory with too many parts before anything reads it."""
    span = min(size, _END_SIZE + 0xFFFF)
    try:
        with path.open("rb") as stream:
            stream.seek(size - span)
            tail = stream.read(span)
    except OSError:
        raise refuse("this file cannot be read", "a file that can be read", file) from None
    at = tail.rfind(_END)
    if at < 0 or len(tail) - at < _END_SIZE:
        raise refuse(f"{_BROKEN}: its end is missing", _WHOLE, file)
    parts, directory = struct.unpack_from("<HI", tail, at + 10)
    if parts > limits.workbook_parts or directory > _MOST_DIRECTORY:
        raise refuse("the workbook has far too many parts", f"at most {limits.workbook_parts:,} parts", file)


def _check_part(info: zipfile.ZipInfo, file: str, limits: Limits) -> None:
    too_large = info.file_size > limits.unpacked_bytes
    too_dense = info.file_size > MEGABYTE and info.file_size > limits.unpacked_ratio * info.compress_size
    if too_large or too_dense:
        raise refuse(
            f"{shown(info.filename)} in the workbook unpacks from {info.compress_size:,} to "
            f"{info.file_size:,} bytes",
            _most(limits),
            file,
        )
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise refuse(f"{shown(info.filename)} in the workbook is packed in an unusual way", _WHOLE, file)


def _unpacked(path: Path, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """The part's bytes. Raises ValueError when there are more or fewer than the directory says."""
    with path.open("rb") as stream:
        stream.seek(part.header_offset)
        header = stream.read(30)
        name_length, extra_length = struct.unpack_from("<HH", header, 26)
        stream.seek(name_length + extra_length, 1)
        if part.compress_type == zipfile.ZIP_STORED:
            pieces = _stored(stream.read, part.compress_size)
        else:
            pieces = _inflated(stream.read, part.compress_size)
        total = 0
        for piece in pieces:
            total += len(piece)
            if total > part.file_size:
                raise ValueError("more than the directory says")
            yield piece
        if total != part.file_size:
            raise ValueError("less than the directory says")


def _stored(read: Callable[[int], bytes], size: int) -> Iterator[bytes]:
    while size > 0 and (chunk := read(min(_CHUNK, size))):
        size -= len(chunk)
        yield chunk


def _inflated(read: Callable[[int], bytes], size: int) -> Iterator[bytes]:
    """Raises ValueError when the packed bytes end before the part does, zlib.error when they are no such bytes."""
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    for chunk in _stored(read, size):
        waiting = chunk
        while waiting and not inflate.eof:
            yield inflate.decompress(waiting, _CHUNK)
            waiting = inflate.unconsumed_tail
    while not inflate.eof:
        piece = inflate.decompress(b"", _CHUNK)
        if not piece:
            raise ValueError("the part is cut off")
        yield piece
