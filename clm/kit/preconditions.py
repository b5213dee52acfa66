"""ETag and If-Match (RFC 9110 8.8.3, 13.1): a write says which version it means to change."""

from clm.kit.problems import Problem


def etag(version: int) -> str:
    """The strong entity tag of a row's version."""
    return f'"{version}"'


def check(if_match: str | None, version: int, *, required: bool = False) -> None:
    """Raise 428 where If-Match is required and missing, 412 where it names another version."""
    if if_match is None:
        if required:
            raise Problem("precondition-required", "Send If-Match with the ETag you last read.")
        return
    tags = [tag.strip() for tag in if_match.split(",")]
    if "*" not in tags and etag(version) not in tags:
        raise Problem(
            "stale",
            f"The object is at version {etag(version)}, not {if_match}. Read it again and decide anew.",
            headers={"etag": etag(version)},
        )
