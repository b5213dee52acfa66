"""A real SMTP server on loopback that takes, puts off, refuses or hangs up, as a test tells it to."""

import socket
from contextlib import contextmanager

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP


class Office:
    """What has come in, and how the next messages are answered: the answers are used up one by one, then `250`."""

    def __init__(self):
        self.taken = []
        self.answers = []
        self.sessions = 0

    async def handle_EHLO(self, server, session, envelope, hostname, responses):  # noqa: N802 - aiosmtpd's name
        self.sessions += 1
        session.host_name = hostname
        return [*responses[:-1], "250-DSN", responses[-1]]

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        if self.answers and self.answers[0].startswith("RCPT "):
            return self.answers.pop(0).removeprefix("RCPT ")
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        answer = self.answers.pop(0) if self.answers else "250 2.0.0 Ok: queued as 4F1"
        if answer == "hang up":
            server.transport.abort()
            return "421 gone"
        if answer == "250 and hang up":
            self.taken.append((envelope.mail_from, envelope.rcpt_tos, envelope.content))
            server.transport.abort()
            return "421 gone"
        if answer.startswith("250"):
            self.taken.append((envelope.mail_from, envelope.rcpt_tos, envelope.content))
        return answer


class _KnowsReports(SMTP):
    """aiosmtpd knows no delivery reports (RFC 3461): their parameters are let pass."""

    def _getparams(self, params):
        found = super()._getparams(params)
        asked = ("ENVID", "RET", "NOTIFY", "ORCPT")
        return found if found is None else {name: value for name, value in found.items() if name not in asked}


class _Controller(Controller):
    def factory(self):
        return _KnowsReports(self.handler, hostname="mail.test")


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def office(port=None):
    """An office and its address, as `CLM_SMTP_URL` has it."""
    handler = Office()
    controller = _Controller(handler, hostname="127.0.0.1", port=port or _free_port())
    controller.start()
    try:
        port = controller.server.sockets[0].getsockname()[1]
        yield handler, f"smtp://127.0.0.1:{port}?tls=none&from=notices@clm.example.com&bounces=bounces@clm.example.com"
    finally:
        controller.stop()
