"""Real servers on loopback sockets: what cannot be seen in process."""
