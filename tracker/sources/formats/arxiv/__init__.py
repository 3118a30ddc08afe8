"""arXiv's formats: Atom, listing pages, full texts and author names."""
