"""The application for WSGI servers: `gunicorn wsgi:app`."""

from mockllm import create_app

app = create_app()
