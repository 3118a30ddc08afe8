"""The pages of the site, each from data to a rendered response."""
