from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerdecl.resources.image.reference import Reference, parse

HEX = "0123456789abcdef" * 4
DIGEST = f"sha256:{HEX}"


@pytest.mark.parametrize(
    ("text", "canonical", "familiar"),
    [
        ("nginx", "docker.io/library/nginx:latest", "nginx:latest"),
        ("nginx:1.27", "docker.io/library/nginx:1.27", "nginx:1.27"),
        ("library/nginx", "docker.io/library/nginx:latest", "nginx:latest"),
        ("docker.io/nginx", "docker.io/library/nginx:latest", "nginx:latest"),
        ("index.docker.io/nginx", "docker.io/library/nginx:latest", "nginx:latest"),
        ("index.docker.io/shop/web:2", "docker.io/shop/web:2", "shop/web:2"),
        ("shop/web", "docker.io/shop/web:latest", "shop/web:latest"),
        ("library/foo/bar", "docker.io/library/foo/bar:latest", "library/foo/bar:latest"),
        ("test.com:5000", "docker.io/library/test.com:5000", "test.com:5000"),
        ("192.168.0.1:80", "docker.io/library/192.168.0.1:80", "192.168.0.1:80"),
        ("host:5000/a/b:1", "host:5000/a/b:1", "host:5000/a/b:1"),
        ("localhost/web", "localhost/web:latest", "localhost/web:latest"),
        ("LOCALDOMAIN/debian", "LOCALDOMAIN/debian:latest", "LOCALDOMAIN/debian:latest"),
        ("127.0.0.1:5000/web", "127.0.0.1:5000/web:latest", "127.0.0.1:5000/web:latest"),
        ("[2001:db8::1]:5000/repo:tag", "[2001:db8::1]:5000/repo:tag", "[2001:db8::1]:5000/repo:tag"),
        ("[fc00::1]/docker", "[fc00::1]/docker:latest", "[fc00::1]/docker:latest"),
        ("foo_bar.com:8080", "docker.io/library/foo_bar.com:8080", "foo_bar.com:8080"),
        ("docker---rules/dock__er", "docker.io/docker---rules/dock__er:latest", "docker---rules/dock__er:latest"),
        ("lowercase:Uppercase", "docker.io/library/lowercase:Uppercase", "lowercase:Uppercase"),
        (f"web@{DIGEST}", f"docker.io/library/web@{DIGEST}", f"web@{DIGEST}"),
        (f"web:1@{DIGEST}", f"docker.io/library/web:1@{DIGEST}", f"web:1@{DIGEST}"),
        (f"h:5000/web@sha512:{HEX}{HEX}", f"h:5000/web@sha512:{HEX}{HEX}", f"h:5000/web@sha512:{HEX}{HEX}"),
        (f"docker.io/{HEX}", f"docker.io/library/{HEX}:latest", f"{HEX}:latest"),
        ("example.com/" + "a" * 255, "example.com/" + "a" * 255 + ":latest", "example.com/" + "a" * 255 + ":latest"),
        (DIGEST, DIGEST, DIGEST),
        (HEX, DIGEST, DIGEST),
    ],
)
def test_every_form_has_one_full_and_one_short_text(text: str, canonical: str, familiar: str) -> None:
    reference = parse(text)
    assert (reference.canonical, reference.familiar) == (canonical, familiar)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "must not be empty"),
        ("  ", "must not be empty"),
        ("nginx :1", "white space"),
        ("nginx\n", "white space"),
        ("https://registry.local/web", "leave out `https://`"),
        ("Nginx", "must be lower case: `nginx`"),
        ("docker/Docker", "must be lower case: `docker/docker`"),
        ("test:5000/Uppercase/lowercase:tag", "must be lower case: `uppercase/lowercase`"),
        ("-docker", "`-docker` in `-docker` can't be part"),
        ("dock..er/docker", "`dock..er`"),
        ("dock_.er/docker", "`dock_.er`"),
        ("docker-/docker", "`docker-`"),
        ("____/____", "`____`"),
        ("aa/asdf$$^/aa", "`asdf$$^`"),
        ("caf\u00e9", "can't be part"),
        ("docker///docker", "lacks a part"),
        ("docker/", "lacks a part"),
        ("/docker", "lacks a part"),
        (":justtag", "lacks a part"),
        (f"@{DIGEST}", "lacks a part"),
        ("nginx:", "has a colon but no tag"),
        ("nginx:-1", "`-1` in `nginx:-1` is not a tag"),
        ("nginx:1:2", "`1:2` in `nginx:1:2` is not a tag"),
        ("nginx:" + "1" * 129, "at most 128 characters"),
        ("nginx:\u00e9", "is not a tag"),
        ("domain.com/" + "a" * 256, "more than 255"),
        ("-docker.io/docker/docker", "is not a registry"),
        ("[fe80::1%eth0]:5000/repo", "is not a registry"),
        ("fc00::1:5000/debian", "is not a registry"),
        ("host:port/web", "is not a registry"),
        (f"web@md5:{HEX}", "takes the form `sha256:` and 64 hex digits"),
        ("web@", "takes the form `sha256:`"),
        ("web@sha256:abc", "after `sha256:` come 64 hex digits"),
        (f"web@sha256:{HEX.upper()}", "a-f small"),
        (f"web@{DIGEST}@{DIGEST}", "is not a digest"),
    ],
)
def test_a_wrong_reference_is_told_what_would_be_right(text: str, message: str) -> None:
    with pytest.raises(ValueError) as caught:
        parse(text)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        ("nginx", "docker.io/library/nginx:latest", True),
        (f"web:1@{DIGEST}", f"web@{DIGEST}", True),
        (HEX, DIGEST, True),
        ("nginx", "nginx:1", False),
        ("nginx", "other/nginx", False),
        ("localhost/nginx", "nginx", False),
        (f"web@{DIGEST}", "web", False),
        (f"web@{DIGEST}", DIGEST, False),
    ],
)
def test_texts_of_one_image_are_equal_and_no_others(left: str, right: str, same: bool) -> None:
    assert (parse(left) == parse(right)) is same
    assert (len({parse(left), parse(right)}) == 1) is same


