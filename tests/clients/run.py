"""Ask mockllm with the programs that people use: `make test-clients`.

Each `test_*.py` beside this file is a client. What its first comment (PEP 723) asks for, and what
the `package-lock.json` in the folder of its name does, is installed in a place of its own under
`.clients/`; a server of `rules.yml`, with the client's own `<name>.yml` over it where there is one,
is started, and the tests are run in that place against the server's URL, which is all that they
know of mockllm.

`CLIENTS="langchain llm" make test-clients` tries only these.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from tests.sockets.server import GUNICORN, running

FOLDER = Path(__file__).parent
ROOT = FOLDER.parents[1]
PLACES = ROOT / ".clients"
PYTEST = "pytest>=9,<10"
METADATA = re.compile(r"^# /// script\n((?:#.*\n)*?)# ///$", re.MULTILINE)
INSTALL_S = 600
TESTS_S = 300
AT_ONCE = 2
"""Two cores: one installs while the other tests."""
_SECRET = (
    "OPENAI_",
    "ANTHROPIC_",
    "GOOGLE_",
    "GEMINI_",
    "OLLAMA_",
    "MISTRAL_",
    "LITELLM_",
    "NODE_OPTIONS",
    "PYTEST_",
)


class Tried(NamedTuple):
    """How the tests of one client ended."""

    name: str
    passed: bool
    seconds: float
    output: str


def main(names: list[str]) -> int:
    """Try the clients of these names, all when there is none, and return the exit code."""
    known = {path.stem.removeprefix("test_") for path in FOLDER.glob("test_*.py")}
    if unknown := set(names) - known:
        print(f"no such client: {', '.join(sorted(unknown))}; there are {', '.join(sorted(known))}")
        return 2
    with ThreadPoolExecutor(AT_ONCE) as pool:
        failed = [_told(tried) for tried in pool.map(attempt, sorted(names or known))]
    return 1 if any(failed) else 0


def attempt(name: str) -> Tried:
    """Install a client and run its tests."""
    begun = time.monotonic()
    try:
        python = install(name)
        with running(GUNICORN, rules_of(name)) as server:
            ended = _run(
                [python, "-m", "pytest", "-q", "-c", FOLDER / "pytest.ini", test_of(name)],
                TESTS_S,
                MOCKLLM_URL=f"http://127.0.0.1:{server.client.port}",
                CLIENT_PLACE=str(PLACES / name),
            )
        passed, output = ended.returncode == 0, ended.stderr + ended.stdout
    except (subprocess.SubprocessError, OSError, AssertionError) as error:
        passed, output = False, f"{error}\n{getattr(error, 'stderr', '') or ''}"
    return Tried(name, passed, time.monotonic() - begun, output)


def install(name: str) -> str:
    """Install what a client's tests ask for, unless that has been done, and return the Python that
    runs them."""
    node, place = FOLDER / name, PLACES / name
    files = [path for path in (node / "package.json", node / "package-lock.json") if path.is_file()]
    requirements = [PYTEST, *dependencies(test_of(name).read_text(encoding="utf-8"))]
    wanted = "\n".join([*requirements, *(path.read_text(encoding="utf-8") for path in files)])
    done, python = place / ".installed", str(place / "bin" / "python")
    if done.is_file() and done.read_text(encoding="utf-8") == wanted:
        return python
    shutil.rmtree(place, ignore_errors=True)
    _run([sys.executable, "-m", "venv", place], INSTALL_S).check_returncode()
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    _run([*pip, *requirements], INSTALL_S).check_returncode()
    if files:
        for path in files:
            shutil.copy(path, place)
        npm = ["npm", "ci", "--silent", "--no-audit", "--no-fund", "--ignore-scripts"]
        _run([*npm, "--prefix", place], INSTALL_S).check_returncode()
    done.write_text(wanted, encoding="utf-8")
    return python


def test_of(name: str) -> Path:
    return FOLDER / f"test_{name}.py"


def rules_of(name: str) -> Path:
    """Return what a client is answered from, as `MOCKLLM_RESPONSES` takes it."""
    files = [FOLDER / "rules.yml", FOLDER / f"{name}.yml"]
    return Path(os.pathsep.join(str(path) for path in files if path.is_file()))


def dependencies(text: str) -> list[str]:
    """Return what a script's metadata says that it needs (PEP 723)."""
    found = METADATA.search(text)
    if found is None:
        return []
    toml = "".join(line.removeprefix("#").strip() + "\n" for line in found[1].splitlines())
    wanted: list[str] = tomllib.loads(toml)["dependencies"]
    return wanted


def _run(
    words: list[str | Path], timeout: float, **variables: str
) -> subprocess.CompletedProcess[str]:
    environ = {name: value for name, value in os.environ.items() if not name.startswith(_SECRET)}
    return subprocess.run(
        words,
        cwd=ROOT,
        env=environ | variables,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=timeout,
        check=False,
    )


def _told(tried: Tried) -> bool:
    """Print how a client did, and return whether it failed."""
    print(f"{tried.name}: {'passed' if tried.passed else 'FAILED'} in {tried.seconds:.0f} s")
    print(tried.output if not tried.passed else tried.output.strip().splitlines()[-1], flush=True)
    return not tried.passed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
