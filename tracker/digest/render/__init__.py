"""An issue as HTML, plain text and Markdown."""
