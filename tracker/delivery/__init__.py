"""Bringing an issue to its readers: mails, the outbox around SMTP, feeds and web pages."""
