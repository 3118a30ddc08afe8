"""What a paper's metadata says: facts, links, outline, and the names of its authors."""
