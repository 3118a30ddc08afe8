"""Plain text: LaTeX conversion, sentences and words, stems, case folding, word lists."""
