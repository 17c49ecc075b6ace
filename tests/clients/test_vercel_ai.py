"""Vercel's AI SDK 7, with its packages for OpenAI, Anthropic, Google, Azure and whatever is like
OpenAI. It asks for Node.js 22.

The base URL has the version in it, for Anthropic and Google too. `ANTHROPIC_BASE_URL` as mockllm
prints it lacks `/v1`, and for Google there is no such variable.

`openai("...")` is OpenAI's responses, `openai.chat("...")` its chat completions. Models of
`openai.completion("...")` send the conversation as one text, which `contains` finds and `equals`
does not."""


# /// script
# dependencies = []
# ///

import os
import shutil
import subprocess
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent / "vercel_ai"
FILES = sorted(FOLDER.glob("*.test.mjs"))
PLACE = Path(os.environ["CLIENT_PLACE"])


@pytest.fixture(autouse=True)
def _beside_their_packages():
    for file in FOLDER.glob("*.mjs"):
        shutil.copy(file, PLACE)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name.partition(".")[0])
def test_vercel_ai(file, png, pdf):
    ended = subprocess.run(
        ["node", "--test", "--test-reporter=spec", file.name],
        cwd=PLACE,
        env=os.environ | {"PNG": png, "PDF": pdf},
        capture_output=True,
        encoding="utf-8",
    )

    assert ended.returncode == 0, f"{ended.stdout}\n{ended.stderr}"
