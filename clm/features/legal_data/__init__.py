"""Calendars and rates: what is public, dated and loaded, the same for every tenant."""
