"""Confidentiality (8.1-8.3): items, how long the duty for each lasts, and what the law makes of its end."""
