"""`gunicorn wsgi:app` finds its settings here; they are mockllm's own."""

import gc

gc.disable()  # what is imported stays; `pre_fork` turns it on

from mockllm.serving.settings import *  # noqa: E402, F403
