"""Whether a sentence says only what its source says: numbers and names.

Public surface: ``numbers_and_names``, ``unsupported``.
"""
