"""Challenges of registries, and what answers them."""

from __future__ import annotations

import pytest

from dockerdecl.registry.authentication import Challenge, basic, parse_challenges, token_request

HUB = 'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:library/nginx:pull"'
TOKEN = Challenge("bearer", {"realm": "https://auth/token", "service": "s", "scope": "repository:a:pull,push"})


@pytest.mark.parametrize(
    ("header", "challenges"),
    [
        ("", []),
        ("Negotiate", []),
        ('Basic realm="Registry, the \\"one\\""', [("basic", {"realm": 'Registry, the \\"one\\"'})]),
        ("basic realm=plain", [("basic", {"realm": "plain"})]),
        (
            HUB,
            [
                (
                    "bearer",
                    {
                        "realm": "https://auth.docker.io/token",
                        "service": "registry.docker.io",
                        "scope": "repository:library/nginx:pull",
                    },
                )
            ],
        ),
        (
            'Bearer realm="https://a/t",service="s", Basic realm="b"',
            [("bearer", {"realm": "https://a/t", "service": "s"}), ("basic", {"realm": "b"})],
        ),
    ],
)
def test_parse_challenges(header: str, challenges: list[tuple[str, dict[str, str]]]) -> None:
    """Quoted texts may hold commas, and a header may hold several challenges."""
    assert parse_challenges(header) == tuple(Challenge(scheme, found) for scheme, found in challenges)


def test_token_request() -> None:
    """A user is named to the token service, an identity token is in the body of a POST, and nobody is nobody."""
    nobody = token_request(TOKEN, "", None)
    user = token_request(TOKEN, "", {"username": "me", "password": "secret"})
    token = token_request(TOKEN, "", {"identitytoken": "secret"})
    query = (("service", "s"), ("scope", "repository:a:pull,push"))
    assert nobody is not None and (nobody.query, nobody.authorization, nobody.form) == (query, None, None)
    assert (
        user is not None and user.query == (*query, ("account", "me")) and user.authorization == basic("me", "secret")
    )
    assert token is not None and token.form is not None and token.form["refresh_token"] == "secret"
    assert "secret" not in repr(token) and basic("me", "secret") not in repr(user)


@pytest.mark.parametrize("realm", ["", "/token", "ftp://elsewhere/token"])
def test_token_request_without_a_place(realm: str) -> None:
    """A challenge must say where a token is to be had."""
    assert token_request(Challenge("bearer", {"realm": realm}), "", None) is None
