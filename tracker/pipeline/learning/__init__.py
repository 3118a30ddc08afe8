"""Use cases of a person who learns: map, paths, weekly choice and review."""
