"""The summary on a page of text."""

from __future__ import annotations

from dataclasses import replace

from api.reports import summary
from api.reports.summary import plan_summary
from api.reports.view import PlanView


def page(view: PlanView, **options: object) -> str:
    """The whole summary as plain text."""
    return "\n".join(line.plain for line in plan_summary(view, **options))  # type: ignore[arg-type]  # keywords as given


def test_every_part_is_there(view: PlanView) -> None:
    shown = page(view)
    assert "Rebalancing as of 2026-11-23, at most 2 moves: proven optimal" in shown
    assert "2 held cases of at most 2 change officer" in shown
    assert "What moves" in shown
    assert "X000013 C1: " in shown
    assert "one_officer (1)" in shown
    for item in ("unallocated weight", "pressure", "change of officer", "fit", "total", "fixed", "bound"):
        assert item in shown
    objective = view.plan.objective
    assert f"{objective.total:,}" in shown
    assert f"{objective.total - objective.fixed:,}" in shown


def test_no_line_is_longer_than_a_page_or_ends_in_blanks(view: PlanView) -> None:
    lines = page(view, peers=[view.plan, view.plan]).splitlines()
    assert max(map(len, lines)) <= 100
    assert [line for line in lines if line.endswith(" ")] == []


def test_ascii_bars(view: PlanView) -> None:
    assert page(view, blocks=False).isascii()
    assert not page(view).isascii()


def test_nothing_unknown_is_shown_as_a_number(view: PlanView) -> None:
    shown = page(replace(view, plan=replace(view.plan, bound=None, gap=None, status="FEASIBLE")))
    assert shown.count("unknown") == 2


def test_parts_without_content_are_left_out(view: PlanView) -> None:
    bare = replace(view.plan, assignments=(), unallocated=(), findings=())
    shown = page(replace(view, plan=bare))
    for part in ("Unallocated, and why", "Findings", "What moves", "Who receives", "Compared"):
        assert part not in shown


def test_long_lists_end_in_a_count(view: PlanView) -> None:
    entry = view.plan.unallocated[0]
    many = replace(view.plan, unallocated=(replace(entry, sentence="No."),) * (summary.MOST_LINES + 5))
    assert "and 5 more lines: see the plan" in page(replace(view, plan=many))


def test_many_officers_are_cut_to_those_that_matter(view: PlanView) -> None:
    idle = replace(
        view.plan.officers[0],
        staff_code="N03A003",
        team_code="N03F01",
        workload_before=50.0,
        workload_after=50.0,
    )
    busy = view.plan.officers[0]
    many = replace(
        view.plan,
        assignments=(),
        officers=(*[idle] * summary.MOST_OFFICERS, replace(busy, workload_after=120.0)),
    )
    shown = page(replace(view, plan=many))
    assert "!!" in shown
    assert f"{summary.MOST_OFFICERS} officers not shown" in shown


def test_peers_stand_in_columns(view: PlanView) -> None:
    peer = replace(view.plan, question=replace(view.plan.question, strategy="least_loaded"))
    shown = page(view, peers=[peer])
    assert "least loaded first" in shown
    assert "unallocated cases" in shown
    assert "leaves more work unallocated" not in shown
    worse = replace(peer, objective=replace(peer.objective, unallocated_weight=99))
    assert "leaves more work unallocated" in page(view, peers=[worse])
