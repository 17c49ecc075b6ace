"""How fast our server is beside others. Run it with `make bench`.

Starts each server alone on a core and gives it the same work from another core, in turn, several
times, and takes medians. See benchmarks/README.md.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Sequence

from benchmarks import wrk
from benchmarks.contenders import CACHE, CONTENDERS, OURS, Contender, Unavailable
from benchmarks.report import picture, tables
from benchmarks.rows import ROWS, Broken, Cores, Figures
from benchmarks.server_process import ROOT, NotStarted, busy_s, machine, prepare, two_cores
from benchmarks.streams import write

PAGE = ROOT / "docs" / "performance.md"
PICTURE = ROOT / "docs" / "performance.svg"
BEGIN = "<!-- make bench -->"
_LOOK_S = 0.3


class Bench:
    """Measures, and keeps what it has measured."""

    def __init__(self, cores: Cores) -> None:
        self.samples: dict[str, dict[str, list[Figures]]] = {}
        self.failures: list[str] = []
        self._cores = cores
        self._others: list[float] = []

    def measure(self, row: str, contenders: Sequence[Contender], rounds: int) -> None:
        """Measure a row: A B C A B C ..."""
        found = self.samples.setdefault(row, {})
        for number in range(rounds):
            self._others.append(others_share(self._cores))
            for contender in contenders:
                what = f"{row} {number + 1}/{rounds}: {contender.title}"
                print(what, end=" ... ", file=sys.stderr, flush=True)
                started_s = time.monotonic()
                try:
                    figures = ROWS[row].measure(contender, self._cores)
                except (Broken, NotStarted) as error:
                    self.failures.append(f"{row}, {contender.title}: {error}")
                    print("FAILED", end=" ", file=sys.stderr)
                else:
                    found.setdefault(contender.name, []).append(figures)
                print(f"{time.monotonic() - started_s:.1f} s", file=sys.stderr)

    def noise(self) -> str:
        """Return how busy the machine was with other things."""
        middle, most = statistics.median(self._others), max(self._others)
        return f"other programs took {middle:.0%} of it between the runs, at most {most:.0%}"


def main() -> int:
    """Measure, print, and write where asked to. Return 1 when ours failed at something."""
    options = _options()
    problem = _problem(options)
    if problem:
        print(problem, file=sys.stderr)
        return 2
    cores = Cores(*two_cores(), tuple(sorted(os.sched_getaffinity(0))))
    prepare(cores.client)
    contenders = list(_installed(options.servers))
    bench = Bench(cores)
    load, started_s = os.getloadavg()[0], time.monotonic()
    for row in options.only:
        who = [each for each in contenders if _can(each, row)]
        bench.measure(row, who, options.rounds or ROWS[row].rounds)
    minutes = (time.monotonic() - started_s) / 60
    line = (
        f"{machine()}; load average at the start {load:.2f}, {bench.noise()};"
        f" {minutes:.0f} minutes."
    )
    text = f"{line}\n\n{tables(bench.samples, contenders)}"
    print(text)
    for failure in bench.failures:
        print(f"FAILED: {failure}")
    CACHE.mkdir(exist_ok=True)
    (CACHE / "results.json").write_text(json.dumps({"what": line, "runs": bench.samples}, indent=1))
    drawing = picture(bench.samples, contenders)
    (CACHE / "results.svg").write_text(drawing)
    if options.write:
        write(PAGE, f"{text}\n\n![Bars: shorter is better]({PICTURE.name})", BEGIN)
        PICTURE.write_text(drawing)
    return int(any(OURS.title in failure for failure in bench.failures))


def others_share(cores: Cores) -> float:
    """Return how much of the machine is used while this program does nothing."""
    used_s, started_s = sum(map(busy_s, cores.every)), time.monotonic()
    time.sleep(_LOOK_S)
    used_s = sum(map(busy_s, cores.every)) - used_s
    return used_s / ((time.monotonic() - started_s) * len(cores.every))


def _can(contender: Contender, row: str) -> bool:
    work = ROWS[row].work
    return contender is OURS if work is None else work in contender.works


def _installed(names: Sequence[str]) -> Iterable[Contender]:
    for name in names:
        contender = CONTENDERS[name]
        try:
            contender.install()
        except Unavailable as error:
            print(f"{contender.title} is left out: {error}", file=sys.stderr)
        else:
            yield contender


def _problem(options: argparse.Namespace) -> str | None:
    if sys.platform != "linux":
        return "this benchmark reads /proc, which only Linux has"
    if any(ROWS[row].needs_wrk for row in options.only) and not wrk.is_there():
        return f"{wrk.MISSING}\nor leave out what needs it: ONLY={','.join(_without_wrk())}"
    is_whole = set(options.only) == set(ROWS) and OURS.name in options.servers
    if options.write and not is_whole:
        return "only a run of all rows can be written into the manual: leave ONLY out"
    return None


def _without_wrk() -> Iterable[str]:
    return (name for name, row in ROWS.items() if not row.needs_wrk)


def _names(known: Iterable[str]) -> Callable[[str], list[str]]:
    def parsed(text: str) -> list[str]:
        names = text.split(",")
        for name in names:
            if name not in known:
                raise argparse.ArgumentTypeError(f"{name!r} is none of {', '.join(known)}")
        return [name for name in known if name in names]

    return parsed


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speed", description=__doc__)
    parser.add_argument(
        "--only",
        type=_names(ROWS),
        default=list(ROWS),
        metavar="ROW,ROW",
        help=f"which rows, of {', '.join(ROWS)} (default: all)",
    )
    parser.add_argument(
        "--servers",
        type=_names(CONTENDERS),
        default=list(CONTENDERS),
        metavar="NAME,NAME",
        help=f"which servers, of {', '.join(CONTENDERS)} (default: all)",
    )
    parser.add_argument("--rounds", type=int, help="how many runs of each (default: 3 to 10)")
    parser.add_argument("--write", action="store_true", help=f"write to {PAGE.relative_to(ROOT)}")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
