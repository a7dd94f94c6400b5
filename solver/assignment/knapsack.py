"""The exact choice of one agent at given prices: a dynamic programme over load and number of newcomers.

For an agent with load price lambda and entry price kappa let r = cost + lambda * weight + kappa * enters. Then

    linear = sum of min(0, r) + min over loads L of (scale * F(L) - lambda * (L - base)) - kappa * intake

is below the value of every choice, and a choice that leaves out a task with r < -reach or takes one with
r > reach is worth at least linear + reach + 1. So only tasks with |r| <= reach, the *core*, need the programme,
and min(value over the core, linear + reach + 1) is a safe bound. So it is with loads: those at which the bands cost
more than reach beyond the load price need no look. All numbers are integers.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from solver.assignment.arrays import UNBOUNDED
from solver.assignment.compiled import compiled
from solver.assignment.problem import Ints

Choice = npt.NDArray[np.uint8]

TOO_LARGE = -UNBOUNDED
"""The value found when the programme would be too large: the linear bound stands alone."""

MOST_CELLS = 40_000_000
"""The largest table (items x counts x loads) that one agent's programme may take, in bytes."""


@compiled
def convex_cost(edges: Ints, prices: Ints, cost_at: Ints, load: int) -> int:
    """The price of `load` under one agent's bands."""
    low, high = 0, prices.shape[0] - 1
    while low < high:
        middle = (low + high + 1) >> 1
        if edges[middle] <= load:
            low = middle
        else:
            high = middle - 1
    price: int = cost_at[low] + (load - edges[low]) * prices[low]
    return price


@compiled
def least_linear(
    edges: Ints, prices: Ints, cost_at: Ints, base: int, most: int, scale: int, slope: int
) -> int:
    """min over base <= L <= most of scale * F(L) - slope * (L - base), at an edge or an end by convexity."""
    best = min(
        scale * convex_cost(edges, prices, cost_at, base),
        scale * convex_cost(edges, prices, cost_at, most) - slope * (most - base),
    )
    for k in range(edges.shape[0]):
        if base < edges[k] < most:
            best = min(best, scale * cost_at[k] - slope * (edges[k] - base))
    return best


@compiled
def _chosen_by(cost: Ints, weight: Ints, enters: Ints, slope: int, entry: int) -> tuple[int, int, int]:
    """Sum of min(0, r), and weight and newcomers of the tasks with r < 0."""
    value, load, count = 0, 0, 0
    for i in range(cost.shape[0]):
        r = cost[i] + slope * weight[i] + entry * enters[i]
        if r < 0:
            value += r
            load += weight[i]
            count += enters[i]
    return value, load, count


@compiled
def _invited(edges: Ints, prices: Ints, ends: tuple[int, int], scale: int, slope: int) -> tuple[int, int]:
    """The loads between which scale * F(L) - slope * L is least. ends: base load and most load."""
    least, greatest = ends[0], ends[0]
    for k in range(prices.shape[0]):
        edge = edges[k + 1] if k + 1 < prices.shape[0] else ends[1]
        if scale * prices[k] < slope:
            least = max(least, edge)
        if scale * prices[k] <= slope:
            greatest = max(greatest, edge)
    return min(least, ends[1]), min(greatest, ends[1])


@compiled
def _surplus(
    cost: Ints,
    weight: Ints,
    enters: Ints,
    bands: tuple[Ints, Ints, Ints],
    ends: tuple[int, int],
    guide: tuple[int, int, int],
) -> int:
    """How far the load chosen at these prices is above (negative: below) what the bands invite; 0 where they meet."""
    scale, slope, entry = guide
    load = ends[0] + _chosen_by(cost, weight, enters, slope, entry)[1]
    least, greatest = _invited(bands[0], bands[1], ends, scale, slope)
    return max(0, load - greatest) - max(0, least - load)


