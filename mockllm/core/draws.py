"""Ids and randomness that an exchange may draw, each a function of one key and a name."""

from __future__ import annotations

import random
from hashlib import blake2b

from msgspec import Struct

_ALPHABET = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_TO_ALPHABET = bytes(_ALPHABET[byte % len(_ALPHABET)] for byte in range(256))
_MAX_ID_LENGTH = 64


class Draws(Struct, frozen=True, gc=False):
    """The source of everything random about one exchange.

    The same key and name give the same draw, however often and in whatever order they are asked
    for: so a stream and a whole reply carry the same ids.
    """

    key: bytes

    def of(self, number: int) -> Draws:
        """Return the draws of the `number`th (from 0) of several answers to one request; those
        of the first are these."""
        if number == 0:
            return self
        key = blake2b(number.to_bytes(4, "big"), key=self.key, digest_size=32)
        return Draws(key.digest())

    def id(self, name: str, length: int) -> str:
        """Return `length` (at most 64) letters and digits, the same at each call."""
        digest = blake2b(name.encode(), key=self.key, digest_size=min(length, _MAX_ID_LENGTH))
        return digest.digest().translate(_TO_ALPHABET).decode()

    def hex_id(self, name: str, length: int) -> str:
        """Return `length` (even, at most 128) hexadecimal digits, the same at each call."""
        return blake2b(name.encode(), key=self.key, digest_size=length // 2).hexdigest()

    def random(self, name: str) -> random.Random:
        """Return a generator of its own for `name`; each call starts the same sequence."""
        return random.Random(blake2b(name.encode(), key=self.key, digest_size=16).digest())


def seeded_key(seed: int, session: str, digest: bytes, n: int) -> bytes:
    """Return the key of the `n`th time that `session` sends the request with this digest."""
    material = f"{seed}\0{session}\0{n}\0".encode() + digest
    return blake2b(material, digest_size=32).digest()


def unique_key(process_key: bytes, n: int) -> bytes:
    """Return the key of the `n`th exchange of a process that drew `process_key` at random."""
    return blake2b(n.to_bytes(8, "big"), key=process_key, digest_size=32).digest()


def request_digest(path: str, body: bytes) -> bytes:
    """Return what tells one request from another for `seeded_key`."""
    return blake2b(body, key=blake2b(path.encode(), digest_size=32).digest()).digest()
