"""Timers: everything that will happen by itself, and the test clock that lets it."""
