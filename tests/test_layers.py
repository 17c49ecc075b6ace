"""Imports go down only, and each heavy library has its own place."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "mockllm"
MODULES = sorted(PACKAGE.rglob("*.py"))

LAYERS = (
    ("mockllm.core", 0),
    ("mockllm.errors", 0),
    ("mockllm.wire", 1),
    ("mockllm.config", 2),
    ("mockllm.state", 2),
    ("mockllm.console", 1),
    ("mockllm.log", 2),
    ("mockllm.runtime", 3),
    ("mockllm.opened", 3),
    ("mockllm.answering", 3),
    ("mockllm.planning", 3),
    ("mockllm.faulting", 3),
    ("mockllm.limiting", 3),
    ("mockllm.run_time", 3),
    ("mockllm.service", 3),
    ("mockllm.web", 4),
    ("mockllm.admin", 5),
    ("mockllm.providers.dispatch", 5),
    ("mockllm.providers.*.blueprint", 5),
    ("mockllm.providers", 1),
    ("mockllm.app", 6),
    ("mockllm.serving", 6),
    ("mockllm.cli", 7),
    ("mockllm.testing", 7),
    ("mockllm.pytest_plugin", 8),
)
PEERS = ("mockllm.config", "mockllm.state", "mockllm.log")
HOMES = {
    "flask": ("mockllm.web", "mockllm.admin", "mockllm.providers", "mockllm.app"),
    "werkzeug": (
        "mockllm.web",
        "mockllm.admin",
        "mockllm.providers.dispatch",
        "mockllm.app",
        "mockllm.serving",
        "mockllm.testing",
    ),
    "pytest": ("mockllm.pytest_plugin",),
    "yaml": ("mockllm.config",),
    "cerberus": ("mockllm.config",),
    "watchdog": ("mockllm.config", "mockllm.serving.patching"),
    "sqlite3": ("mockllm.state",),
    "gevent": ("mockllm.serving",),
    "gunicorn": ("mockllm.serving",),
    "httptools": ("mockllm.serving.http_request",),
    "rapidfuzz": ("mockllm.core.near",),
    "re2": ("mockllm.core.regex", "mockllm.core.values.patterns"),
    "ahocorasick": ("mockllm.core.needles",),
    "jinja2": (
        "mockllm.core.template_render",
        "mockllm.core.template_bounds",
        "mockllm.core.template_operations",
        "mockllm.core.template_sandbox",
    ),
    "jsonschema": ("mockllm.core.values",),
    "referencing": ("mockllm.core.values",),
}


def name_of(file: Path) -> str:
    parts = file.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts).removesuffix(".__init__")


def layer_of(name: str) -> int | None:
    """Return the layer of a module, None for the package itself, which is nobody's."""
    blueprint = name.startswith("mockllm.providers.") and name.endswith(".blueprint")
    if blueprint:
        return 5
    for prefix, layer in LAYERS:
        if name == prefix or name.startswith(f"{prefix}."):
            return layer
    return None


def imports_of(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_every_module_has_a_layer() -> None:
    unplaced = [name for file in MODULES if layer_of(name := name_of(file)) is None]

    assert unplaced == ["mockllm"]


@pytest.mark.parametrize("file", MODULES, ids=name_of)
def test_imports_go_down_only(file: Path) -> None:
    layer = layer_of(name_of(file))
    if layer is None:
        return

    upward = [name for name in imports_of(file) if (layer_of(name) or 0) > layer]

    assert upward == []


@pytest.mark.parametrize("file", MODULES, ids=name_of)
def test_peers_do_not_import_each_other(file: Path) -> None:
    own = next((peer for peer in PEERS if name_of(file).startswith(peer)), None)
    if own is None:
        return

    crossing = [
        name
        for name in imports_of(file)
        for peer in PEERS
        if peer != own and (name == peer or name.startswith(f"{peer}."))
    ]

    assert crossing == []


@pytest.mark.parametrize("file", MODULES, ids=name_of)
def test_libraries_stay_in_their_places(file: Path) -> None:
    name = name_of(file)
    if layer_of(name) is None:
        return

    astray = [
        imported
        for imported in imports_of(file)
        for library, homes in HOMES.items()
        if (imported == library or imported.startswith(f"{library}."))
        and not any(name == home or name.startswith(f"{home}.") for home in homes)
    ]

    assert astray == []
