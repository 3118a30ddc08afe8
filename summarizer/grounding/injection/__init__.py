"""Recognition of orders to a language model in texts of papers."""
