"""The release: read by the build, the User-Agent and the small print."""

VERSION = "0.1.0"
