"""The MCP server: the papers and issues as tools, resources and a prompt for language models."""
