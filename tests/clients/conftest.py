"""What the tests of every client share. They run in the client's own environment, in which mockllm
is not installed: all they know is its URL."""

from __future__ import annotations

import base64
import os
import struct
import zlib

import pytest


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


PNG = b"\x89PNG\r\n\x1a\n" + b"".join(
    _chunk(kind, data)
    for kind, data in [
        (b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(b"\0\xff\0\0")),
        (b"IEND", b""),
    ]
)


@pytest.fixture
def url() -> str:
    """Where mockllm listens, without a path."""
    return os.environ["MOCKLLM_URL"]


@pytest.fixture
def png() -> str:
    """A picture of one red dot, in base64."""
    return base64.b64encode(PNG).decode()


@pytest.fixture
def pdf() -> str:
    """A document without pages, in base64."""
    return base64.b64encode(
        b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n"
    ).decode()
