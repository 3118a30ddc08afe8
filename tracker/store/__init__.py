"""All persistent data, in one SQLite file; the only package that contains SQL.

`database` opens the file, `schema` migrates it, and each other module covers one table or a few.
Functions take the open `Database` first; those that write do so in `database.write_transaction`.
"""
