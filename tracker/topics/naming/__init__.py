"""Names for themes: phrases of a group of papers, written as a person would."""
