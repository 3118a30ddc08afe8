"""Output on a terminal: tables, sentences and progress bars."""
