"""The model of a request is the deployment that its URL names."""

from __future__ import annotations

from mockllm.core.model import ObjectName
from mockllm.core.raw import Raw
from mockllm.errors import InvalidRequest, ObjectNotFound
from mockllm.providers.azure import dialect

_MAX_NAME_LENGTH = 1_000
"""Bounded, because every chunk of a stream repeats it. Azure's own bound is 64."""


def model_of(raw: Raw, sent: str) -> str:
    """Return the deployment of the URL; `sent`, the body's model, where the URL names none.

    Raises:
        ObjectNotFound: no deployment can have such a name.
        InvalidRequest: neither names one.
    """
    name = raw.url_parts.get(dialect.DEPLOYMENT, "")
    if len(name) > _MAX_NAME_LENGTH:
        raise ObjectNotFound(ObjectName(dialect.DEPLOYMENT, name))
    if not name and not sent:
        raise InvalidRequest("missing", ("model",))
    return name or sent
