"""Attachments: files that belong to a contract, each with its immutable versions."""
