"""Try the hook as another repository would: `pre-commit try-repo` on a scratch repository."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
GOOD = 'responses:\n  "hello": "Hi."\n'
BAD = 'responses:\n  "hello": {txt: "Hi."}\n'


def main() -> int:
    """Return 0 when the hook passes a good file, and refuses a bad one with its place."""
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder) / "scratch"
        (scratch / "responses").mkdir(parents=True)
        run(scratch, "git", "init", "--quiet")
        environment = os.environ | {"PRE_COMMIT_HOME": str(Path(folder) / "cache")}

        write(scratch, "responses.yml", GOOD)
        write(scratch, "responses/more.yaml", GOOD)
        write(scratch, "other.yml", "- not: ours\n")
        good = try_hook(scratch, environment)
        write(scratch, "responses/more.yaml", BAD)
        bad = try_hook(scratch, environment)
    print(good.stdout, bad.stdout, sep="\n")  # noqa: T201  # for whoever watches
    place = "responses/more.yaml:2:13: error MOCK003 unknown key 'txt'"
    passed = good.returncode == 0 and "Passed" in good.stdout
    refused = bad.returncode == 1 and place in bad.stdout and "other.yml" not in bad.stdout
    return 0 if passed and refused else 1


def try_hook(scratch: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pre_commit", "try-repo", str(ROOT), "mockllm-validate"]
    return subprocess.run(
        [*command, "--all-files"], cwd=scratch, env=environment, capture_output=True, text=True,
        check=False,
    )  # fmt: skip


def write(scratch: Path, name: str, text: str) -> None:
    (scratch / name).write_text(text)
    run(scratch, "git", "add", name)


def run(folder: Path, *command: str) -> None:
    subprocess.run(command, cwd=folder, check=True)


if __name__ == "__main__":
    sys.exit(main())
