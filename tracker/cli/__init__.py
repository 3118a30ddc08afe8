"""The command line: parses options, calls the pipeline, prints results. `main` is the entry."""
