"""The one door to HiGHS's branch and bound: begun from a plan, listened to while it runs, ended when asked.

scipy's public way in takes no start and cannot be ended. The binding that scipy brings can do both, but is private: it
is looked for, and where it is not there the public way is taken.
"""

from __future__ import annotations

import functools
import importlib
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import csc_array

from solver.assignment.milp import Floats, Milp
from solver.engine import Stop

TOLERANCE = 1e-7
"""How far HiGHS may be off in a row, where it can be told; in the public way it is 1e-6.

At 1e-8 it has to mend solutions after presolve, and prints a line to standard output each time, its output off or not.
"""


@dataclass(frozen=True)
class Found:
    """What HiGHS knows. x: float64 (columns,) or None. bound: on price @ x, in floating point, None when unknown.

    doubt: the share of the bound by which it may be off.
    """

    x: Floats | None = None
    bound: float | None = None
    doubt: float = TOLERANCE


Listener = Callable[[Found], None]


@functools.cache
def _binding() -> Any | None:
    """scipy's own binding of HiGHS, None where this scipy has it elsewhere."""
    try:
        module = importlib.import_module("scipy.optimize._highspy._core")
    except ImportError:
        return None
    return module if hasattr(module, "_Highs") and hasattr(module, "cb") else None


def minimise(
    form: Milp,
    seconds: float,
    *,
    start: Floats | None = None,
    stop: Stop | None = None,
    listener: Listener | None = None,
) -> Found:
    """The least price @ x as far as `seconds` of wall time go.

    start: float64 (pairs,), values of the first columns to begin from; the others follow. listener: told of every
    better plan and bound.
    """
    binding = _binding()
    if binding is None:
        return _publicly(form, seconds)
    return _Search(binding, form, stop or Stop(), listener).run(seconds, start)


class _Search:
    """One search through the private binding."""

    def __init__(self, binding: Any, form: Milp, stop: Stop, listener: Listener | None) -> None:
        self.binding, self.form, self.stop, self.listener = binding, form, stop, listener
        self.found = Found()

    def run(self, seconds: float, start: Floats | None) -> Found:
        """Search until it ends, time is up or a stop comes."""
        core = self.binding
        highs = core._Highs()
        options = {
            "output_flag": False,
            "parallel": "off",
            "mip_rel_gap": 0.0,
            "mip_heuristic_effort": 0.1,
            "mip_feasibility_tolerance": TOLERANCE,
            "time_limit": max(0.1, seconds),
        }
        for name, value in options.items():
            highs.setOptionValue(name, value)
        highs.passModel(self._model())
        if start is not None:
            highs.setSolution(len(start), np.arange(len(start), dtype=np.int32), start)
        highs.setCallback(self._listen, None)
        kinds = core.cb.HighsCallbackType
        highs.startCallback(kinds.kCallbackMipInterrupt)
        highs.startCallback(kinds.kCallbackMipImprovingSolution)
        highs.run()
        info = highs.getInfo()
        if highs.getModelStatus() == core.HighsModelStatus.kInfeasible:
            return Found()
        if math.isfinite(info.objective_function_value) and info.primal_solution_status == 2:
            self._note(np.array(highs.getSolution().col_value), None)
        self._note(None, info.mip_dual_bound)
        return self.found

    def _model(self) -> Any:
        core, form = self.binding, self.form
        rows = csc_array(form.rows)
        model = core.HighsLp()
        model.num_col_ = model.a_matrix_.num_col_ = len(form.price)
        model.num_row_ = model.a_matrix_.num_row_ = rows.shape[0]
        model.a_matrix_.format_ = core.MatrixFormat.kColwise
        model.col_cost_, model.col_lower_, model.col_upper_ = form.price, np.zeros(len(form.price)), form.most
        model.row_lower_, model.row_upper_ = form.lower, form.upper
        model.a_matrix_.start_, model.a_matrix_.index_ = rows.indptr, rows.indices
        model.a_matrix_.value_ = rows.data
        model.integrality_ = [core.HighsVarType(kind) for kind in form.whole.tolist()]
        return model

    def _listen(self, kind: Any, _message: str, said: Any, answer: Any, _data: object) -> None:
        if kind == self.binding.cb.HighsCallbackType.kCallbackMipImprovingSolution:
            self._note(np.array(said.mip_solution), None)
            return
        self._note(None, said.mip_dual_bound)
        answer.user_interrupt = self.stop.requested

    def _note(self, x: Floats | None, bound: float | None) -> None:
        if bound is not None and (
            not math.isfinite(bound) or (self.found.bound is not None and bound <= self.found.bound)
        ):
            bound = None
        if (x is None or len(x) != len(self.form.price)) and bound is None:
            return
        self.found = Found(self.found.x if x is None else x, self.found.bound if bound is None else bound)
        if self.listener is not None:
            self.listener(self.found)


def _publicly(form: Milp, seconds: float) -> Found:
    """By scipy's public function: no start, no end before its time."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    found = milp(
        form.price,
        integrality=form.whole,
        bounds=Bounds(np.zeros(len(form.price)), form.most),
        constraints=LinearConstraint(form.rows, form.lower, form.upper),
        options={"time_limit": max(0.1, seconds), "mip_rel_gap": 0.0},
    )
    bound = found.mip_dual_bound
    return Found(found.x, bound if bound is not None and math.isfinite(bound) else None, 1e-6)
