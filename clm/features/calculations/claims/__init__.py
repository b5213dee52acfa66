"""Claims as calculators: limitation, service levels, terms of confidentiality."""
