"""`gunicorn wsgi:app` finds its settings here; they are mockllm's own."""

from mockllm.serving.settings import *  # noqa: F403
