"""Composing, publishing and exporting issues."""
