"""Notes for Obsidian and Notion, and what readers changed in them."""
