"""Delivery: the channel protocol, email, feeds, and files for other programs."""
