"""Search: texts of contracts, notices and files, folded and cut into passages."""
