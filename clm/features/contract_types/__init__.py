"""Contract texts, terms and defaults as data: built in, and the tenant's own."""
