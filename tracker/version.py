"""The release: read by the build, the User-Agent and the small print."""

__version__ = "0.1.0"
# The name under which pip knows the project; `tracker` there is somebody else's.
DISTRIBUTION = "llm-research-tracker"
