"""E-mail out and its bounces in: one SMTP server to hand messages to, and the reports that come back (RFC 5321, 3464).

mailer = Mailer.of("smtp://user:secret@mail.example.com:587?from=notices@example.com")
outcome = await mailer.send(letter)
"""

from clm.kit.mail.letters import Letter, is_address
from clm.kit.mail.mailer import Accepted, Mailer, MailError, NotTaken, Refused
from clm.kit.mail.reports import Report, Unreadable, read

__all__ = [
    "Accepted",
    "Letter",
    "MailError",
    "Mailer",
    "NotTaken",
    "Refused",
    "Report",
    "Unreadable",
    "is_address",
    "read",
]
