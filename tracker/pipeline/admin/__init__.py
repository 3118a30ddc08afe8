"""Operating an installation: checks, scheduled jobs and the demo."""
