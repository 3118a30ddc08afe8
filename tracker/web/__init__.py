"""The third door: issues, search, papers and topics as web pages, and the links in mails."""
