"""Passages of an issue, written by a language model from numbered facts that are proven already."""
