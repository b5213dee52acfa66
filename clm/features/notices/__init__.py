"""Notices (14.1): drafted, sent, delivered, and judged when they arrive."""
