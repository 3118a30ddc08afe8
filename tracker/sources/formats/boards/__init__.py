"""Leaderboards: tables, columns, cells and model names."""
