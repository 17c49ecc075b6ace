"""mockllm's own pages, under `/_mockllm`."""
