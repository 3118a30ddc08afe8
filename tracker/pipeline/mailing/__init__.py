"""Sending issues to subscribers, each with their preferences."""
