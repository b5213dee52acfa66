"""A proxy in front of an S3 server that spoils what passes through it, one kind of request at a time."""

import http.client
import re
import socket
import socketserver
import struct
import threading
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs, urlsplit

BUSY = b"<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>"
FAILED = b"<Error><Code>InternalError</Code><Message>We encountered an internal error.</Message></Error>"
OTHER_TAG = "0123456789abcdef" * 2
_TAG = re.compile(rb"[0-9a-f]{32}")
_NOT_PASSED_ON = {"connection", "content-length", "transfer-encoding", "keep-alive"}


def step_of(method, path, headers):
    """What a request to S3 is for."""
    parts = urlsplit(path)
    query = parse_qs(parts.query, keep_blank_values=True)
    if parts.path.count("/") == 1 or parts.path.endswith("/"):
        return "locate" if "location" in query else "list"
    if method == "PUT":
        return "part" if "partNumber" in query else "copy" if "x-amz-copy-source" in headers else "put"
    if method == "POST":
        return "begin" if "uploads" in query else "complete"
    if method == "DELETE":
        return "abort" if "uploadId" in query else "delete"
    return "parts" if "uploadId" in query else {"GET": "get", "HEAD": "head"}[method]


class Spoiling:
    """A fault that requests of one step meet whose address has a word in it; how often one did, and what was asked."""

    def __init__(self, word, step, fault):
        self.word, self.step, self.fault = word, step, fault
        self.met, self.seen = 0, []
        self.lifted = threading.Event()

    def meets(self, step):
        """Whether a request of this step is spoiled."""
        self.seen.append(step)
        if step != self.step or (self.fault == "busy_once" and self.met):
            return False
        self.met += 1
        return True


class Proxy:
    """Listens on a port of its own until the end of a `with` block; passes everything on that no fault meets."""

    def __init__(self, port, to):
        self.port, self.to = port, to
        self._spoiling = []
        self._open = set()
        self._server = None

    def __enter__(self):
        self._listen()
        return self

    def __exit__(self, *_):
        self._refuse()

    @contextmanager
    def spoils(self, word, step, fault):
        """Within the block, requests of this step meet this fault where their address has the word in it."""
        spoiling = Spoiling(word, step, fault)
        self._spoiling.append(spoiling)
        try:
            yield spoiling
        finally:
            self._spoiling.remove(spoiling)
            spoiling.lifted.set()

    @contextmanager
    def refuses(self):
        """Within the block, nothing listens."""
        self._refuse()
        try:
            yield
        finally:
            self._listen()

    def spoiling(self, path, step):
        """What spoils a request, if anything does."""
        about = [each for each in self._spoiling if each.word in path]
        return next((each for each in about if each.meets(step)), None)

    def opened(self, connection):
        """Remember a connection, which is cut when the port closes."""
        self._open.add(connection)

    def closed(self, connection):
        """Forget a connection."""
        self._open.discard(connection)

    def _listen(self):
        self._server = _Server(("127.0.0.1", self.port), _Handler)
        self._server.proxy = self
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def _refuse(self):
        self._server.shutdown()
        self._server.server_close()
        for connection in list(self._open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def handle_error(self, request, client_address):
        """Connections that are cut on purpose are no news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def setup(self):
        super().setup()
        self.server.proxy.opened(self.connection)

    def finish(self):
        self.server.proxy.closed(self.connection)
        with suppress(OSError):
            super().finish()

    def log_message(self, *_):
        """Nobody reads it."""

    def _pass_on(self):
        spoiling = self.server.proxy.spoiling(self.path, step_of(self.command, self.path, self.headers))
        fault = None if spoiling is None else spoiling.fault
        length = int(self.headers.get("content-length", 0))
        if fault == "cut_in":
            self._ask(self.rfile.read(length // 2), broken_off=True)
            self._cut()
            return
        body = self.rfile.read(length)
        if fault == "stalled":
            spoiling.lifted.wait(60)
            self._cut()
        elif fault in {"busy", "busy_once"}:
            self._answer(503, [("content-type", "application/xml"), ("retry-after", "60")], BUSY)
        elif fault == "told_late":
            self._answer(200, [("content-type", "application/xml")], FAILED)
        else:
            self._forward(body, fault)

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = _pass_on  # noqa: N815  the names that http.server calls

    def _forward(self, body, fault):
        if fault == "wrong_bytes" and body:
            body = body[:-1] + bytes([body[-1] ^ 1])
        status, headers, answer = self._ask(body)
        if fault == "lost":
            self._cut()
            return
        if fault == "wrong_bytes" and self.command == "GET":
            answer = answer[:-1] + bytes([answer[-1] ^ 1])
        if fault == "wrong_tag":
            headers = [(name, f'"{OTHER_TAG}"' if name.lower() == "etag" else value) for name, value in headers]
            answer = _TAG.sub(OTHER_TAG.encode(), answer) if b"ETag" in answer else answer
        self._answer(status, headers, answer, cut=fault == "cut_out")

    def _ask(self, body, *, broken_off=False):
        onward = http.client.HTTPConnection("127.0.0.1", self.server.proxy.to, timeout=30)
        try:
            onward.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers.items():
                onward.putheader(name, value)
            onward.endheaders(body)
            if broken_off:
                return None
            answer = onward.getresponse()
            return answer.status, answer.getheaders(), answer.read()
        finally:
            onward.close()

    def _answer(self, status, headers, body, *, cut=False):
        of_head = {name.lower(): value for name, value in headers}.get("content-length", "0")
        length = of_head if self.command == "HEAD" and status == 200 else str(len(body))
        lines = [f"HTTP/1.1 {status} As told", f"content-length: {length}"]
        lines += [f"{name}: {value}" for name, value in headers if name.lower() not in _NOT_PASSED_ON]
        head = "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"
        body = b"" if self.command == "HEAD" else body
        if cut:
            self.wfile.write(head + body[: len(body) // 2] if body else head[: head.index(b"\n") + 1])
            self.close_connection = True
        else:
            self.wfile.write(head + body)

    def _cut(self):
        """Close with a reset, as a cable that is pulled would look after a while."""
        with suppress(OSError):
            self.wfile.flush()
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)
