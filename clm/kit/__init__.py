"""Plumbing that knows nothing of contracts."""
