"""Email delivery: messages, SMTP, the outbox, signed links."""
