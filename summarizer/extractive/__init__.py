"""Summaries that consist of an abstract's sentences: candidates, features, roles, shortening."""
