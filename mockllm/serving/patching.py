"""What gevent's patching of the standard library needs.

watchdog's queue breaks when it is made from gevent's patched `Queue` (TypeError in a thread that
nobody sees; watchdog 7.0 and 7.1 with gevent 26.9), and then no edit is ever noticed. So every
way of starting imports this module in the master, where nothing is patched yet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import metadata
from typing import Any

import watchdog.observers  # noqa: F401


def patch(patch_all: Callable[[], object]) -> None:
    """Patch the standard library.

    gevent asks for its plugins 25 times meanwhile, and each time the metadata of all packages that
    are installed are read: 80 ms with 90 packages. Here they are read once.
    """
    with _entry_points_read_once():
        patch_all()


@contextmanager
def _entry_points_read_once() -> Iterator[None]:
    read = metadata.entry_points
    found = read()

    def entry_points(**wanted: Any) -> Any:
        return found.select(**wanted)

    metadata.entry_points = entry_points
    try:
        yield
    finally:
        metadata.entry_points = read
