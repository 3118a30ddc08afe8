"""The outside world comes in: one file per source, and the one HTTP client they all share."""
