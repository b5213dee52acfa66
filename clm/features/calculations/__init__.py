"""The law as a calculator."""
