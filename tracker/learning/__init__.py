"""Learning from the papers: a reading plan for one of them, and exercises for each direction."""
