"""Finding things: vectors and their index, and the engine that fuses words and meaning."""
