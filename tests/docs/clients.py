"""What `docs/clients.md` shows of the clients: what their own tests set up, and say of them."""

from __future__ import annotations

import ast
import re
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "clients"
CLIENTS = sorted(path.stem.removeprefix("test_") for path in FOLDER.glob("test_*.py"))
SET_UP = re.compile(r"^# -- set-up\n(.*?)^# -- end$", re.MULTILINE | re.DOTALL)
URL = "http://127.0.0.1:8000"


def client(name: str) -> str:
    """Return what a client's test says of it, and the lines that point it at mockllm."""
    text = (FOLDER / f"test_{name}.py").read_text(encoding="utf-8")
    said = ast.get_docstring(ast.parse(text)) or ""
    prose = "\n\n".join(paragraph.replace("\n", " ") for paragraph in said.split("\n\n"))
    lines = SET_UP.findall(text)
    code = with_url("".join(lines)).strip()
    language = "sh" if code.startswith("export ") else "py"
    return f"{prose}\n\n```{language}\n{code}\n```\n"


def with_url(code: str) -> str:
    """Return code with the address that the manual's server has; `$URL` is a shell's."""
    code = code.replace("$URL", URL)
    code = re.sub(r'f"\{URL\}(.*?)"', rf'"{URL}\1"', code)
    return re.sub(r"\bURL\b", f'"{URL}"', code)
