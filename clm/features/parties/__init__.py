"""Who contracts, and where notices reach them."""
