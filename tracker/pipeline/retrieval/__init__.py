"""Indexing, search, saved searches and trends."""
