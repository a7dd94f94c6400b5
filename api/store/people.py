"""Which people stand in a content, and the same content without one of them. Pure: JSON in, JSON out.

A person is known by CRN. One may stand in a content as a record of their own (an object with their `crn`), as an
entry of a list of CRNs, as a key, or inside a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

_CRN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z][0-9]{6}(?![A-Za-z0-9])")

ERASED = "[erased]"
"""Stands where a CRN stood in a sentence."""


def canonical_crn(crn: str) -> str:
    """One spelling for each CRN: without blanks around, in capitals."""
    return crn.strip().upper()


def without_crns(text: str | None) -> str | None:
    """A text with everything that looks like a CRN taken out: for what is kept outside the contents."""
    return None if text is None else _CRN.sub(ERASED, text)


def people_of(content: Any) -> set[str]:
    """The CRNs of everybody who has a record in a content, or stands in a list of CRNs."""
    return {
        canonical_crn(text)
        for key, text in _texts(content, None)
        if key is not None and (key == "crn" or key.endswith("Crns"))
    }


def crns_of(content: Any) -> set[str]:
    """Whatever is a CRN in a content or looks like one, wherever it stands; a project's code may look so too."""
    texts = (text for _, text in _texts(content, None))
    return people_of(content) | {canonical_crn(match) for text in texts for match in _CRN.findall(text)}


def _texts(value: Any, key: str | None) -> Iterator[tuple[str | None, str]]:
    """Every text in a content with the key it stands under; keys are texts too."""
    if isinstance(value, str):
        yield key, value
    elif isinstance(value, Mapping):
        for name, each in value.items():
            yield None, name
            yield from _texts(each, name)
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from _texts(each, key)


def names(content: Any, crn: str) -> bool:
    """Whether the person stands anywhere in the content."""
    spotted = _spotter(crn)
    return any(spotted(text) for _, text in _texts(content, None))


def without_person(content: Any, crn: str, instead: Mapping[str, str] | None = None) -> Any:
    """The content without the person; `instead` replaces further texts, each wherever it is the whole text.

    Records of the person go, and so do entries and keys that are their CRN; in other texts it becomes `[erased]`.
    """
    spotted = _spotter(crn)
    pattern = re.compile(re.escape(crn.strip()), re.IGNORECASE)
    other = instead or {}

    def is_theirs(value: Any) -> bool:
        if isinstance(value, Mapping):
            own = value.get("crn")
            return isinstance(own, str) and spotted(own)
        return isinstance(value, str) and canonical_crn(value) == canonical_crn(crn)

    def rewritten(value: Any) -> Any:
        if isinstance(value, str):
            return other.get(value) or pattern.sub(ERASED, value)
        if isinstance(value, Mapping):
            return {
                name: None if name == "crn" and is_theirs(each) else rewritten(each)
                for name, each in value.items()
                if not spotted(name)
            }
        if isinstance(value, (list, tuple)):
            return [rewritten(each) for each in value if not is_theirs(each)]
        return value

    return rewritten(content)


def _spotter(crn: str) -> Callable[[str], bool]:
    """Whether a text holds the CRN, whatever its case."""
    wanted = canonical_crn(crn)
    return lambda text: wanted in text.upper()
