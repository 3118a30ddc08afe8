"""Summaries of papers, with or without a language model."""
