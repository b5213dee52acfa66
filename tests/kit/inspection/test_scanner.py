"""clamd's protocol, and that nothing passes where it does not answer; against the real daemon where there is one."""

import asyncio
import shutil
import subprocess
import time
from contextlib import asynccontextmanager

import pytest

from clm.kit.inspection import Scanner, ScannerUnavailable
from clm.kit.inspection.fakes import fake_clamd
from clm.kit.inspection.watching import EICAR
from tests.conftest import free_port
from tests.kit.inspection.test_inspect import judged


async def stream(*chunks):
    for chunk in chunks:
        yield chunk


async def test_a_clean_stream_and_one_with_a_virus():
    async with fake_clamd() as url:
        scanner = Scanner(url)
        await scanner.ping()
        assert await scanner.scan(stream(b"a" * 100_000, b"b")) is None
        assert await scanner.scan(stream(EICAR[:30], EICAR[30:])) == "Eicar-Test-Signature"


@pytest.mark.parametrize(
    "answer", [b"", b"stream: OK", b"INSTREAM size limit exceeded. ERROR\0", b"\xff\0", b"x" * 9000]
)
async def test_what_is_no_answer_lets_nothing_pass(answer):
    async with fake_clamd(answer) as url:
        with pytest.raises(ScannerUnavailable):
            await Scanner(url).scan(stream(b"a"))
        with pytest.raises(ScannerUnavailable):
            await judged(b"text", "text/plain", scanner=Scanner(url))


async def test_a_scanner_that_is_down_or_silent_lets_nothing_pass():
    with pytest.raises(ScannerUnavailable):
        await Scanner(f"tcp://127.0.0.1:{free_port()}").ping()
    with pytest.raises(ScannerUnavailable):
        await Scanner("unix:///nowhere/clamd.ctl").scan(stream(b"a"))


async def test_a_stream_with_an_empty_chunk_is_seen_to_its_end():
    async with fake_clamd() as url:
        assert await Scanner(url).scan(stream(b"a", b"", EICAR)) == "Eicar-Test-Signature"


async def test_a_file_that_is_too_long_for_the_scanner_does_not_pass_and_the_reason_is_told():
    async with fake_clamd(at_most=100_000) as url:
        with pytest.raises(ScannerUnavailable, match="size limit exceeded"):
            await Scanner(url).scan(stream(*[b"a" * 50_000] * 400))


@asynccontextmanager
async def serving(answer):
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def test_an_answer_before_the_end_is_none():
    async def hasty(reader, writer):
        await reader.readexactly(5000)
        writer.write(b"stream: OK\0")
        await writer.drain()
        writer.close()

    async with serving(hasty) as url:
        with pytest.raises(ScannerUnavailable):
            await Scanner(url).scan(stream(*[b"a" * 50_000] * 400))


async def test_a_slow_stream_has_time_and_a_silent_scanner_has_not():
    async def slow():
        for _ in range(6):
            await asyncio.sleep(0.1)
            yield b"a"

    async def silent(reader, writer):
        await reader.read()
        writer.close()

    async with fake_clamd() as url:
        assert await Scanner(url, seconds=0.4).scan(slow()) is None
    async with serving(silent) as url:
        with pytest.raises(ScannerUnavailable, match="TimeoutError"):
            await Scanner(url, seconds=0.2).scan(stream(b"a"))


async def test_a_virus_that_only_the_scanner_knows_is_a_finding():
    async with fake_clamd(b"stream: Doc.Dropper-1 FOUND\0") as url:
        verdict, _ = await judged(b"text", "text/plain", scanner=Scanner(url))
    assert [(one.code, one.message) for one in verdict.findings] == [("malware", "The scanner found Doc.Dropper-1.")]


@pytest.mark.parametrize("url", ["http://host", "tcp://", "unix://", "host:3310", ""])
def test_addresses_that_are_none(url):
    with pytest.raises(ValueError, match="clamd"):
        Scanner(url)


@pytest.fixture
def clamd(tmp_path):
    """A real clamd with one signature of our own, which is how ClamAV writes the MD5 and the size of a file."""
    program = shutil.which("clamd", path="/usr/sbin:/usr/bin:/usr/local/sbin:/opt/homebrew/sbin")
    if program is None:
        pytest.skip("clamd is not installed")
    (tmp_path / "db").mkdir()
    (tmp_path / "db" / "own.ndb").write_text(f"Own.Signature:0:*:{b'hostile-marker-of-ours'.hex()}\n")
    port = free_port()
    config = tmp_path / "clamd.conf"
    config.write_text(
        f"DatabaseDirectory {tmp_path / 'db'}\nTCPSocket {port}\nTCPAddr 127.0.0.1\nForeground yes\n"
        f"LogFile {tmp_path / 'log'}\nTemporaryDirectory {tmp_path}\nUser root\n"
    )
    with subprocess.Popen(
        [program, "-c", str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            yield f"tcp://127.0.0.1:{port}", process
        finally:
            process.kill()


async def test_the_real_daemon(clamd):
    url, process = clamd
    scanner, deadline = Scanner(url), time.monotonic() + 60
    while True:
        try:
            await scanner.ping()
            break
        except ScannerUnavailable:
            assert process.poll() is None and time.monotonic() < deadline, "clamd does not start"  # noqa: PT018 - one state
            time.sleep(0.1)
    assert await scanner.scan(stream(b"harmless" * 50_000)) is None
    assert await scanner.scan(stream(b"a hostile-marker", b"-of-ours here")) == "Own.Signature.UNOFFICIAL"
