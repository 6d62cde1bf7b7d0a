"""What is never shown: the values of secrets, and of names that look like credentials."""

from __future__ import annotations

import re

MASK = "(sensitive)"

_CREDENTIAL = re.compile(
    r"(^|[_\-.])(pass(word|wd|phrase|code)?|pwd|secret|token|credentials?|auth|cookie|salt|signature|dsn)s?($|[_\-.0-9])"
    r"|(api|access|private|secret|signing|encryption|master|session|auth|license|ssh|ssl|tls|account|shared)[_\-.]?key"
    r"|passw(or)?d|secret|token|credential|connection_?string|database_url|_pat$",
    re.IGNORECASE,
)


def looks_like_a_credential(name: str) -> bool:
    """Whether a name such as `DB_PASSWORD` or `AWS_SECRET_ACCESS_KEY` names something to hide."""
    return _CREDENTIAL.search(name) is not None
