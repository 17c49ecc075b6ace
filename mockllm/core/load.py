"""How answers under way slow each other down: one process's, by arithmetic and without waiting."""

from __future__ import annotations

from mockllm.core.timing import Load


class Busy(Exception):
    """As many answers are under way as may be. `free_s` is how long until one has ended."""

    def __init__(self, free_s: float) -> None:
        super().__init__(free_s)
        self.free_s = free_s


class Board:
    """When each answer under way is going to end, by the load that it counts for.

    An answer that ends early, because its client left, makes room for those that come after; what
    waits already keeps its place in time.
    """

    def __init__(self) -> None:
        self._ends: dict[str, dict[str, float]] = {}
        self._loads: dict[str, str] = {}

    def arrive(self, load: Load, name: str, now_s: float, taken_s: float) -> tuple[float, float]:
        """Note an answer that takes `taken_s` by itself; return how long it waits and how many
        times as long it takes.

        Raises:
            Busy: it is refused.
        """
        ends = self._ends.setdefault(load.name, {})
        ahead = sorted(ends.values())
        wait_s, under_way = 0.0, len(ahead)
        if under_way >= load.max_concurrent:
            free_s = ahead[under_way - load.max_concurrent] - now_s
            if load.beyond == "reject":
                raise Busy(max(free_s, 0.0))
            wait_s, under_way = max(free_s, 0.0), load.max_concurrent - 1
        share = under_way / (load.max_concurrent - 1) if load.max_concurrent > 1 else 0.0
        factor = 1 + (load.slowdown - 1) * share
        ends[name] = now_s + wait_s + taken_s * factor
        self._loads[name] = load.name
        return wait_s, factor

    def leave(self, name: str) -> None:
        """Note that an answer, which may have arrived here, has ended."""
        load = self._loads.pop(name, None)
        if load is not None:
            del self._ends[load][name]
            if not self._ends[load]:
                del self._ends[load]
