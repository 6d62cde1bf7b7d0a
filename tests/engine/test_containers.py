"""Each call on containers, on real engines."""

from __future__ import annotations

import io
import tarfile

import pytest

from dockerdecl.engine.calls import containers
from dockerdecl.engine.client import Engine
from dockerdecl.errors import DockerdeclError


def made(engine: Engine, image: str, name: str = "web", **body: object) -> str:
    defaults = {"Image": image, "Cmd": ["sleep", "99"], "StopSignal": "KILL"}
    container, _ = containers.create_container(engine, name, {**defaults, **body})
    return container


def status(engine: Engine, container: str) -> str:
    return str(containers.inspect_container(engine, container)["State"]["Status"])


def test_doing_what_is_done_already_is_no_error(connected: Engine, busybox: str) -> None:
    web = made(connected, busybox)
    seen = []
    for verb in (containers.start, containers.pause, containers.unpause, containers.stop):
        verb(connected, web)
        verb(connected, web)
        seen.append(status(connected, web))
    containers.rename(connected, web, "web")
    containers.remove(connected, web)
    containers.remove(connected, web, missing_ok=True)
    assert seen == ["running", "paused", "running", "exited"]


def test_refusals_have_codes_that_tell_them_apart(connected: Engine, busybox: str) -> None:
    web = made(connected, busybox)
    with pytest.raises(DockerdeclError) as taken:
        made(connected, busybox)
    with pytest.raises(DockerdeclError) as missing_image:
        made(connected, "no-such-image:1", "other")
    with pytest.raises(DockerdeclError) as missing:
        containers.start(connected, "nobody")
    with pytest.raises(DockerdeclError) as not_running:
        containers.kill(connected, web)
    containers.start(connected, web)
    with pytest.raises(DockerdeclError) as running:
        containers.remove(connected, web)
    codes = [caught.value.code for caught in (taken, missing_image, missing, not_running, running)]
    assert codes == ["name-in-use", "not-found", "not-found", "not-running", "running"]
    assert "/web" in str(taken.value)


def test_a_command_that_is_not_there_is_told_from_other_failures(connected: Engine, busybox: str) -> None:
    web = made(connected, busybox, Cmd=["no-such-program"])
    with pytest.raises(DockerdeclError) as caught:
        containers.start(connected, web)
    assert caught.value.code == "command-not-found"
    assert '"no-such-program"' in str(caught.value)


def test_what_the_engine_warns_of_is_given(connected: Engine, busybox: str) -> None:
    body = {"Image": busybox, "Cmd": ["sleep", "99"], "HostConfig": {"OomKillDisable": True}}
    _, warnings = containers.create_container(connected, "warned", body)
    assert warnings


def test_a_list_is_filtered_and_holds_stopped_ones_if_asked(connected: Engine, busybox: str) -> None:
    made(connected, busybox, "one", Labels={"a": "1"})
    containers.start(connected, made(connected, busybox, "two", Labels={"a": "1"}))
    made(connected, busybox, "three")

    def names(all: bool) -> set[str]:  # noqa: A002 - the API's own word
        found = containers.list_containers(connected, all=all, filters={"label": ["a=1"]})
        return {name for each in found for name in each["Names"]}

    assert (names(True), names(False)) == ({"/one", "/two"}, {"/two"})


def test_limits_change_in_place(connected: Engine, busybox: str) -> None:
    web = made(connected, busybox)
    containers.update(connected, web, {"Memory": 2**26, "MemorySwap": 2**26})
    assert containers.inspect_container(connected, web)["HostConfig"]["Memory"] == 2**26
    with pytest.raises(DockerdeclError) as caught:
        containers.update(connected, web, {"Memory": 2**28})
    assert caught.value.code == "update-conflict"


def test_files_go_into_a_container_and_come_back(connected: Engine, busybox: str) -> None:
    web = made(connected, busybox)
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w") as archive:
        entry = tarfile.TarInfo("run/secrets/db")
        entry.size, entry.mode, entry.uid = 5, 0o400, 1000
        archive.addfile(entry, io.BytesIO(b"hello"))
    containers.put_archive(connected, web, "/", tar.getvalue())
    found = containers.get_archive(connected, web, "/run/secrets/db")
    stat = containers.stat_archive(connected, web, "/run/secrets/db")
    assert found is not None
    assert stat is not None
    with tarfile.open(fileobj=io.BytesIO(found)) as archive:
        member = archive.getmember("db")
        content = archive.extractfile(member)
        assert content is not None
        assert (content.read(), member.mode & 0o7777, member.uid) == (b"hello", 0o400, 1000)
    assert (stat["name"], stat["size"], stat["mode"]) == ("db", 5, 0o400)


def test_a_path_that_is_not_there_is_none_and_a_missing_folder_an_error(connected: Engine, busybox: str) -> None:
    web = made(connected, busybox)
    assert containers.get_archive(connected, web, "/nope") is None
    assert containers.stat_archive(connected, web, "/nope") is None
    with pytest.raises(DockerdeclError) as missing_folder:
        containers.put_archive(connected, web, "/nope", b"")
    with pytest.raises(DockerdeclError) as missing_container:
        containers.get_archive(connected, "nobody", "/")
    assert (missing_folder.value.code, missing_container.value.code) == ("file-not-found", "not-found")


@pytest.mark.parametrize(("tty", "text"), [(False, "2\n3\n"), (True, "2\r\n3\r\n")])
def test_the_last_log_lines_are_plain_text(connected: Engine, busybox: str, tty: bool, text: str) -> None:
    web = made(connected, busybox, Cmd=["sh", "-c", "echo 1; echo 2; echo 3"], Tty=tty)
    containers.start(connected, web)
    connected.request("POST", f"/containers/{web}/wait")
    assert containers.logs_tail(connected, web, 2) == text


def test_logs_hold_both_streams(connected: Engine, busybox: str) -> None:
    web = made(connected, busybox, Cmd=["sh", "-c", "echo out; echo err >&2"])
    containers.start(connected, web)
    connected.request("POST", f"/containers/{web}/wait")
    assert sorted(containers.logs_tail(connected, web, 10).split()) == ["err", "out"]


def test_logs_that_can_not_be_read_are_said(connected: Engine, busybox: str) -> None:
    web = made(connected, busybox, HostConfig={"LogConfig": {"Type": "none"}})
    containers.start(connected, web)
    with pytest.raises(DockerdeclError) as caught:
        containers.logs_tail(connected, web, 10)
    assert caught.value.code == "logs-unreadable"
