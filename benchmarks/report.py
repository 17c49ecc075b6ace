"""The figures as tables in Markdown and as a picture."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence
from html import escape

from benchmarks.contenders import OURS, Contender
from benchmarks.rows import ROWS, WORKERS, Figure, Figures, Workers

Samples = Mapping[str, Mapping[str, Sequence[Figures]]]
"""The figures of every run, by row and by server."""

_NONE = "–"


def median(samples: Samples, row: str, server: str, figure: str) -> float | None:
    """Return the median of a figure's runs; None when there are none."""
    runs = samples.get(row, {}).get(server, ())
    values = [run[figure] for run in runs if figure in run]
    return statistics.median(values) if values else None


# -- tables ---------------------------------------------------------------------------------------


def tables(samples: Samples, contenders: Sequence[Contender]) -> str:
    """Return all that was measured; what was not is left out."""
    found = (_beside(samples, contenders), _alone(samples), _workers(samples))
    return "\n\n".join(table for table in found if table)


def _beside(samples: Samples, contenders: Sequence[Contender]) -> str:
    lines = [
        [figure.title, *(_cell(samples, row, name, figure, each) for each in contenders)]
        for row, name, figure in _figures(samples)
        if ROWS[row].work is not None
    ]
    return _table(["", *(each.title for each in contenders)], lines)


def _alone(samples: Samples) -> str:
    lines = [
        [figure.title, _cell(samples, row, name, figure, OURS)]
        for row, name, figure in _figures(samples)
        if ROWS[row].work is None
    ]
    return _table(["ours alone", OURS.title], lines)


def _figures(samples: Samples) -> Iterable[tuple[str, str, Figure]]:
    """Yield what can be shown of the rows that were measured: row, name, figure."""
    for row in samples:
        for name, figure in ROWS[row].figures.items():
            yield row, name, figure


def _cell(samples: Samples, row: str, name: str, figure: Figure, contender: Contender) -> str:
    value = median(samples, row, contender.name, name)
    if value is None:
        return _NONE
    text = _shown(figure, value)
    ours = median(samples, row, OURS.name, name)
    if contender is not OURS and figure.has_ratio and ours:
        text += f" ({_ratio(value / ours)})"
    return " ".join(filter(None, (text, contender.notes.get(row))))


def _shown(figure: Figure, value: float) -> str:
    return f"{value * figure.scale:,.{figure.digits}f} {figure.unit}".strip()


def _ratio(ratio: float) -> str:
    return f"{ratio:,.0f}×" if ratio >= 10 else f"{ratio:.2g}×"


def _workers(samples: Samples) -> str:
    lines = []
    for way in WORKERS:
        cpu_s, rate, idle = (
            median(samples, "workers", OURS.name, f"{way.name} {name}")
            for name in ("cpu_per_request", "requests_per_s", "idle")
        )
        if cpu_s is None or rate is None or idle is None:
            continue
        base_s = median(samples, "workers", OURS.name, f"{_base(way).name} cpu_per_request")
        ratio = way.processes * (base_s or cpu_s) / cpu_s
        lines.append(
            [way.title, f"{cpu_s * 1e6:,.0f} µs", f"{ratio:.2f}×", f"{rate:,.0f}", f"{idle:.0%}"]
        )
    head = ["", "CPU per request", "throughput by CPU", "requests/s, client beside", "cores idle"]
    return _table(head, lines)


def _base(way: Workers) -> Workers:
    """Return what a way is compared with: one worker, state in memory."""
    return next(each for each in WORKERS if each.counts == way.counts)


def _table(head: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    if not lines:
        return ""
    rule = ["---", *["---:"] * (len(head) - 1)]
    return "\n".join(f"| {' | '.join(line)} |" for line in (head, rule, *lines))


# -- the picture ----------------------------------------------------------------------------------

_PANELS = (
    ("plain", "cpu_per_request", "CPU per plain answer, one of 1,000"),
    ("paced", "cpu_per_event", "CPU per event, 1,000 streams of 50 events/s"),
    ("burst", "cpu_per_burst", "CPU per stream of 100 events, no delay"),
    ("memory", "most_bytes", "Memory with 1,000 streams open"),
    ("ready", "ready", "From start to the first answer"),
)
_WIDTH, _NAMES, _BARS, _BAR, _HEAD, _GAP, _EDGE = 720, 150, 430, 18, 30, 14, 16
_STYLE = (
    "text{font:13px system-ui,sans-serif;fill:#222}.t{font-weight:600}"
    ".o{fill:#1a66cc}.p{fill:#b4bac4}"
)


def picture(samples: Samples, contenders: Sequence[Contender]) -> str:
    """Return bars as SVG: shorter is better in all of them."""
    parts: list[str] = []
    top = _EDGE
    for row, name, title in _PANELS:
        values = [(each, median(samples, row, each.name, name)) for each in contenders]
        bars = [(each, value) for each, value in values if value is not None]
        if bars:
            parts += _panel(top, title, ROWS[row].figures[name], bars)
            top += _HEAD + _BAR * len(bars) + _GAP
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {top}" width="{_WIDTH}"'
        f' role="img" aria-label="Shorter bars are better">\n<style>{_STYLE}</style>\n'
        f'<rect width="{_WIDTH}" height="{top}" fill="#fff"/>\n' + "\n".join(parts) + "\n</svg>\n"
    )


def _panel(
    top: int, title: str, figure: Figure, bars: Sequence[tuple[Contender, float]]
) -> Iterable[str]:
    yield f'<text class="t" x="{_EDGE}" y="{top + 14}">{escape(title)}</text>'
    longest = max(value for _, value in bars)
    for number, (each, value) in enumerate(bars):
        y = top + _HEAD - 6 + _BAR * number
        length = max(1.0, _BARS * value / longest)
        kind = "o" if each is OURS else "p"
        yield f'<text x="{_EDGE}" y="{y + 12}">{escape(each.title)}</text>'
        yield (
            f'<rect class="{kind}" x="{_EDGE + _NAMES}" y="{y + 2}" width="{length:.1f}"'
            f' height="{_BAR - 5}"/>'
        )
        x = _EDGE + _NAMES + length + 6
        yield f'<text x="{x:.1f}" y="{y + 12}">{escape(_shown(figure, value))}</text>'
