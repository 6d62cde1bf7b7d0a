"""What is never shown: the values of secrets, and of names that look like credentials."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

MASK = "(sensitive)"

_SHORTEST = 4

_CREDENTIAL = re.compile(
    r"(^|[_\-.])(pass(word|wd|phrase|code)?|pwd|secret|token|credentials?|auth|cookie|salt|signature|dsn)s?($|[_\-.0-9])"
    r"|(api|access|private|secret|signing|encryption|master|session|auth|license|ssh|ssl|tls|account|shared)[_\-.]?key"
    r"|passw(or)?d|secret|token|credential|connection_?string|database_url|_pat$",
    re.IGNORECASE,
)


def looks_like_a_credential(name: str) -> bool:
    """Whether a name such as `DB_PASSWORD` or `AWS_SECRET_ACCESS_KEY` names something to hide."""
    return _CREDENTIAL.search(name) is not None


def secret_texts(contents: Iterable[bytes]) -> tuple[str, ...]:
    """What of secrets can be told from ordinary text and must be hidden wherever it turns up, longest first."""
    texts = {content.decode(errors="ignore").strip() for content in contents}
    return tuple(sorted((text for text in texts if len(text) >= _SHORTEST), key=len, reverse=True))


def scrub(value: Any, secrets: Iterable[str]) -> Any:
    """The same value with every secret in its texts masked: a secret may have been put into a command or a log too."""
    match value:
        case str():
            for secret in secrets:
                value = value.replace(secret, MASK)
            return value
        case Mapping():
            return {key: scrub(item, secrets) for key, item in value.items()}
        case tuple():
            return tuple(scrub(item, secrets) for item in value)
    return value
