"""Google's Gemini HTTP API."""
