from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerdecl.errors import DockerdeclError, ExitCode
from dockerdecl.manifest.dockerignore import parse

# The first two tables are the behaviour that moby/patternmatcher's own tests pin down.
MATCHES = [
    ("*", "fileutils.go", True),
    ("*.go", "fileutils.go", True),
    ("**", "file", True),
    ("**/", "file", True),
    ("**", "dir/file", True),
    ("**/", "dir/file", True),
    ("**/**", "dir/file", True),
    ("dir/**", "dir/file", True),
    ("dir/**", "dir/dir2/file", True),
    ("**/dir", "dir", True),
    ("**/dir", "dir/file", True),
    ("**/dir2/*", "dir/dir2/file", True),
    ("**/dir2/**", "dir/dir2/dir3/file", True),
    ("**file", "file", True),
    ("**file", "dir/file", True),
    ("**/file", "dir/file", True),
    ("**file", "dir/dir/file", True),
    ("**/file", "dir/dir/file", True),
    ("**/file*", "dir/dir/file", True),
    ("**/file*", "dir/dir/file.txt", True),
    ("**/file*txt", "dir/dir/file.txt", True),
    ("**/file*.txt", "dir/dir/file.txt", True),
    ("**/file*.txt*", "dir/dir/file.txt", True),
    ("**/**/*.txt", "dir/dir/file.txt", True),
    ("**/**/*.txt2", "dir/dir/file.txt", False),
    ("**/*.txt", "file.txt", True),
    ("**/**/*.txt", "file.txt", True),
    ("a**/*.txt", "a/file.txt", True),
    ("a**/*.txt", "a/dir/file.txt", True),
    ("a**/*.txt", "a/dir/dir/file.txt", True),
    ("a/*.txt", "a/dir/file.txt", False),
    ("a/*.txt", "a/file.txt", True),
    ("a/*.txt**", "a/file.txt", True),
    ("a[b-d]e", "ae", False),
    ("a[b-d]e", "ace", True),
    ("a[b-d]e", "aae", False),
    ("a[^b-d]e", "aze", True),
    (".*", ".foo", True),
    (".*", "foo", False),
    ("abc.def", "abcdef", False),
    ("abc.def", "abc.def", True),
    ("abc.def", "abcZdef", False),
    ("abc?def", "abcZdef", True),
    ("abc?def", "abcdef", False),
    (r"a\\", "a\\", True),
    (r"a\*b", "a*b", True),
    ("**/foo/bar", "foo/bar", True),
    ("**/foo/bar", "dir/foo/bar", True),
    ("**/foo/bar", "dir/dir2/foo/bar", True),
    ("abc/**", "abc", False),
    ("abc/**", "abc/def", True),
    ("abc/**", "abc/def/ghi", True),
    ("**/.foo", ".foo", True),
    ("**/.foo", "bar.foo", False),
    ("a(b)c/def", "a(b)c/def", True),
    ("a(b)c/def", "a(b)c/xyz", False),
    ("a.|)$(}+{bc", "a.|)$(}+{bc", True),
    ("dist/proxy.py-2.4.0rc3.dev36+g08acad9.whl", "dist/proxy.py-2.4.0rc3.dev36+g08acad9.whl", True),
    ("dist/*.whl", "dist/proxy.py-2.4.0rc3.dev36+g08acad9.whl", True),
    ("abc", "abc", True),
    ("*c", "abc", True),
    ("a*", "a", True),
    ("a*", "ab/c", True),
    ("a*/b", "abc/b", True),
    ("a*/b", "a/c/b", False),
    ("a*b*c*d*e*/f", "axbxcxdxexxx/f", True),
    ("a*b*c*d*e*/f", "axbxcxdxe/xxx/f", False),
    ("a*b*c*d*e*/f", "axbxcxdxexxx/fff", False),
    ("a*b?c*x", "abxbbxdbxebxczzx", True),
    ("a*b?c*x", "abxbbxdbxebxczzy", False),
    ("ab[c]", "abc", True),
    ("ab[e-g]", "abc", False),
    ("ab[^b-d]", "abc", False),
    ("ab[^e-g]", "abc", True),
    (r"a\*b", "ab", False),
    ("a?b", "a\u263ab", True),
    ("a[^a]b", "a\u263ab", True),
    ("a???b", "a\u263ab", False),
    ("[a-\u03b6]*", "\u03b1", True),
    ("*[a-\u03b6]", "A", False),
    ("a?b", "a/b", False),
    ("a*b", "a/b", False),
    (r"[\]a]", "]", True),
    (r"[\-]", "-", True),
    (r"[x\-]", "-", True),
    (r"[x\-]", "z", False),
    (r"[\-x]", "x", True),
    (r"[\-x]", "a", False),
    ("*x", "xxx", True),
]

