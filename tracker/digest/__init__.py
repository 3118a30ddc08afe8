"""Deciding what to say: ranking, the weekly digest, the monthly report, and their pages."""
