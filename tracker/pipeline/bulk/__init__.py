"""Bulk work on other machines: exchanged as files, computed by an engine, checked on return.

Workers read and write rows only. The database is read when work is exported and written when
results are imported, so that any engine can compute them.
"""
