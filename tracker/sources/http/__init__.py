"""HTTP: client, messages, rate limits, address checks, API keys."""
