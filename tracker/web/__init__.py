"""The web site: issues, search, papers and topics as pages, and the links in mails."""
