"""Who may change anything under `/_mockllm`: one guard, in one place."""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Mapping

TOKEN_VARIABLE = "MOCKLLM_ADMIN_TOKEN"

OPEN_METHODS = ("GET", "HEAD", "OPTIONS")
"""Mere questions, which anybody may ask."""

_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")


def refusal(headers: Mapping[str, str], peer: str, token: str | None) -> str | None:
    """Return why a request may not change anything, None when it may.

    Who has the token may. Without it, only a program on this machine may: one that comes from a
    loopback address, through no proxy, and is no web page (a page that a developer visits must
    not reach a port on their machine).
    """
    given = headers.get("authorization", "").removeprefix("Bearer ")
    if token and hmac.compare_digest(given.encode(), token.encode()):
        return None
    if "origin" in headers:
        return f"a web page may not do this; send the token in {TOKEN_VARIABLE}"
    if any(name in headers for name in _FORWARDED):
        return f"this came through a proxy; send the token in {TOKEN_VARIABLE}"
    if not _is_loopback(peer):
        return f"only programs on this machine may do this without the token in {TOKEN_VARIABLE}"
    return None


def _is_loopback(peer: str) -> bool:
    try:
        address = ipaddress.ip_address(peer)
        return (getattr(address, "ipv4_mapped", None) or address).is_loopback
    except ValueError:
        return False
