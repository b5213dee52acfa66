"""Files that nobody should keep, made here; each entry: name -> (declared type, bytes, expected code)."""

import io
import struct
import zipfile

import docx

from clm.kit.inspection.watching import EICAR

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
GIF = b"GIF89a\x01\x00\x01\x00\x00\x00\x00;"


def packed(members, compression=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as made:
        for name, content in members.items():
            made.writestr(name, content)
    return out.getvalue()


def document(**extra):
    """A DOCX with parts added or replaced; `__` in a keyword stands for `/`, and its content says where it goes."""
    out = io.BytesIO()
    made = docx.Document()
    made.add_paragraph("合同")
    made.save(out)
    with zipfile.ZipFile(out) as read:
        members = {name: read.read(name) for name in read.namelist()}
    members |= {name: change(members.get(name, b"")) for name, change in extra.pop("parts", {}).items()}
    return packed(members | extra)


def overlapping():
    """Many entries that share one kernel of bytes, as David Fifield's bombs do."""
    content = bytearray(packed({"a": bytes(5000), "b": bytes(5000)}))
    second = content.index(b"PK\x01\x02", content.index(b"PK\x01\x02") + 4)
    content[second + 42 : second + 46] = struct.pack("<I", 0)
    return bytes(content)


def nested(depth):
    content = b"deep"
    for number in range(depth):
        content = packed({f"{number}.zip": content})
    return content


def linked():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        link = zipfile.ZipInfo("link")
        link.external_attr = 0o120777 << 16
        made.writestr(link, "/etc/passwd")
    return out.getvalue()


def rewritten(content, **fields):
    """A one-member archive whose local and central entries say something else; each field: offset in both, bytes."""
    content = bytearray(content)
    for local, central, value in fields.values():
        for signature, offset in ((b"PK\x03\x04", local), (b"PK\x01\x02", central)):
            at = content.index(signature) + offset
            content[at : at + len(value)] = value
    return bytes(content)


def long_list():
    """Few entries with names so long that the list of them is larger than most archives."""
    return packed({f"{number:060000}": b"" for number in range(80)})


def typed(content_type, encoding="utf-8", name="[Content_Types].xml"):
    """A document whose main part is said to be of a type, in a spelling of its own."""
    text = f'<Types><Override PartName="/word/document.xml" ContentType="{content_type}"/></Types>'
    return packed({name: text.encode(encoding), "word/document.xml": b"<a/>"})


def opened(**members):
    """An OpenDocument text with more members."""
    return packed({"mimetype": ODT.encode(), "content.xml": b"<a/>"} | members)


ODT = "application/vnd.oasis.opendocument.text"
MACRO_TYPE = "application/vnd.ms-word.document.macro&#69;nabled.main+xml"
RELATION = (
    b'<Relationships><Relationship Id="r" Type="http://schemas.microsoft.com/office/2006/relationships/vba&#80;roject" '
    b'Target="innocent.bin"/></Relationships>'
)
HIDDEN = "<!--" + "x" * 20_000 + "-->"
TEMPLATE = (
    b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r" '
    b'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/attachedTemplate" '
    b'Target="https://example.org/t.dotm" TargetMode="External"/></Relationships>'
)
ENTITIES = b'<!DOCTYPE a [<!ENTITY b "bbbb">]><a>&b;</a>'

HOSTILE = {
    "eicar.txt": ("text/plain", EICAR, "malware"),
    "eicar in the middle": ("text/plain", b"x" * 300_000 + EICAR + b"y" * 300_000, "malware"),
    "eicar in an archive": ("application/zip", packed({"a/b.txt": EICAR}), "malware"),
    "eicar two archives deep": ("application/zip", packed({"in.zip": packed({"a": EICAR})}), "malware"),
    "program.pdf": ("application/pdf", b"MZ\x90\0" + bytes(200), "executable"),
    "elf": ("application/octet-stream", b"\x7fELF\x02\x01\x01" + bytes(200), "executable"),
    "script": ("text/plain", b"#!/bin/sh\nrm -rf /\n", "executable"),
    "program in an archive": ("application/zip", packed({"setup.exe": b"MZ\x90\0" + bytes(99)}), "executable"),
    "picture that is none": ("image/png", b"\xff\xd8\xff\xe0\0\x10JFIF\0" + bytes(99), "type_mismatch"),
    "pdf that is text": ("application/pdf", "只是文字".encode(), "type_mismatch"),
    "page called a table": ("text/csv", b"<html><script>alert(1)</script></html>", "type_mismatch"),
    "archive called a document": (DOCX, packed({"a.txt": b"a"}), "type_mismatch"),
    "document called a sheet": (XLSX, document(), "type_mismatch"),
    "macros": (DOCX, document(parts={"word/vbaProject.bin": lambda _: b"\0"}), "macros"),
    "macro type": (
        DOCX,
        document(
            parts={"[Content_Types].xml": lambda old: old.replace(b"wordprocessingml.document.main", b"macroEnabled")}
        ),
        "macros",
    ),
    "old macros": ("application/msword", OLE + "_VBA_PROJECT".encode("utf-16-le") + bytes(99), "macros"),
    "locked old document": ("application/msword", OLE + "EncryptedPackage".encode("utf-16-le"), "encrypted"),
    "entities": (DOCX, document(parts={"word/document.xml": lambda _: ENTITIES}), "dtd"),
    "entities in UTF-16": (
        DOCX,
        document(parts={"word/styles.xml": lambda _: ENTITIES.decode().encode("utf-16")}),
        "dtd",
    ),
    "entities in XML": ("application/xml", b'<?xml version="1.0"?>' + ENTITIES, "dtd"),
    "entities behind a long comment": (
        "application/xml",
        b'<?xml version="1.0"?><!--' + b"x" * 20_000 + b"-->" + ENTITIES,
        "dtd",
    ),
    "entities without a declaration of XML": ("text/xml", b"\n" + ENTITIES, "dtd"),
    "entities in UTF-16 behind a long comment": (
        "application/xml",
        ('<?xml version="1.0"?>' + HIDDEN + ENTITIES.decode()).encode("utf-16"),
        "dtd",
    ),
    "entities in UTF-16 without its mark": (
        "application/xml",
        ('<?xml version="1.0"?>' + HIDDEN + ENTITIES.decode()).encode("utf-16-be"),
        "dtd",
    ),
    "entities in UTF-32": (DOCX, document(parts={"word/a.xml": lambda _: ENTITIES.decode().encode("utf-32")}), "dtd"),
    "entities in a part of no known name": (DOCX, document(parts={"word/a.foo": lambda _: ENTITIES}), "dtd"),
    "entities at the end of a large part": (
        DOCX,
        document(parts={"word/a.xml": lambda _: b"<a>" + bytes(range(65, 91)) * 50_000 + ENTITIES}),
        "dtd",
    ),
    "a part in UTF-7": (
        DOCX,
        document(parts={"word/a.xml": lambda _: b'<?xml version="1.0" encoding="utf-7"?>+ADwAIQ-DOCTYPE'}),
        "archive_broken",
    ),
    "a part in EBCDIC": (
        DOCX,
        document(parts={"word/a.xml": lambda _: ENTITIES.decode().encode("cp037")}),
        "archive_broken",
    ),
    "relations that are no XML": (DOCX, document(parts={"_rels/.rels": lambda _: b"<a><b></a>"}), "archive_broken"),
    "macro type in references": (DOCX, typed(MACRO_TYPE), "macros"),
    "macro type in UTF-16": (DOCX, typed("application/x.macroEnabled", "utf-16"), "macros"),
    "macro type under another name": ("application/zip", typed(MACRO_TYPE, name="[CONTENT_types].XML"), "macros"),
    "macros by relation": (DOCX, document(parts={"word/_rels/document.xml.rels": lambda _: RELATION}), "macros"),
    "macros in OpenDocument": (ODT, opened(**{"Basic/Standard/Module1.xml": b"<a/>"}), "macros"),
    "locked OpenDocument": (
        ODT,
        opened(**{"META-INF/manifest.xml": b'<m:a xmlns:m="urn:m"><m:encryption-data/></m:a>'}),
        "encrypted",
    ),
    "shortcut": ("application/octet-stream", b"L\0\0\0\x01\x14\x02\0" + bytes(99), "executable"),
    "locked old document with a long body": (
        "application/msword",
        OLE + bytes(100_000) + "EncryptedPackage".encode("utf-16-le") + bytes(100_000),
        "encrypted",
    ),
    "list of entries that fills memory": ("application/zip", long_list(), "archive_bomb"),
    "method without a bound": (
        "application/zip",
        rewritten(
            packed({"zeros": bytes(50 * 1024 * 1024)}, zipfile.ZIP_BZIP2), size=(22, 24, struct.pack("<I", 2000))
        ),
        "archive_broken",
    ),
    "unusual method": ("application/zip", packed({"a": b"a"}, zipfile.ZIP_BZIP2), "archive_broken"),
    "other unusual method": ("application/zip", packed({"a": b"a"}, zipfile.ZIP_LZMA), "archive_broken"),
    "type that swells": (
        "application/zip",
        rewritten(packed({"mimetype": bytes(50 * 1024 * 1024)}), size=(22, 24, struct.pack("<I", 20))),
        "archive_broken",
    ),
    "remote template": (DOCX, document(parts={"word/_rels/settings.xml.rels": lambda _: TEMPLATE}), "remote_template"),
    "locked archive": ("application/zip", rewritten(packed({"a": b"secret"}), flags=(6, 8, b"\1\0")), "encrypted"),
    "too well packed": ("application/zip", packed({"zeros": bytes(20 * 1024 * 1024)}), "archive_bomb"),
    "too many entries": ("application/zip", packed({str(n): b"" for n in range(10_001)}), "archive_bomb"),
    "shared bytes": ("application/zip", overlapping(), "archive_bomb"),
    "too deep": ("application/zip", nested(5), "archive_bomb"),
    "size that lies": (
        "application/zip",
        rewritten(packed({"a": bytes(5000)}), size=(22, 24, struct.pack("<I", 10))),
        "archive_broken",
    ),
    "cut off": ("application/zip", packed({"a": b"a" * 1000})[:-30], "archive_broken"),
    "upward path": ("application/zip", packed({"../../etc/cron.d/x": b"a"}), "unsafe_path"),
    "absolute path": ("application/zip", packed({"/etc/passwd": b"a"}), "unsafe_path"),
    "drive": ("application/zip", packed({"C:\\windows\\x": b"a"}), "unsafe_path"),
    "backslashes": ("application/zip", packed({"..\\..\\x": b"a"}), "unsafe_path"),
    "link": ("application/zip", linked(), "unsafe_path"),
    "pdf and archive": ("application/pdf", PDF + packed({"a": b"a"}), "polyglot"),
    "picture and archive": ("image/gif", GIF + packed({"a": b"a"}), "polyglot"),
    "something before the pdf": ("application/octet-stream", b"\0\1\2 junk " + PDF, "polyglot"),
    "something before the archive": ("application/zip", b"PK\x03\x04" + packed({"a": b"a"}), "polyglot"),
    "something behind the archive": ("application/zip", packed({"a": b"a"}) + b"tail" * 10, "polyglot"),
    "picture that runs": ("image/gif", b"GIF89a/*\x01\x00" + bytes(20) + b"*/=1;alert(1);", "polyglot"),
    "picture with a script": ("image/gif", GIF + b"<script>alert(1)</script>", "polyglot"),
}
