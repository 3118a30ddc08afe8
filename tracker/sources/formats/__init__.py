"""Parsers of file formats and documents: bytes in, records out, without I/O."""
