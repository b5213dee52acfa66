"""Uploads in parts to S3: what the minio client has no public way for, through addresses that it signs."""

import base64
import hashlib
import re
from collections.abc import Sequence
from datetime import timedelta
from xml.sax.saxutils import escape

import urllib3
from minio import Minio

from clm.kit.storage.port import Part, PartsDiffer, StorageUnavailable, UploadMissing

_Query = dict[str, str | list[str] | tuple[str]]
_OWN_LIFETIME = timedelta(minutes=15)
_PAGE = 1000
_ENCRYPTION, _PLAIN = "x-amz-server-side-encryption", "AES256"
_GONE = {"NoSuchUpload", "XMinioInvalidResourceName"}  # the second is what MinIO calls an id that it cannot have given
_DIFFER = {"InvalidPart", "InvalidPartOrder", "EntityTooSmall"}
_BAD_REQUEST = 400
_MD5 = re.compile(r"[0-9a-f]{32}")
_PART = re.compile(r"<Part>(.*?)</Part>", re.DOTALL)


class InParts:
    """The uploads of one bucket, whole and in parts. Blocks, as the client does.

    `announces`: bytes are sent with their MD5, so that the server refuses others. Where it tells the MD5 of what it has
    stored, that says as much and spares the server a hash; one that does not, or insists, gets it from then on.
    """

    def __init__(self, client: Minio, http: urllib3.PoolManager, bucket: str, *, announces: bool = False) -> None:
        self._client = client
        self._http = http
        self._bucket = bucket
        self._announces = announces

    def begin(self, key: str) -> str:
        """Open an upload; answers with the id that the server gives it."""
        return _required(self._call(key, "POST", {"uploads": ""}), "UploadId")

    def put(self, key: str, body: Sequence[bytes]) -> None:
        """Store a whole object; raises StorageUnavailable where the server has stored something else."""
        self._send(key, {}, body)

    def send(self, key: str, upload_id: str, no: int, body: Sequence[bytes]) -> Part:
        """Store one part; raises StorageUnavailable where the server has stored something else."""
        etag = self._send(key, {"uploadId": upload_id, "partNumber": str(no)}, body)
        return Part(no, etag, sum(map(len, body)))

    def listed(self, key: str, upload_id: str) -> Sequence[Part]:
        """The parts that have arrived, by their numbers; raises UploadMissing."""
        found: list[Part] = []
        while True:
            query: _Query = {"uploadId": upload_id, "max-parts": str(_PAGE)}
            if found:
                query["part-number-marker"] = str(found[-1].no)
            answer = self._call(key, "GET", query)
            if "ListPartsResult" not in answer:
                raise _failure(answer, 200)
            page = [_part(text) for text in _PART.findall(answer)]
            found += page
            if not page or _field(answer, "IsTruncated") != "true":
                return sorted(found, key=lambda part: part.no)

    def complete(self, key: str, upload_id: str, parts: Sequence[Part]) -> str:
        """Make the object; answers with its tag, empty where none is told.

        A server may answer 200 and tell of an error in the body.

        Raises UploadMissing, PartsDiffer.
        """
        listed = "".join(
            f"<Part><PartNumber>{part.no}</PartNumber><ETag>&quot;{escape(part.etag)}&quot;</ETag></Part>"
            for part in parts
        )
        body = f"<CompleteMultipartUpload>{listed}</CompleteMultipartUpload>".encode()
        answer = self._call(key, "POST", {"uploadId": upload_id}, body)
        if "CompleteMultipartUploadResult" not in answer:
            raise _failure(answer, 200)
        return _tag(_field(answer, "ETag") or "")

    def abort(self, key: str, upload_id: str) -> None:
        """Forget an upload; none there is fine."""
        try:
            self._call(key, "DELETE", {"uploadId": upload_id})
        except UploadMissing:
            return

    def _send(self, key: str, query: _Query, body: Sequence[bytes]) -> str:
        """The tag that the server gives the bytes: their MD5, unless it encrypts them under a key of its own."""
        digest = hashlib.md5(usedforsecurity=False)
        for chunk in body:
            digest.update(chunk)
        announced = self._announces
        headers = {"Content-Length": str(sum(map(len, body))), "Content-Type": "application/octet-stream"}
        if announced:
            headers["Content-MD5"] = base64.b64encode(digest.digest()).decode()
        response = self._asked(key, "PUT", query, body or b"", headers)
        insists = response.status == _BAD_REQUEST
        hides = response.headers.get(_ENCRYPTION, _PLAIN) != _PLAIN
        if not announced and (insists or hides):
            self._announces = True
            return self._send(key, query, body)
        etag = _tag(_passed(response).headers.get("etag", ""))
        if etag.lower() != digest.hexdigest() and not hides:
            raise StorageUnavailable("the object store has stored other bytes than were sent")
        return etag

    def _call(self, key: str, method: str, query: _Query, body: bytes | None = None) -> str:
        return _passed(self._asked(key, method, query, body, {})).data.decode("utf-8", "replace")

    def _asked(
        self, key: str, method: str, query: _Query, body: Sequence[bytes] | bytes | None, headers: dict[str, str]
    ) -> urllib3.BaseHTTPResponse:
        url = self._client.get_presigned_url(method, self._bucket, key, expires=_OWN_LIFETIME, extra_query_params=query)
        return self._http.request(method, url, body=body, headers=headers)


def tag_of(parts: Sequence[Part]) -> str:
    """What S3 calls an object of such parts: the MD5 of their MD5s, and how many there are."""
    tags = b"".join(bytes.fromhex(part.etag) for part in parts if _MD5.fullmatch(part.etag.lower()))
    return f"{hashlib.md5(tags, usedforsecurity=False).hexdigest()}-{len(parts)}"


def _passed(response: urllib3.BaseHTTPResponse) -> urllib3.BaseHTTPResponse:
    if response.status >= 300:
        raise _failure(response.data.decode("utf-8", "replace"), response.status)
    return response


def _failure(text: str, status: int) -> Exception:
    code = _field(text, "Code") or str(status)
    if code in _GONE:
        return UploadMissing(code)
    if code in _DIFFER:
        return PartsDiffer(f"the object store answers {code}")
    return StorageUnavailable(f"the object store answers {code}")


def _part(text: str) -> Part:
    return Part(int(_required(text, "PartNumber")), _tag(_required(text, "ETag")), int(_required(text, "Size")))


def _tag(text: str) -> str:
    return text.replace("&quot;", "").replace("&#34;", "").strip('"')


def _required(text: str, name: str) -> str:
    found = _field(text, name)
    if found is None:
        raise StorageUnavailable(f"the object store's answer has no {name}")
    return found


def _field(text: str, name: str) -> str | None:
    found = re.search(rf"<{name}>([^<]*)</{name}>", text)
    return None if found is None else found[1]
