"""Mailing: notices handed to a mail server, what it answers, and the bounces that come back."""
