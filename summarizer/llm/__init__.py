"""Summaries by a language model: prompts, output parsing, in-process and HTTP engines."""
