"""Indexes for search: vectors behind a protocol, postings of words, and their files."""
