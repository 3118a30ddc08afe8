"""The release: read by the build, the User-Agent and the small print."""

__version__ = "0.1.0"
