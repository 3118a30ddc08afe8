"""Everything remembered, in one SQLite file; all SQL of the house is in this package.

`database` opens the file, `schema` grows it, and each other module keeps one noun. Functions take
the open `Database` first; those that write do so inside `database.writing`.
"""
