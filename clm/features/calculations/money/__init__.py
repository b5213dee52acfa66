"""Money as calculators: interest, due dates, allocation, deposits, penalties, and the words of a limit."""
