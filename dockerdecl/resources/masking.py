"""What is never shown: the values of secrets, and of names that look like credentials."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dockerdecl.expressions import expression

MASK = "(sensitive)"

_SHORTEST = 4

_CREDENTIAL = expression(
    r"(^|[_\-.])(pass(word|wd|phrase|code)?|pwd|secret|token|credentials?|auth|cookie|salt|signature|dsn)s?($|[_\-.0-9])"
    r"|(api|access|private|secret|signing|encryption|master|session|auth|license|ssh|ssl|tls|account|shared)[_\-.]?key"
    r"|passw(or)?d|secret|token|credential|connection_?string|database_url|_pat$",
    re.IGNORECASE,
)


_PASSWORD_IN_A_URL = expression(r"(?<=://)([^/@\s:]*:)([^/\s]+)(?=@)")
_OPTION = expression(r"""(?<!\S)(--?[A-Za-z][\w-]*)(=|\s+)("[^"]*"|'[^']*'|[^\s"';-][^\s;]*)""")
_VARIABLE = expression(r"[\"']?\$\{?\w+\}?[\"']?")
_PAIR = expression(r"(?s)(-{0,2})([^=\s]+)=(.+)")


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


def masked_text(text: str) -> str:
    """The same without what it tells: a password in a URL, `NAME=value`, and in a command `--name value`.

    What a shell is to put there, as in `--password "$PASSWORD"`, is nothing that is told.
    """
    pair = _PAIR.fullmatch(text)
    if pair and looks_like_a_credential(pair[2]):
        return f"{pair[1]}{pair[2]}={MASK}"
    return _OPTION.sub(_option, _PASSWORD_IN_A_URL.sub(rf"\1{MASK}", text))


def _option(found: re.Match[str]) -> str:
    told = looks_like_a_credential(found[1].lstrip("-")) and not _VARIABLE.fullmatch(found[3])
    return f"{found[1]}{found[2]}{MASK}" if told else found[0]


def masked_words(words: Sequence[Any]) -> list[Any]:
    """The words of a list, masked as texts are, and so is the word after an option such as `--password`."""
    return [
        word if not isinstance(word, str) else MASK if _is_told(words, at) else masked_text(word)
        for at, word in enumerate(words)
    ]


def _is_told(words: Sequence[Any], at: int) -> bool:
    "whether a word is the value of the option before it"
    before, word = str(words[at - 1]) if at else "", words[at]
    option = before.startswith("-") and not set(before) & {"=", " "}
    return bool(option and word and not word.startswith("-") and looks_like_a_credential(before.lstrip("-")))


def unmasked(shown: str, now: str) -> str | None:
    """A text that was masked, with what is hidden in it taken from what it is `now`; the rest stays as it was shown.

    None where another number of things is hidden in it now.
    """
    if _pattern(shown).fullmatch(now):
        return now
    masks = masked_text(now)
    found = _pattern(masks).fullmatch(now)
    if found is None or not found.groups() or len(found.groups()) != shown.count(MASK):
        return None
    parts = shown.split(MASK)
    return parts[0] + "".join(hidden + part for hidden, part in zip(found.groups(), parts[1:], strict=True))


def _pattern(shown: str) -> re.Pattern[str]:
    return re.compile("(.+)".join(map(re.escape, shown.split(MASK))), re.DOTALL)
