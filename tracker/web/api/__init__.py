"""The HTTP API under /api/v1: its operations, their description, and how they are answered."""
