"""Running under gunicorn and gevent."""
