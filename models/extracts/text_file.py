"""Text files opened with care: what kind of file it really is, its encoding, and lines of bounded length."""

from __future__ import annotations

import codecs
import stat
from collections.abc import Iterator
from pathlib import Path

from models.extracts.grid import refuse

_CHUNK = 1 << 20

_OTHER_KINDS = (
    (b"%PDF", "this is a PDF document"),
    (b"PK\x03\x04", "this is a zip file or an XLSX workbook"),
    (b"PK\x05\x06", "this is an empty zip file"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "this is an old .xls workbook or one with a password"),
    (b"PAR1", "this is a Parquet file"),
    (b"\x1f\x8b", "this is a gzip file"),
    (b"\x89PNG", "this is a picture"),
    (b"\xff\xd8\xff", "this is a picture"),
    (b"SQLite format 3", "this is a database"),
    (b"{\\rtf", "this is a word processor's document"),
)

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def checked_size(path: Path, file: str, most: int) -> int:
    """The size of a regular file in bytes. Raises InputError when it is none, unreadable, empty or too large."""
    try:
        found = path.stat()
    except OSError:
        raise refuse("this file cannot be found or opened", "a file that can be read", file) from None
    if not stat.S_ISREG(found.st_mode):
        raise refuse("this is not a file", "a file that can be read", file)
    if found.st_size == 0:
        raise refuse("this file is empty", "at least the headings or the problem's JSON", file)
    if found.st_size > most:
        raise refuse(
            f"this file is {found.st_size / 1e6:,.0f} MB large",
            f"at most {most / 1e6:,.0f} MB",
            file,
        )
    return found.st_size


def first_bytes(path: Path, file: str, count: int = 64) -> bytes:
    """The first bytes of a file. Raises InputError when it cannot be read."""
    try:
        with path.open("rb") as stream:
            return stream.read(count)
    except OSError:
        raise refuse("this file cannot be opened", "a file that can be read", file) from None


def encoding_of(path: Path, file: str, wanted: str, *, numbered: bool = True) -> str:
    """The encoding of a text file: by its byte-order mark, else UTF-8, else Windows-1252.

    Reads it once, in pieces. Raises InputError when it is another kind of file, holds NUL characters, or is in
    none of these encodings. wanted: says what was expected instead. numbered: whether lines are rows.
    """
    start = first_bytes(path, file)
    for magic, problem in _OTHER_KINDS:
        if start.startswith(magic):
            raise refuse(problem, wanted, file)
    if start.lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith((b"<!doctype", b"<html", b"<?xml")):
        raise refuse("this is a web page or XML", wanted, file)
    for mark, encoding in _BYTE_ORDER_MARKS:
        if start.startswith(mark):
            _refuse_undecodable(path, file, encoding, numbered=numbered)
            return encoding
    for encoding in ("utf-8", "cp1252"):
        if _decodes(path, file, encoding, numbered=numbered):
            return encoding
    raise refuse("the characters are neither UTF-8 nor Windows-1252", "text saved as UTF-8", file)


def _refuse_undecodable(path: Path, file: str, encoding: str, *, numbered: bool) -> None:
    if not _decodes(path, file, encoding, numbered=numbered):
        raise refuse("the characters do not fit the byte-order mark", "text saved as UTF-8", file)


def _decodes(path: Path, file: str, encoding: str, *, numbered: bool) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    row = 1
    try:
        with path.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                text = decoder.decode(chunk)
                if "\0" in text:
                    row += text.count("\n", 0, text.index("\0"))
                    raise refuse(
                        "there is a NUL character, so this is no text",
                        "text",
                        file,
                        row if numbered else None,
                    )
                row += text.count("\n")
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    except OSError:
        raise refuse("this file cannot be read", "a file that can be read", file) from None
    return True


def bounded_lines(path: Path, encoding: str, longest: int) -> Iterator[str]:
    r"""The lines of a text file with their ends (\n, \r\n or \r), none longer than `longest`.

    Raises ValueError at a line that is longer, and UnicodeDecodeError or OSError as reading does.
    """
    with path.open(encoding=encoding, newline="") as stream:
        while line := stream.readline(longest + 1):
            if len(line) > longest:
                raise ValueError("a line is too long")
            yield line
