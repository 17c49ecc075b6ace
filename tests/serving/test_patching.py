"""What gevent's patching needs."""

from __future__ import annotations

from importlib import metadata

import pytest

from mockllm.serving.patching import patch


def test_plugins_are_the_installed_ones() -> None:
    wanted = {each.name for each in metadata.entry_points(group="console_scripts")}
    found: set[str] = set()

    patch(
        lambda: found.update(each.name for each in metadata.entry_points(group="console_scripts"))
    )

    assert "mockllm" in found
    assert found == wanted


def test_packages_are_read_once_while_gevent_patches(monkeypatch: pytest.MonkeyPatch) -> None:
    reads: list[None] = []
    read = metadata.distributions

    def distributions() -> object:
        reads.append(None)
        return read()

    monkeypatch.setattr(metadata, "distributions", distributions)

    def ask() -> None:
        for group in ("gevent.plugins.monkey.will_patch_all", "console_scripts"):
            metadata.entry_points(group=group)

    patch(ask)

    assert len(reads) == 1


def test_packages_are_read_as_before_when_patching_fails() -> None:
    before = metadata.entry_points

    with pytest.raises(ZeroDivisionError):
        patch(lambda: 1 / 0)

    assert metadata.entry_points is before
