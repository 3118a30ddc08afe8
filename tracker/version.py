"""The release version: read by the build, the User-Agent and the small print."""

__version__ = "0.2.0"
# The name on the package index, where `tracker` is another project.
DISTRIBUTION = "llm-research-tracker"
