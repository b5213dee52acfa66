"""Contracts: the facts about them, the decisions, and what can be asked of them."""
