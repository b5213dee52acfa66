"""Files as people attach them: made here, each with honest content, the same for the same seed."""

import csv
import io
import random
import struct
import zipfile
import zlib

import docx
import fpdf

WORDS = [
    "外呼",
    "服务",
    "合同",
    "客户",
    "名单",
    "结算",
    "保密",
    "通知",
    "附件",
    "接通率",
    "满意度",
    "warranty",
    "seal",
    "95%",
]


def prose(chance, count):
    return " ".join(chance.choices(WORDS, k=count))


def text(chance):
    encoding = chance.choice(["utf-8", "utf-8-sig", "gb18030", "utf-16"])
    return "说明.txt", "text/plain", (prose(chance, chance.randint(1, 4000)) + "\n").encode(encoding)


def markdown(chance):
    return "readme.md", "text/markdown", f"# 第{chance.randint(1, 9)}条\n\n{prose(chance, 300)}\n".encode()


def table(chance):
    out = io.StringIO()
    rows = [(n, f"客户{n}", f"138{chance.randrange(10**8):08}") for n in range(chance.randint(1, 3000))]
    csv.writer(out).writerows([("no", "name", "phone"), *rows])
    return "名单.csv", "text/csv", out.getvalue().encode()


def word(chance):
    made = docx.Document()
    made.add_heading("结算单", level=1)
    for _ in range(chance.randint(1, 20)):
        made.add_paragraph(prose(chance, 40))
    out = io.BytesIO()
    made.save(out)
    return "结算单.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", out.getvalue()


def pdf(chance):
    made = fpdf.FPDF()
    made.add_page()
    made.set_font("helvetica", size=11)
    for _ in range(chance.randint(1, 20)):
        made.cell(text=f"statement {chance.random()}", new_x="LMARGIN", new_y="NEXT")
    return "statement.pdf", "application/pdf", bytes(made.output())


def picture(chance):
    width, height = chance.randint(1, 200), chance.randint(1, 200)
    rows = b"".join(b"\0" + chance.randbytes(width * 3) for _ in range(height))

    def part(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = part(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    png = b"\x89PNG\r\n\x1a\n" + head + part(b"IDAT", zlib.compress(rows)) + part(b"IEND", b"")
    return "盖章页.png", "image/png", png


def archive(chance):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for number in range(chance.randint(1, 5)):
            made.writestr(f"folder/{number}.txt", prose(chance, 200))
    return "证据.zip", "application/zip", out.getvalue()


def sound(chance):
    samples = chance.randbytes(2 * chance.randint(1, 200_000))
    head = struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + len(samples), b"WAVE", b"fmt ", 16, 1, 1, 8000, 16000, 2, 16,
                       b"data", len(samples))  # fmt: skip
    return "录音.wav", "audio/wav", head + samples


MAKERS = (text, markdown, table, word, pdf, picture, archive, sound)


def mixed(count, seed=20261123):
    """`count` files in turn of every sort: (name, media type, bytes)."""
    chance = random.Random(seed)
    return [MAKERS[number % len(MAKERS)](chance) for number in range(count)]
