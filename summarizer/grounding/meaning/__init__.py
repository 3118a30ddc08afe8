"""Whether a sentence means what its source means: polarity, agents, and who does better."""
