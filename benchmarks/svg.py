"""Plots as plain SVG: lines over an axis, and Workload before and after as bars. Nothing is fetched to show them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

COLOURS = ("#1d70b8", "#d4351c", "#00703c", "#f47738", "#4c2c92", "#505a5f", "#28a197")
"""Distinct in hue and lightness; every line is named beside its end too."""

Points = Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Axis:
    """One axis: its title, and whether it is logarithmic."""

    title: str
    logarithmic: bool = False

    def place(self, value: float, least: float, most: float) -> float:
        """Where `value` lies between `least` and `most`, 0 to 1."""
        if self.logarithmic:
            value, least, most = math.log10(value), math.log10(least), math.log10(most)
        return 0.5 if most == least else (value - least) / (most - least)

    def ticks(self, least: float, most: float) -> list[float]:
        """Round values between the ends."""
        if self.logarithmic:
            first, last = math.floor(math.log10(least)), math.ceil(math.log10(most))
            return [10.0**power for power in range(first, last + 1) if least <= 10.0**power <= most]
        step = 10.0 ** math.floor(math.log10(max(most - least, 1e-9)))
        step = step / 2 if (most - least) / step < 4 else step
        first = math.ceil(least / step)
        return [step * number for number in range(first, int(most / step) + 1)]


WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 760, 420, 70, 170, 40, 50


def line_plot(title: str, across: Axis, up: Axis, series: Mapping[str, Points]) -> str:
    """Named lines, points in order. A logarithmic axis leaves out values that are not positive."""
    shown = {name: [p for p in points if _fits(p, across, up)] for name, points in series.items()}
    shown = {name: points for name, points in shown.items() if points}
    every = [point for points in shown.values() for point in points]
    ends_across = (min(p[0] for p in every), max(p[0] for p in every))
    ends_up = (min(p[1] for p in every), max(p[1] for p in every))

    def spot(point: tuple[float, float]) -> tuple[float, float]:
        x = LEFT + across.place(point[0], *ends_across) * (WIDTH - LEFT - RIGHT)
        y = HEIGHT - BOTTOM - up.place(point[1], *ends_up) * (HEIGHT - TOP - BOTTOM)
        return round(x, 1), round(y, 1)

    parts = [_text(WIDTH / 2, 22, title, "middle", 15)]
    parts += [_text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 12, across.title, "middle")]
    parts += [
        f'<g transform="translate(16 {(TOP + HEIGHT - BOTTOM) / 2}) rotate(-90)">{_text(0, 0, up.title, "middle")}</g>'
    ]
    for tick in across.ticks(*ends_across):
        x, _ = spot((tick, ends_up[0]))
        parts.append(f'<path d="M{x} {HEIGHT - BOTTOM}V{TOP}" stroke="#b1b4b6" stroke-width="0.5"/>')
        parts.append(_text(x, HEIGHT - BOTTOM + 16, f"{tick:g}", "middle"))
    for tick in up.ticks(*ends_up):
        _, y = spot((ends_across[0], tick))
        parts.append(f'<path d="M{LEFT} {y}H{WIDTH - RIGHT}" stroke="#b1b4b6" stroke-width="0.5"/>')
        parts.append(_text(LEFT - 6, y + 4, f"{tick:g}", "end"))
    for number, (name, points) in enumerate(shown.items()):
        colour = COLOURS[number % len(COLOURS)]
        spots = [spot(point) for point in points]
        path = "M" + "L".join(f"{x} {y}" for x, y in spots)
        parts.append(f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{x}" cy="{y}" r="3" fill="{colour}"/>' for x, y in spots]
        parts.append(_text(WIDTH - RIGHT + 10, TOP + 14 + 18 * number, name, "start", 12, colour))
    return _svg(WIDTH, HEIGHT, title, parts)


def _fits(point: tuple[float, float], across: Axis, up: Axis) -> bool:
    return (point[0] > 0 or not across.logarithmic) and (point[1] > 0 or not up.logarithmic)


def workload_bars(title: str, rows: Sequence[tuple[str, float, float]]) -> str:
    """Officers' Workload % before and after: a bar to the lesser, the difference set apart, lines at 100 and 110."""
    columns, bar, gap, left, top = 2, 9, 5, 74, 58
    each = math.ceil(len(rows) / columns)
    wide, most = 330, 160
    height = top + each * (bar + gap) + 24
    width = columns * (left + wide + 30)
    parts = [
        _text(20, 24, title, "start", 15),
        _text(20, 42, "dark: held today, light: received by the plan", "start"),
    ]
    for column in range(columns):
        begins = column * (left + wide + 30) + left
        for percent in (100, 110):
            x = begins + wide * percent / most
            parts.append(
                f'<path d="M{x:.1f} {top - 6}V{height - 18}" stroke="#505a5f" stroke-dasharray="3 3" stroke-width="1"/>'
            )
            parts.append(_text(x, height - 6, f"{percent} %", "end" if percent == 100 else "start", 10))
        for number, (name, before, after) in enumerate(rows[column * each : (column + 1) * each]):
            y = top + number * (bar + gap)
            held, received = wide * min(before, after) / most, wide * max(0.0, after - before) / most
            parts.append(_text(begins - 6, y + bar, name, "end", 10))
            parts.append(f'<rect x="{begins}" y="{y}" width="{held:.1f}" height="{bar}" fill="#1d70b8"/>')
            parts.append(
                f'<rect x="{begins + held:.1f}" y="{y}" width="{received:.1f}" height="{bar}" fill="#f47738"/>'
            )
    return _svg(width, height, title, parts)


def _text(x: float, y: float, words: str, anchor: str, size: int = 12, colour: str = "#0b0c0c") -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
    return f'<text {place} font-size="{size}" fill="{colour}">{escape(words)}</text>'


def _svg(width: float, height: float, title: str, parts: Sequence[str]) -> str:
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" '
        f'height="{height:.0f}" font-family="Helvetica, Arial, sans-serif" role="img" aria-label="{escape(title)}">\n'
        f'<rect width="100%" height="100%" fill="#ffffff"/>\n{body}\n</svg>\n'
    )
