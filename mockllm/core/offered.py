"""Which models there are, by `settings.models`."""

from __future__ import annotations

from mockllm.core.rules import Model, Settings
from mockllm.errors import ModelNotFound


def offered(settings: Settings, provider: str) -> tuple[Model, ...] | None:
    """Return the models that a provider lists, in the order given; None when every name is one."""
    if settings.models is None:
        return None
    listed = dict.fromkeys(model.name for model in settings.models.values())
    models = (settings.models[name] for name in listed)
    return tuple(model for model in models if model.provider in ("", provider))


def model_of(settings: Settings, provider: str, name: str) -> Model | None:
    """Return what is known of a model by its name or an alias; None when every name is one.

    Raises:
        ModelNotFound: the provider has no such model, or no longer.
    """
    if settings.models is None:
        return None
    found = settings.models.get(name)
    if found is None or found.lifecycle == "retired" or found.provider not in ("", provider):
        raise ModelNotFound(name)
    return found
