"""What is remembered between requests, kept apart by session."""
