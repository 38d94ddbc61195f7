# Medians, spreads, ratios, and how a figure is written.
# Must not know what was measured.

import math
import statistics


def summary(values):
    """Median, lowest, highest and number of the turns' figures; None when there is none."""
    values = [value for value in values if value is not None]
    if not values:
        return None
    return {"median": statistics.median(values), "low": min(values), "high": max(values), "turns": len(values)}


def ratios(ours, theirs):
    """Turn by turn: turns that ran one after the other are compared with each other."""
    return [a / b for a, b in zip(ours, theirs) if a is not None and b]


def steepest(curve):
    """The largest cost of a curve, divided by the cost at its smallest size."""
    return max(cost for _, cost in curve) / curve[0][1]


def number(value):
    """Three significant digits, thousands grouped: 0.126, 1.50, 12.3, 123, 1,234."""
    if value is None:
        return "–"
    if value == 0:
        return "0"
    digits = max(0, 2 - math.floor(math.log10(abs(value))))
    text = f"{value:,.{digits}f}"
    # 0.9996 becomes 1.000: one digit too many.
    again = max(0, 2 - math.floor(math.log10(abs(float(text.replace(",", ""))) or 1)))
    return f"{value:,.{min(digits, again)}f}"


def spread(values, unit=""):
    """`1.23 (1.10–1.40)`, or a dash."""
    figures = summary(values)
    if figures is None:
        return "–"
    suffix = f" {unit}" if unit else ""
    if figures["turns"] == 1:
        return f"{number(figures['median'])}{suffix}"
    return f"{number(figures['median'])}{suffix} ({number(figures['low'])}–{number(figures['high'])})"


def duration(seconds):
    """`42 s` or `3 min 5 s`."""
    seconds = int(round(seconds))
    return f"{seconds} s" if seconds < 60 else f"{seconds // 60} min {seconds % 60} s"


def verdict(measured, goal, must):
    """The outcome of a goal by the interval of the turns, (median, lowest, highest); smaller is better, and a figure exactly at its limit holds.

    An interval that contains a limit does not decide about it, for any median."""
    if measured is None:
        return "not measured"
    value, low, high = measured
    low, high = (value if low is None else low) - 1e-9, (value if high is None else high) - 1e-9
    if goal is not None and high <= goal:
        return "goal"
    if low > must:
        return "MISSED"
    if high > must:
        return "unresolved"
    return "must" if goal is None or low > goal else "must, goal unresolved"
