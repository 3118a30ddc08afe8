"""Commands that find papers and help to read them."""
