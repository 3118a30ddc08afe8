"""How a request to a language model's server ends: its time, its events, the server's health."""
