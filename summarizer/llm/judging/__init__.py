"""Judges of meaning: whether a source supports a sentence, by the language model."""
