"""One room per capability, each with the same four files."""
