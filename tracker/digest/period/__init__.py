"""The papers, counts and completeness of one period, as an issue reads them."""
