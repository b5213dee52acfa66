"""Letters cannot be broken open, addresses of the server are read whole, and reports of any sort do no harm."""

import datetime as dt
from contextlib import suppress
from email import message_from_bytes
from email.policy import default

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clm.kit.mail import Letter, Mailer, Unreadable, is_address, read
from clm.kit.mail.letters import composed

AT = dt.datetime.fromisoformat("2026-04-13T16:00:00+08:00")
DSN = """From: MAILER-DAEMON@mx.example.cn
To: bounces+0123456789abcdef0123456789abcdef@example.com
Date: Mon, 13 Apr 2026 16:05:00 +0800
Content-Type: multipart/report; report-type=delivery-status; boundary="b"
MIME-Version: 1.0

--b
Content-Type: text/plain

It could not be delivered.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.cn
Original-Envelope-Id: {envelope}

Original-Recipient: rfc822;{to}
Final-Recipient: rfc822; {final}
Action: {action}
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 no such user

--b
Content-Type: text/rfc822-headers

Message-ID: <{message_id}>
Subject: x

--b--
"""


def dsn(action="failed", envelope="", message_id="x@example.com", to="b@example.cn", final=None):
    return DSN.format(action=action, envelope=envelope, message_id=message_id, to=to, final=final or to).encode()


def letter(**changes):
    values = {
        "to": "b@example.cn",
        "recipient": "张三",
        "sender_name": "甲公司",
        "reply_to": "a@example.cn",
        "subject": "限期补正通知",
        "body": "请在十五日内补正。",
        "message_id": "1@example.com",
        "token": "t" * 32,
        "at": AT,
    }
    return Letter(**{**values, **changes})


def test_a_letter_says_in_utf_8_what_it_is_to_say():
    mail = message_from_bytes(composed(letter(), "notices@example.com"), policy=default)
    assert mail["subject"] == "限期补正通知"
    assert mail["from"].addresses[0].display_name == "甲公司"
    assert mail["to"].addresses[0].addr_spec == "b@example.cn"
    assert mail["message-id"] == "<1@example.com>"
    assert mail.get_content().strip() == "请在十五日内补正。"
    assert composed(letter(), "notices@example.com") == composed(letter(), "notices@example.com")


def test_no_header_can_be_slipped_in():
    raw = composed(letter(subject="x\r\nBcc: all@example.com", recipient='"\r\nCc: c@example.com'), "n@example.com")
    mail = message_from_bytes(raw, policy=default)
    assert mail["bcc"] is None
    assert mail["cc"] is None


@pytest.mark.parametrize(
    "text", ["b", "b@", "@x", "b@x, c@y", "B <b@x>", "b@x\nc@y", "", "b@x\r\nBcc: c@y", "张@x.cn", "b@例.cn"]
)
def test_what_is_not_one_address(text):
    assert not is_address(text)


def test_what_is_one_address():
    assert is_address("b+c@example.cn")


def test_the_servers_address_is_read_whole():
    mailer = Mailer.of("smtp://u%40x:p%2Fw@mail.example.com?from=n@example.com&bounces=b@example.com")
    assert (mailer.host, mailer.port, mailer.tls) == ("mail.example.com", 587, "starttls")
    assert (mailer.username, mailer.password, mailer.bounces) == ("u@x", "p/w", "b@example.com")
    assert Mailer.of("smtps://mail.example.com?from=n@example.com").port == 465


@pytest.mark.parametrize(
    "url",
    [
        "mail.example.com",
        "smtp://mail.example.com",
        "smtp://mail.example.com?from=nobody",
        "smtp://mail.example.com?from=n@example.com&tls=maybe",
        "smtp://mail.example.com?from=n@example.com&bounce=b@example.com",
        "smtp://u:secret@mail.example.com?from=n@example.com&tls=none",
    ],
)
def test_an_address_that_cannot_be_used_is_told_without_its_password(url):
    with pytest.raises(ValueError, match=r"\w") as told:
        Mailer.of(url)
    assert "secret@" not in str(told.value).replace("user:secret@mail.example.com:587", "")


def test_a_report_says_what_happened_and_what_it_is_about():
    report = read(dsn(envelope="ab" * 16, message_id="m@example.com"))
    assert (report.action, report.recipient, report.status) == ("failed", "b@example.cn", "5.1.1")
    assert report.diagnosis == "550 5.1.1 no such user"
    assert report.tokens == ("ab" * 16, "0123456789abcdef" * 2)
    assert report.message_ids == ("m@example.com",)
    assert report.at == dt.datetime.fromisoformat("2026-04-13T16:05:00+08:00")


def test_a_returned_message_names_itself():
    raw = dsn().replace(b"text/rfc822-headers", b"message/rfc822")
    assert read(raw).message_ids == ("x@example.com",)


@pytest.mark.parametrize(
    "raw", [b"", b"Subject: hello\n\nhello", dsn(action="exploded"), dsn().replace(b"Action", b"X")]
)
def test_other_mail_is_no_report(raw):
    with pytest.raises(Unreadable, match=r"\w"):
        read(raw)


@given(st.binary(max_size=2000), st.integers(0, 1200), st.integers(0, 60))
def test_a_mangled_report_is_a_report_or_not_one(noise, place, gone):
    raw = dsn()
    with suppress(Unreadable):
        assert read(raw[:place] + noise + raw[place + gone :]).action


def test_a_report_that_is_nested_without_end_is_no_report():
    raw = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(3000))
    with pytest.raises(Unreadable, match=r"\w"):
        read(raw)


def test_parts_without_end_are_not_looked_into():
    raw = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(13))
    with pytest.raises(Unreadable, match="without end"):
        read(raw + b"--\n" * 100_000)


@pytest.mark.parametrize("charset", ["charset*=utf-8''utf-8", "charset=nonsense", "charset*0=a; charset*1=b"])
def test_an_odd_character_set_does_no_harm(charset):
    odd = f"text/rfc822-headers; {charset}\nContent-Transfer-Encoding: 8bit".encode()
    raw = dsn().replace(b"text/rfc822-headers", odd).replace(b"Subject: x", b"Subject: \xff")
    with suppress(Unreadable):
        assert read(raw).action == "failed"
