# Draws plots as SVG, readable on light and dark backgrounds, without any library.
# Must not know what is drawn.

import math
from xml.sax.saxutils import escape

from harness.figures import number

WIDTH, HEIGHT = 720, 400
LEFT, RIGHT, TOP, BOTTOM = 78, 24, 56, 62

# Background, text, pale text, lines, and the colours of the servers that are compared.
LIGHT = ("#ffffff", "#1f2328", "#57606a", "#d0d7de", ("#0969da", "#bc4c00", "#1a7f37", "#8250df"))
DARK = ("#0d1117", "#e6edf3", "#9198a1", "#30363d", ("#58a6ff", "#f0883e", "#3fb950", "#bc8cff"))


def rules(ground, ink, pale, line, colours):
    plain = f".ground {{ fill: {ground} }} .ink {{ fill: {ink} }} .pale {{ fill: {pale} }} .line {{ stroke: {line} }} .axis {{ stroke: {pale} }}"
    return plain + "".join(f" .fill{n} {{ fill: {colour} }} .stroke{n} {{ stroke: {colour} }}" for n, colour in enumerate(colours))


STYLE = f"""
{rules(*LIGHT)}
@media (prefers-color-scheme: dark) {{ {rules(*DARK)} }}
text {{ font: 13px system-ui, sans-serif }} .title {{ font-size: 16px; font-weight: 600 }}
.curve {{ fill: none; stroke-width: 2 }} .whisker {{ stroke-width: 1.5 }}
"""


class Scale:
    """From a figure to a position in the plot."""

    def __init__(self, low, high, start, end, is_log=False):
        self.low, self.high, self.start, self.end, self.is_log = low, high, start, end, is_log

    def __call__(self, value):
        low, high = self.low, self.high
        if self.is_log:
            low, high, value = math.log10(low), math.log10(high), math.log10(max(value, self.low))
        share = (value - low) / (high - low) if high > low else 0.5
        return self.start + share * (self.end - self.start)

    def ticks(self):
        if self.is_log:
            return [10.0**power for power in range(math.ceil(math.log10(self.low) - 1e-9), math.floor(math.log10(self.high) + 1e-9) + 1)]
        step = nice((self.high - self.low) / 5)
        return [step * n for n in range(math.ceil(self.low / step), math.floor(self.high / step + 1e-9) + 1)]


def nice(step):
    """The next of 1, 2, 5, 10, 20, …"""
    power = 10 ** math.floor(math.log10(step))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= step * 0.999)


def tick_text(value):
    return f"{value:,.0f}" if value >= 1 or value == 0 else f"{value:g}"


def text(x, y, words, kind="pale", anchor="middle", extra=""):
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{extra}>{escape(words)}</text>'


def frame(title, x_name, y_name, body):
    middle = TOP + (HEIGHT - TOP - BOTTOM) / 2
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" role="img">',
        f"<title>{escape(title)}</title>", f"<style>{STYLE}</style>",
        f'<rect class="ground" width="{WIDTH}" height="{HEIGHT}" rx="6"/>', text(LEFT, 26, title, "ink title", "start"),
        text(LEFT + (WIDTH - LEFT - RIGHT) / 2, HEIGHT - 14, x_name),
        text(18, middle, y_name, extra=f' transform="rotate(-90 18 {middle:.1f})"'), *body, "</svg>", "",
    ])


def legend(names):
    body, x = [], LEFT
    for index, name in enumerate(names):
        body.append(f'<rect class="fill{index % 4}" x="{x:.1f}" y="36" width="12" height="12" rx="2"/>')
        body.append(text(x + 18, 47, name, "ink", "start"))
        x += 30 + 7.2 * len(name)
    return body


def grid(scale):
    body = []
    for tick in scale.ticks():
        y = scale(tick)
        body.append(f'<line class="line" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        body.append(text(LEFT - 8, y + 4, tick_text(tick), anchor="end"))
    return body


def lines(title, x_name, y_name, curves, log_x=False, log_y=False, x_ticks=None):
    """Curves: name to pairs (x, y). `x_ticks`: pairs of position and text, instead of round figures."""
    points = [point for curve in curves.values() for point in curve]
    xs, ys = [x for x, _ in points], [y for _, y in points]
    across = Scale(min(xs), max(xs), LEFT + 12, WIDTH - RIGHT - 12, log_x)
    up = Scale(10 ** math.floor(math.log10(min(ys))) if log_y else 0, max(ys) * (1.3 if log_y else 1.1), HEIGHT - BOTTOM, TOP + 8, log_y)
    body = legend(curves) + grid(up)
    for x, words in x_ticks or [(x, tick_text(x)) for x in across.ticks()]:
        body.append(text(across(x), HEIGHT - BOTTOM + 20, words))
    body.append(f'<line class="axis" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{HEIGHT - BOTTOM}" y2="{HEIGHT - BOTTOM}"/>')
    for index, curve in enumerate(curves.values()):
        path = " ".join(f"{across(x):.1f},{up(y):.1f}" for x, y in curve)
        body.append(f'<polyline class="curve stroke{index % 4}" points="{path}"/>')
        if len(curve) <= 12:
            body += [f'<circle class="fill{index % 4}" cx="{across(x):.1f}" cy="{up(y):.1f}" r="3.5"/>' for x, y in curve]
    return frame(title, x_name, y_name, body)


def bars(title, x_name, y_name, groups, log_y=True):
    """Groups: name to bars; bars: name to (middle, low, high). One colour per name of a bar, whiskers from low to high."""
    names = list(dict.fromkeys(name for group in groups.values() for name in group))
    lows = [low for group in groups.values() for _, low, _ in group.values()]
    highs = [high for group in groups.values() for _, _, high in group.values()]
    bottom = 10 ** math.floor(math.log10(min(lows))) if log_y else 0
    up = Scale(bottom, max(highs) * (1.6 if log_y else 1.15), HEIGHT - BOTTOM, TOP + 8, log_y)
    body = legend(names) + grid(up)
    room = (WIDTH - LEFT - RIGHT) / len(groups)
    for at, (group_name, group) in enumerate(groups.items()):
        width = min(56, room * 0.8 / len(group))
        start = LEFT + room * (at + 0.5) - width * len(group) / 2
        body.append(text(LEFT + room * (at + 0.5), HEIGHT - BOTTOM + 20, group_name, "ink"))
        for index, (name, (figure, low, high)) in enumerate(group.items()):
            x, y = start + width * index, up(figure)
            body.append(
                f'<rect class="fill{names.index(name) % 4}" x="{x + 3:.1f}" y="{y:.1f}" width="{width - 6:.1f}" '
                f'height="{HEIGHT - BOTTOM - y:.1f}" rx="2"/>')
            middle = x + width / 2
            body.append(f'<line class="axis whisker" x1="{middle:.1f}" x2="{middle:.1f}" y1="{up(low):.1f}" y2="{up(high):.1f}"/>')
            body.append(text(middle, up(high) - 5, number(figure), "ink"))
    body.append(f'<line class="axis" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{HEIGHT - BOTTOM}" y2="{HEIGHT - BOTTOM}"/>')
    return frame(title, x_name, y_name, body)
