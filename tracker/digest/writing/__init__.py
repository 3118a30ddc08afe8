"""The sentences of an issue: headline, brief, themes, reasons and notes."""
