"""Outbox: what is to leave the service, written with the decision it follows from and sent afterwards."""
