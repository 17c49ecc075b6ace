"""`python -m benchmarks.loading FILE` loads a file of rules and prints how many seconds it took."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from mockllm.config.load import load


def main() -> None:
    """Load and print."""
    started_s = time.perf_counter()
    load(Path(sys.argv[1])).usable  # noqa: B018  # raises where there is none
    print(time.perf_counter() - started_s)


if __name__ == "__main__":
    main()
