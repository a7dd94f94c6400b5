"""Files are written whole or not at all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from api.files import check_writable, replacing, write_json
from models.errors import UsageError


def test_a_block_that_ends_well_replaces_the_file(tmp_path: Path) -> None:
    path = tmp_path / "new" / "file.txt"
    with replacing(path) as beside:
        beside.write_text("after", encoding="utf-8")
        assert beside.parent == path.parent
        assert not path.exists()
    assert path.read_text(encoding="utf-8") == "after"
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_a_block_that_fails_leaves_the_file_as_it_was(tmp_path: Path, error: type[BaseException]) -> None:
    path = tmp_path / "file.txt"
    path.write_text("before", encoding="utf-8")

    def fail() -> None:
        with replacing(path) as beside:
            beside.write_text("half", encoding="utf-8")
            raise error

    with pytest.raises(error):
        fail()
    assert path.read_text(encoding="utf-8") == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    target, link = tmp_path / "target.json", tmp_path / "link.json"
    link.symlink_to(target)
    write_json(link, {"name": "Gwenllïan"})
    assert link.is_symlink()
    assert json.loads(target.read_text(encoding="utf-8")) == {"name": "Gwenllïan"}


@pytest.mark.parametrize("place", ["/proc/nowhere/plan.json", "{folder}", "{file}/plan.json", "/dev/null"])
def test_what_cannot_be_written_is_said_before(tmp_path: Path, place: str) -> None:
    file = tmp_path / "file"
    file.write_text("", encoding="utf-8")
    path = Path(place.format(folder=tmp_path, file=file))
    with pytest.raises(UsageError, match=str(path)):
        check_writable(path)
    assert list(tmp_path.iterdir()) == [file]


def test_a_write_that_fails_is_a_usage_error(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("", encoding="utf-8")
    with pytest.raises(UsageError, match="cannot be written"):
        write_json(file / "plan.json", {})


def test_a_check_leaves_nothing(tmp_path: Path) -> None:
    check_writable(tmp_path / "plan.json")
    assert list(tmp_path.iterdir()) == []
