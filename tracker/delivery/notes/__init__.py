"""Notes as Markdown, Notion tables and Anki decks."""
