"""Topics and clusters: what a paper is about, which groups papers form, and how both change."""
