"""Azure OpenAI's API: what differs from OpenAI's."""
