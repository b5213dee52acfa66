"""The change feed: every decision about every contract, in the order of their commits."""
