"""Every module of ours imports, says what it offers, and raises within one tree of exceptions."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from types import ModuleType

import pytest

from models import errors

PACKAGES = ("models", "solver", "api")
ROOT = errors.EvenhandError


def names_of_modules() -> list[str]:
    """Every module in the wheel, by its dotted name."""
    found: list[str] = []
    for name in PACKAGES:
        package = importlib.import_module(name)
        found.append(name)
        found.extend(info.name for info in pkgutil.walk_packages(package.__path__, f"{name}."))
    return found


def exceptions_of(module: ModuleType) -> list[type[Exception]]:
    """The exception classes that `module` itself defines."""
    return [
        member
        for _, member in inspect.getmembers(module, inspect.isclass)
        if issubclass(member, Exception) and member.__module__ == module.__name__
    ]


@pytest.mark.parametrize("name", names_of_modules())
def test_module_offers_what_it_says(name: str) -> None:
    module = importlib.import_module(name)
    assert module.__doc__, "a module says what it is for"
    offered = list(getattr(module, "__all__", ()))
    assert len(offered) == len(set(offered)), "__all__ names something twice"
    assert [entry for entry in offered if not hasattr(module, entry)] == []


@pytest.mark.parametrize("name", names_of_modules())
def test_exceptions_of_every_module_are_in_the_one_tree(name: str) -> None:
    strangers = [
        error for error in exceptions_of(importlib.import_module(name)) if not issubclass(error, ROOT)
    ]
    assert strangers == []


def test_the_tree_is_offered_and_drawn_where_it_is_defined() -> None:
    classes = {error.__name__: error for error in exceptions_of(errors)}
    assert ROOT.__name__ in classes
    assert set(errors.__all__) == set(classes)

    drawn: dict[str, int] = {}  # how far to the right each class stands
    for line in (inspect.getdoc(errors) or "").splitlines():
        name, *_ = [*line.strip(" │├└─").split(), ""]
        if name in classes:
            drawn[name] = line.index(name)
    assert set(drawn) == set(classes), "the drawing at the top of the file shows every class"
    for name, error in classes.items():
        assert error is ROOT or drawn[name] > drawn[error.__mro__[1].__name__], (
            f"{name} is drawn under its parent"
        )
