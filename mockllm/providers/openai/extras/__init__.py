"""What others that speak OpenAI's dialect add to it: `settings.openai_extras`."""
