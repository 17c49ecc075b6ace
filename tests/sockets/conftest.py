"""What several modules start servers with."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest


class Tls(NamedTuple):
    """How to serve https, and what to trust as a client."""

    options: tuple[str, ...]
    trust: ssl.SSLContext


@pytest.fixture
def tls(tmp_path: Path) -> Tls:
    """A certificate for 127.0.0.1 that nobody else has signed."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed")
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    words = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=mock"]
    names = ["-addext", "subjectAltName=IP:127.0.0.1"]
    files = ["-keyout", str(key), "-out", str(cert)]
    subprocess.run([openssl, *words, *names, *files], check=True, capture_output=True, timeout=60)
    options = ("--certfile", str(cert), "--keyfile", str(key))
    return Tls(options, ssl.create_default_context(cafile=cert))
