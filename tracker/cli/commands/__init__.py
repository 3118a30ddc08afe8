"""One module per group of commands; each parses options, calls the pipeline, prints results."""
