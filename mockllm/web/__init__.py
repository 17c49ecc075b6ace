"""Between HTTP and the service: time and sockets are here."""
