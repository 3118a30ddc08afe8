"""External sources: one module per source, the HTTP client they share, and the formats they use."""