@compiled
def _tuned_slope(
    cost: Ints,
    weight: Ints,
    enters: Ints,
    bands: tuple[Ints, Ints, Ints],
    ends: tuple[int, int],
    guide: tuple[int, int, int],
) -> int:
    """A load price near where the linear bound is greatest, from that of `guide` (scale, lambda, kappa), by halving.

    The bound is concave in the price: what is chosen falls as it rises, what the bands invite grows.
    """
    scale, slope, entry = guide
    top = scale * (np.abs(bands[1]).max() + 1)
    low, high, step = slope, slope, max(1, scale // 8)
    surplus = _surplus(cost, weight, enters, bands, ends, guide)
    up = surplus > 0
    while surplus != 0 and (surplus > 0) == up and 0 < (high if up else low) < top:
        if up:
            low, high = high, min(top, high + step)
        else:
            low, high = max(0, low - step), low
        step *= 2
        surplus = _surplus(cost, weight, enters, bands, ends, (scale, high if up else low, entry))
    while surplus != 0 and high - low > max(1, scale // 64):
        middle = (low + high) // 2
        surplus = _surplus(cost, weight, enters, bands, ends, (scale, middle, entry))
        if surplus == 0:
            low, high = middle, middle
        elif surplus > 0:
            low = middle
        else:
            high = middle
    best, kept = -UNBOUNDED, slope
    for price in (slope, low, high, (high // scale) * scale):
        value = _chosen_by(cost, weight, enters, price, entry)[0]
        value += least_linear(bands[0], bands[1], bands[2], ends[0], ends[1], scale, price)
        if value > best:
            best, kept = value, price
    return kept


@compiled
def _tuned_entry(cost: Ints, weight: Ints, enters: Ints, intake: int, guide: tuple[int, int, int]) -> int:
    """The least entry price, nearly, at which no more newcomers are chosen than may come, by halving."""
    scale, slope, entry = guide
    if _chosen_by(cost, weight, enters, slope, 0)[2] <= intake:
        return 0
    low, high = 0, max(scale, entry)
    while _chosen_by(cost, weight, enters, slope, high)[2] > intake:
        low, high = high, 2 * high
    while high - low > max(1, scale // 64):
        middle = (low + high) // 2
        if _chosen_by(cost, weight, enters, slope, middle)[2] > intake:
            low = middle
        else:
            high = middle
    return high


@compiled
def tuned(
    cost: Ints,
    weight: Ints,
    enters: Ints,
    bands: tuple[Ints, Ints, Ints],
    limits: tuple[int, int, int],
    guide: tuple[int, int, int],
) -> tuple[int, int]:
    """Load price and entry price, from those of `guide` (scale, lambda, kappa), at which the linear bound is high.

    The higher the linear bound, the fewer tasks are in doubt, and the smaller is the programme of `choose`.
    """
    base, most, intake = limits
    scale, slope, entry = guide
    if most < base:
        return slope, entry
    for _ in range(2):
        slope = _tuned_slope(cost, weight, enters, bands, (base, most), (scale, slope, entry))
        if intake >= cost.shape[0]:
            break
        entry = _tuned_entry(cost, weight, enters, intake, (scale, slope, entry))
    return slope, entry


@compiled
def _fill_table(
    core_cost: Ints, core_weight: Ints, core_enters: Ints, count: int, window: tuple[int, int], taken: Choice
) -> Ints:
    """least[c, l]: the least cost of core tasks with load l in the window and at most c newcomers.

    `taken` marks choices. Each task makes a new table from the last one, of no more loads than can still end in the
    window, so that a row is one pass which the machine takes many loads at a time.
    """
    first, last = window
    least = np.full((count + 1, last + 1), UNBOUNDED, dtype=np.int64)
    least[:, 0] = 0
    after = least.copy()
    high, rest = 0, core_weight.sum()
    for i in range(core_cost.shape[0]):
        weight, cost, step = core_weight[i], core_cost[i], core_enters[i]
        high, rest = min(last, high + weight), rest - weight
        low = max(0, first - rest)
        for c in range(count + 1):
            without, onward, marks = least[c], after[c], taken[i, c]
            if c < step:
                for load in range(low, high + 1):
                    onward[load] = without[load]
                continue
            before = least[c - step]
            for load in range(low, min(weight, high + 1)):
                onward[load] = without[load]
            for load in range(max(low, weight), high + 1):
                with_it = before[load - weight] + cost
                better = with_it < without[load] and before[load - weight] < UNBOUNDED
                onward[load] = with_it if better else without[load]
                marks[load] = better
        least, after = after, least
    return least


@compiled
def window_of(
    bands: tuple[Ints, Ints, Ints], base: int, width: int, guide: tuple[int, int, int, int]
) -> tuple[int, int]:
    """The least and the greatest load of the core at which what the bands cost beyond the load price is in reach.

    guide: scale, lambda, reach, least over all loads of scale * F(L) - lambda * L. By convexity these are the loads
    between two; (1, 0) when there is none.
    """
    edges, prices, cost_at = bands
    scale, slope, reach, least = guide
    first, last = 1, 0
    for load in range(width + 1):
        beyond = scale * convex_cost(edges, prices, cost_at, base + load) - slope * (base + load) - least
        if beyond <= reach:
            if last < first:
                first = load
            last = load
        elif last >= first:
            break
    return first, last


@compiled
def _trace(
    core: Ints, core_weight: Ints, core_enters: Ints, taken: Choice, load: int, count: int, chosen: Choice
) -> None:
    for i in range(core.shape[0] - 1, -1, -1):
        if taken[i, count, load]:
            chosen[core[i]] = 1
            load -= core_weight[i]
            count -= core_enters[i]


@compiled
def settled(
    r: Ints, reach: int, cost: Ints, weight: Ints, enters: Ints, chosen: Choice
) -> tuple[int, int, int, int]:
    """Choose what r < -reach says; the least |r| beyond reach, and cost, weight and newcomers of the chosen."""
    outside, fixed_cost, fixed_weight, fixed_count = UNBOUNDED, 0, 0, 0
    for i in range(r.shape[0]):
        if abs(r[i]) > reach:
            outside = min(outside, abs(r[i]))
        if r[i] < -reach:
            chosen[i] = 1
            fixed_cost += cost[i]
            fixed_weight += weight[i]
            fixed_count += enters[i]
    return outside, fixed_cost, fixed_weight, fixed_count


@compiled
def choose(
    cost: Ints,
    weight: Ints,
    enters: Ints,
    bands: tuple[Ints, Ints, Ints],
    limits: tuple[int, int, int],
    guide: tuple[int, int, int, int],
    chosen: Choice,
    cells: Ints,
) -> tuple[int, int, int]:
    """The least value of one agent's choice: (safe bound, value found or UNBOUNDED or TOO_LARGE, linear bound).

    cost, weight, enters: int64 (k,), the tasks it may take, `enters` 1 for those that count towards intake.
    bands: edges, prices, cost at edges. limits: base load, most load, most newcomers. guide: scale, lambda,
    kappa, reach; with reach < 0 only the linear bound is taken. chosen: uint8 (k,), set to the choice found.
    cells: int64 (1,), to which is added how large a table was filled.
    """
    edges, prices, cost_at = bands
    base, most, intake = limits
    scale, slope, entry, reach = guide
    if most < base:
        return UNBOUNDED, UNBOUNDED, UNBOUNDED
    chosen[:] = 0
    r = cost + slope * weight + entry * enters
    linear = least_linear(edges, prices, cost_at, base, most, scale, slope)
    linear += np.minimum(r, 0).sum() - (entry * intake if entry else 0)
    core = np.flatnonzero(np.abs(r) <= reach)
    outside, fixed_cost, fixed_weight, fixed_count = settled(r, max(reach, 0), cost, weight, enters, chosen)
    if reach < 0:
        return linear, UNBOUNDED, linear
    escape = linear + outside if outside < UNBOUNDED else UNBOUNDED
    room = most - base - fixed_weight
    width = min(room, weight[core].sum())
    count = min(intake - fixed_count, enters[core].sum())
    if room < 0 or count < 0:
        return escape, UNBOUNDED, linear
    if float(core.shape[0]) * (count + 1) * (width + 1) > MOST_CELLS:  # whole numbers could overflow here
        return linear, TOO_LARGE, linear
    flat = least_linear(edges, prices, cost_at, base, most, scale, slope) - slope * base
    window = window_of(bands, base + fixed_weight, width, (scale, slope, reach, flat))
    if window[1] - window[0] < width:
        escape = min(escape, linear + reach + 1)
    if window[0] > window[1]:
        return escape, UNBOUNDED, linear
    cells[0] += core.shape[0] * (count + 1) * (window[1] + 1)
    taken = np.zeros((core.shape[0], count + 1, window[1] + 1), dtype=np.uint8)
    least = _fill_table(cost[core], weight[core], enters[core], count, window, taken)
    value, at = UNBOUNDED, 0
    for load in range(window[0], window[1] + 1):
        if least[count, load] < UNBOUNDED:
            whole = least[count, load] + scale * convex_cost(
                edges, prices, cost_at, base + fixed_weight + load
            )
            if whole < value:
                value, at = whole, load
    if value == UNBOUNDED:
        return escape, UNBOUNDED, linear
    value += fixed_cost
    _trace(core, weight[core], enters[core], taken, at, count, chosen)
    return min(value, escape), value, linear
