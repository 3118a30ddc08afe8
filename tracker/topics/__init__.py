"""Seeing shape: what a paper is about, and which groups a period's papers form."""
