"""Which papers an issue shows, and in which order."""
