"""Search: encoders, indexes, the query language, and the engine that fuses words and meaning."""
