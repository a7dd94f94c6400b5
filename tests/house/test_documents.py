"""The documents say what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from models.extracts.columns import columns_markdown
from models.policy.policy import DEFAULT_VERSION
from models.rules import ALLOCATION_RULES, Strength

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("benchmarks/*.md")])


def test_the_columns_page_is_the_register() -> None:
    assert columns_markdown().strip() in (ROOT / "docs" / "data.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "rule", [name for name, each in ALLOCATION_RULES.items() if each.strength is Strength.HARD]
)
def test_the_model_page_states_every_hard_rule(rule: str) -> None:
    assert f"| `{rule}` |" in (ROOT / "docs" / "model.md").read_text(encoding="utf-8")


def test_the_policy_page_names_the_default_policy() -> None:
    assert f"models/policy/{DEFAULT_VERSION}.toml" in (ROOT / "docs" / "policy.md").read_text(
        encoding="utf-8"
    )


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_between_documents_lead_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", document.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (document.parent / target).exists(), target
