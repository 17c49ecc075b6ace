"""gunicorn's hooks, where they need no server."""

from __future__ import annotations

import gc
import signal
from collections.abc import Callable, Iterator
from types import SimpleNamespace

import pytest

from mockllm.serving import settings


@pytest.fixture(autouse=True)
def collector() -> Iterator[None]:
    """Leave the collector as it was."""
    yield
    gc.unfreeze()
    gc.enable()


def test_collector_passes_over_what_workers_share_and_is_on() -> None:
    gc.disable()

    settings.pre_fork(SimpleNamespace(), None)

    assert gc.isenabled()
    assert gc.get_freeze_count() > 0


@pytest.mark.parametrize(
    "end", [lambda: settings.on_exit(SimpleNamespace()), lambda: settings.worker_exit(None, None)]
)
def test_nothing_is_passed_over_at_the_end(end: Callable[[], None]) -> None:
    gc.freeze()

    end()

    assert gc.get_freeze_count() == 0


def test_worker_patches_with_the_packages_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    patched: list[str] = []
    worker = SimpleNamespace(patch=lambda: patched.append("all"))

    settings.post_fork(None, worker)
    worker.patch()

    assert patched == ["all"]


def test_worker_that_does_not_patch_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    worker = SimpleNamespace()

    settings.post_fork(None, worker)

    assert vars(worker) == {}
