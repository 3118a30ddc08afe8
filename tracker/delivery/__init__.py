"""Handing over: mails, the outbox around SMTP, feeds and pages, and files for other programs."""
