"""The query language: parsing, filters, expansion of acronyms."""