MALFORMED = [
    "[]a]",
    "[-]",
    "[x-]",
    "[-x]",
    "\\",
    "[a-b-c]",
    "[",
    "[^",
    "[^bc",
    "a[",
    "[Local-Only]/",
    "!",
    "! ",
    "a/[^]",
]

ORDERED = [
    (("!fileutils.go", "*.go"), "fileutils.go", True),
    (("*.go", "!fileutils.go"), "fileutils.go", False),
    (("docs", "!docs/README.md"), "docs/README.md", False),
    (("docs/", "!docs/README.md"), "docs/README.md", False),
    (("docs/*", "!docs/README.md"), "docs/README.md", False),
    (("docs", "!docs/README.md"), "docs/other.md", True),
    (("**", "!util/docker/web"), "util/docker/web/foo", False),
    (("**", "!util/docker/web", "util/docker/web/foo"), "util/docker/web/foo", True),
    (("**", "!dist/*.whl"), "dist/a+b.whl", False),
    (("*.md", "!README*.md", "README-secret.md"), "README-secret.md", True),
    (("*.md", "README-secret.md", "!README*.md"), "README-secret.md", False),
]

LINES = [
    ("/test2", "test2", True),
    ("/a/file/here", "a/file/here", True),
    ("  lastfile  ", "lastfile", True),
    ("lastfile\r", "lastfile", True),
    ("\ufeffa", "a", True),
    ("# a", "# a", False),
    ("#a", "#a", False),
    (" #a", "#a", True),
    ("*\n! /inverted/abs/path", "inverted/abs/path", False),
    ("//a//b/", "a/b", True),
    ("./a/./b/../c", "a/c", True),
    ("a/", "a/b", True),
    ("a", "b/a", False),
    (".", "a", False),
    ("/", "a", False),
    ("..", "a", False),
    ("../a", "a", False),
    ("", "a", False),
    ("a\n\n\nb", "b", True),
    ("a b", "a b", True),
    ("A", "a", False),
    ("**/*.py", "a\nb/c.py", False),
    ("a/**", "a/b\nc", True),
]


@pytest.mark.parametrize(("pattern", "path", "ignored"), MATCHES)
def test_a_pattern_matches_as_in_docker(pattern: str, path: str, ignored: bool) -> None:
    assert parse(pattern).ignores(path) is ignored


@pytest.mark.parametrize(("patterns", "path", "ignored"), ORDERED)
def test_the_last_pattern_that_matches_decides(patterns: tuple[str, ...], path: str, ignored: bool) -> None:
    assert parse("\n".join(patterns)).ignores(path) is ignored


@pytest.mark.parametrize(("text", "path", "ignored"), LINES)
def test_lines_are_trimmed_and_cleaned_as_in_docker(text: str, path: str, ignored: bool) -> None:
    assert parse(text).ignores(path) is ignored


@pytest.mark.parametrize("pattern", MALFORMED)
def test_a_malformed_pattern_is_shown_at_its_line(pattern: str) -> None:
    with pytest.raises(DockerdeclError) as caught:
        parse(f"fine\n{pattern}\nalso fine\n[", file="web/.dockerignore")
    first, second = caught.value.problems
    assert caught.value.exit_code is ExitCode.INVALID
    assert (str(first.where), first.line, first.code) == ("web/.dockerignore:2:1", pattern, "dockerignore-invalid")
    assert str(second.where) == "web/.dockerignore:4:1"


@pytest.mark.parametrize(
    ("patterns", "directory", "may_keep"),
    [
        ("docs", "docs", False),
        ("docs\n!docs/a", "docs", True),
        ("docs\n!docs/a/b", "docs/a", True),
        ("docs\n!docs/a", "docs/b", False),
        ("docs\n!docs2/a", "docs", False),
        ("*\n!**/*.go", "docs", True),
        ("*\n!src/*.go", "docs", True),
    ],
)
def test_an_ignored_directory_is_entered_only_for_an_exception(patterns: str, directory: str, may_keep: bool) -> None:
    assert parse(patterns).may_keep_below(directory) is may_keep


_segment = st.text("ab.*?[]^-\\!", min_size=1, max_size=4) | st.sampled_from(["**", "*", "a", "b"])
_path = st.lists(st.text("ab.", min_size=1, max_size=2), min_size=2, max_size=4).map("/".join)


@given(st.lists(st.lists(_segment, min_size=1, max_size=3).map("/".join), max_size=4), _path)
def test_nothing_is_kept_below_a_directory_that_is_not_entered(lines: list[str], path: str) -> None:
    try:
        ignore = parse("\n".join(lines))
    except DockerdeclError:
        return
    parent = path.rpartition("/")[0]
    if ignore.ignores(parent) and not ignore.may_keep_below(parent):
        assert ignore.ignores(path)
