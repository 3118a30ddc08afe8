"""Checks that a generated sentence is supported by its source."""
