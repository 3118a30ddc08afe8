"""Crawling and importing records into the store, and the completeness of each day."""
