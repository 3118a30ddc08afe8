"""The command line: thin doors to the verbs. `main` is the console script."""
