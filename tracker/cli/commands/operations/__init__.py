"""Commands that run, serve and maintain an installation."""