def test_the_hub_is_asked_where_it_answers() -> None:
    assert parse("nginx").registry_host == "registry-1.docker.io"
    assert parse("host:5000/a").registry_host == "host:5000"


def test_an_id_names_no_repository() -> None:
    reference = parse(DIGEST)
    assert reference.is_id
    assert (reference.name, reference.familiar_name, reference.registry_host) == ("", "", "")
    assert not parse(f"web@{DIGEST}").is_id


_component = st.from_regex(r"[a-z0-9]{1,6}(?:(?:[._]|__|-{1,3})[a-z0-9]{1,4}){0,2}", fullmatch=True)
_registry = st.sampled_from(["docker.io", "localhost", "host:5000", "registry.example.com", "[::1]:5000", "UPPER"])
_tag = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}", fullmatch=True)
_digest = st.text("0123456789abcdef", min_size=64, max_size=64).map(lambda digits: f"sha256:{digits}")


@st.composite
def _references(draw: st.DrawFn) -> Reference:
    registry = draw(_registry)
    components = draw(st.lists(_component, min_size=1, max_size=3))
    # Docker's short form of `docker.io/a.b/c` is `a.b/c`, which names another registry: not ours to mend.
    if registry == "docker.io" and ("." in components[0] or components[0] == "localhost"):
        components[0] = "shop"
    if registry == "docker.io" and len(components) == 1:
        components.insert(0, "library")
    version = draw(st.sampled_from(["tag", "digest", "both"]))
    return Reference(
        registry,
        "/".join(components),
        draw(_tag) if version != "digest" else None,
        draw(_digest) if version != "tag" else None,
    )


@given(_references())
def test_both_texts_of_a_reference_lead_back_to_it(reference: Reference) -> None:
    for text in (reference.canonical, reference.familiar):
        again = parse(text)
        assert again == reference
        assert (again.tag, again.familiar, again.canonical) == (reference.tag, reference.familiar, reference.canonical)


@given(st.text(string.ascii_letters + string.digits + "./:@_-[]%\u00e9 ", max_size=40))
def test_any_text_is_a_reference_or_a_value_error(text: str) -> None:
    try:
        reference = parse(text)
    except ValueError:
        return
    assert parse(reference.canonical) == reference
