"""Health, readiness, metrics and the documentation of the API."""
