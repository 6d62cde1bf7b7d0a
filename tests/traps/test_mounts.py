"""Traps 54 to 65: mounts and volumes in another notation, without a name, and where a change would lose data."""

from __future__ import annotations

from tests.support.checks import says
from tests.support.images import SHELL, import_busybox
from tests.support.scenario import Scenario, ScenarioMaker
from tests.support.traps import Forms, Found, Mended, trap

FILES = {"files/one": "1\n", "app.conf": "mode=fast\n", "one.env": "A=1\nB=2\n", "two.env": "B=2\nA=1\n"}
STILL_FAST = 'content: "mode=fast\\n"'

IMAGE_MOUNTED = """
containers:
  web:
    image: busybox:1
    state: created
    network_mode: none
    volumes: [{type: image, source: "tool:1", target: /tool}]
"""


def _at_home(scenario: Scenario) -> None:
    scenario.environ(HOME=str(scenario.folder))


def _as_an_editor_does(scenario: Scenario) -> None:
    "a new file, renamed over the old one"
    scenario.write("app.conf.new", "mode=slow\n")
    (scenario.folder / "app.conf.new").rename(scenario.folder / "app.conf")


def _other_variables(scenario: Scenario) -> None:
    scenario.write("two.env", "B=3\nA=1\n")


def _others_volume(scenario: Scenario) -> None:
    "one with labels and options that nobody declares, and one with none at all, whose labels read back as null"
    options = {"type": "tmpfs", "device": "tmpfs"}
    body = {"Name": "others-volume", "Labels": {"com.example.owner": "others"}, "DriverOpts": options}
    scenario.engine.api("POST", "/volumes/create", body=body)
    scenario.engine.api("POST", "/volumes/create", body={"Name": "others-bare"})


@trap(
    volumes={"data": Forms(), "more": Forms()},
    noted=Forms(
        'volumes: ["data:/data:ro", "FOLDER/files:/files", /nameless, "data:/copy:nocopy"]',
        again="""volumes: [
          {type: volume, source: data, target: /copy, volume: {nocopy: true}},
          {type: volume, target: /nameless},
          {type: bind, source: FOLDER/files, target: /files, bind: {create_host_path: true}},
          {type: volume, source: data, target: /data, read_only: true}]""",
        changed='volumes: ["more:/data:ro", "FOLDER/files:/files", /nameless, "data:/copy"]',
    ),
    noted_by_others=Forms(
        'volumes: ["theirs:/data:ro", /nameless]',
        made={
            "Volumes": {"/nameless": {}},
            "HostConfig": {
                "NetworkMode": "bridge",
                "Mounts": [{"Type": "volume", "Source": "others-volume", "Target": "/data/", "ReadOnly": True}],
            },
        },
        again="volumes: [{type: volume, source: theirs, target: /data, read_only: true}, /nameless/]",
    ),
)
def test_trap_54_a_mount_is_the_same_in_either_notation(found: Found) -> None:
    """Whether a client filled `Binds`, `Mounts` or `Volumes` is no difference; another source or option is one.

    hashicorp/terraform#14941; hashicorp/terraform-provider-docker#139; portainer/portainer#2272
    """
    found.changes(
        noted={"volumes./data.source": ("data", "more"), "volumes./copy.nocopy": (True, None)},
    )


@trap(
    modes=Forms(
        'volumes: ["FOLDER/files:/a", "FOLDER/files:/b:rw", "FOLDER/files:/z:z", "data:/d:rw"]',
        again="""volumes: ["data:/d", "FOLDER/files:/a:rw",
          {type: bind, source: FOLDER/files, target: /b, read_only: false},
          {type: bind, source: FOLDER/files, target: /z, bind: {selinux: z}}]""",
        changed='volumes: ["FOLDER/files:/a:ro", "FOLDER/files:/b", "FOLDER/files:/z", "data:/d:ro"]',
    ),
    propagated=Forms('volumes: ["FOLDER/files:/a"]', changed='volumes: ["FOLDER/files:/a:rprivate"]'),
)
def test_trap_55_what_was_not_written_of_a_mounts_mode_is_no_difference(found: Found) -> None:
    """Mode and propagation have several ways to say nothing (`rw`, `z` of a re-used volume, `rprivate`).

    Measured: the propagation that a bind has by default depends on the host, so one that is written is a claim, and
    writing it makes the container anew. portainer/portainer#2272; docker/compose#10774
    """
    (bind,) = found.live("propagated", "Mounts")
    assert (bind["Mode"], bind["Propagation"]) == ("", "rprivate")
    assert {m["Destination"]: m["Mode"] for m in found.live("modes", "Mounts")} == {
        "/a": "",
        "/b": "",
        "/z": "z",
        "/d": "z",
    }
    found.changes(
        modes={
            "volumes./a.read_only": (None, True),
            "volumes./z.selinux": ("z", None),
            "volumes./d.read_only": (None, True),
        },
        propagated={"volumes./a.propagation": (None, "rprivate")},
    )


@trap(
    first=[_at_home],
    paths=Forms(
        'volumes: ["./files/:/p/", "~/files:/home/../h", "/FOLDER/./files/:/q"]',
        again='volumes: ["./other/../files:/p", "FOLDER/files/.:/h/", "FOLDER//files:/q/."]',
    ),
)
def test_trap_56_paths_are_compared_as_the_engine_cleans_them(found: Found) -> None:
    """Relative, with `~`, with dots or slashes too many: one path. From another checkout only the path differs, and
    the plan shows the two.

    docker/compose#8725
    """
    found.changes()
    s = found.seen.scenario
    text = 'apiVersion: dockerdecl/v1\nproject: traps\ncontainers:\n  paths: {image: "busybox:1", state: created, '
    text += f'network_mode: bridge, volumes: ["./files:/p", "{s.folder}/files:/h", "~/files:/q"]}}\n'
    s.write("elsewhere/dockerdecl.yaml", text)
    s.plan(args=["-f", "elsewhere/dockerdecl.yaml", "--target", "container.paths"])
    (change,) = s.last.json()["changes"]
    assert [(f["path"], f["before"], f["after"]) for f in change["fields"]] == [
        ("volumes./p.source", f"{s.folder}/files", f"{s.folder}/elsewhere/files")
    ]


@trap(
    nameless=Forms(
        "volumes: [/data]",
        again="volumes: [{type: volume, target: /data/}]",
        changed="volumes: [/data], environment: {A: 1}",
    ),
    named_once=Forms("volumes: [/data]", changed='volumes: ["data:/data"]'),
)
def test_trap_57_an_anonymous_volume_is_compared_by_its_path_only(found: Found, mended: Mended) -> None:
    """The name that the engine made up is nobody's, and the volume goes over to the replacement; a name is a change.

    docker/compose#12404, #12363, #7444; docker-archive/compose-cli#1815
    """
    found.changes(nameless={"environment.A": (None, "1")}, named_once={"volumes./data.source": (None, "data")})
    before, after = mended.mounts("nameless")
    assert not mended.kept("nameless")
    assert len(before["/data"]["Name"]) == 64
    assert after["/data"]["Name"] == before["/data"]["Name"]


@trap(
    hidden=Forms(
        "image: full:1, volumes: [/var/lib/x, /keep]",
        changed='image: full:1, volumes: ["FOLDER/files:/var/lib/x", /keep]',
    ),
    hidden_from_image=Forms("image: full:1", changed='image: full:1, volumes: ["FOLDER/files:/image-data"]'),
)
def test_trap_58_a_declared_mount_wins_over_a_carried_volume(found: Found, mended: Mended) -> None:
    """What is declared at a path where an anonymous volume was is mounted there; only other paths are carried over.

    docker/compose#4476, #6570, #11953, #5912, #8303
    """
    files = f"{found.seen.scenario.folder}/files"
    found.changes(
        hidden={"volumes./var/lib/x.type": ("volume", "bind"), "volumes./var/lib/x.source": (None, files)},
        hidden_from_image={
            "volumes./image-data.type": ("volume", "bind"),
            "volumes./image-data.source": (None, files),
        },
    )
    before, after = mended.mounts("hidden")
    assert after["/var/lib/x"]["Source"] == files
    assert after["/keep"]["Name"] == before["/keep"]["Name"]
    assert mended.mounts("hidden_from_image")[1]["/image-data"]["Source"] == files


@trap(
    volumes={
        "fixed": Forms(
            "driver_opts: {type: tmpfs, device: tmpfs, o: size=1m}",
            again="driver: local, driver_opts: {o: size=1m, device: tmpfs, type: tmpfs}",
        )
    },
    holder=Forms('volumes: ["fixed:/f"]'),
)
def test_trap_59_a_volume_that_can_not_change_without_loss_is_refused(found: Found) -> None:
    """The engine answers the creation of a volume that is there with the old one; so this is an error that nothing
    asks about, and that names the way to give the data up.

    docker/compose#10060; kreuzwerker/terraform-provider-docker#966
    """
    found.changes()
    s = found.seen.scenario
    s.write("other.yaml", (s.folder / "dockerdecl.yaml").read_text().replace("o: size=1m", "o: size=2m"))
    s.run("apply", "--yes", "-f", "other.yaml", "--target", "volume.fixed", expect=1)
    s.check(says("volume-differs"), says("driver_opts.o"), says("`--allow-loss volume.fixed`"))


@trap(
    first=[_others_volume],
    volumes={
        "plain": Forms(again="driver: local, driver_opts: {}, labels: {}"),
        "theirs": Forms("external: true, name: others-volume"),
        "bare": Forms("external: true, name: others-bare"),
        "vanished": Forms(),
    },
    by_hand=["docker volume rm traps_vanished"],
    guest=Forms('volumes: ["theirs:/t", "bare:/b"]'),
)
def test_trap_60_a_volumes_defaults_and_what_is_external_are_no_difference(found: Found) -> None:
    """Null or empty options and labels are one; nothing of an external volume is compared; a lost one is made again.

    kreuzwerker/terraform-provider-docker#749
    """
    assert found.engine.api("GET", "/volumes/others-bare")["Labels"] in (None, {})
    found.changes(vanished={})
    assert found.action("vanished") == "create"
    assert {found.action(key) for key in ("plain", "theirs", "bare", "guest")} == {"none"}


@trap(
    store=Forms('volumes: ["data:/data", /own]', changed='volumes: ["data:/data", /own], environment: {A: 1}'),
    sharer=Forms("volumes_from: [store]", again='volumes_from: ["store:rw"]'),
    mover=Forms('volumes: ["data:/old"]', changed='volumes: ["data:/new"]'),
    follower=Forms('volumes_from: ["mover:ro"]'),
    switched=Forms("volumes_from: [store]", changed='volumes_from: ["store:ro"]'),
)
def test_trap_61_another_ones_volumes_are_no_mounts_of_ones_own(found: Found, mended: Mended) -> None:
    """What comes from another container follows it: the dependant goes only where those volumes change.

    docker/compose#11953
    """
    assert {m["Destination"] for m in found.live("sharer", "Mounts")} == {"/data", "/own"}
    found.changes(
        store={"environment.A": (None, "1")},
        mover={
            "volumes./old": ({"type": "volume", "source": "data"}, None),
            "volumes./new": (None, {"type": "volume", "source": "data"}),
        },
        switched={"volumes_from.store": ("rw", "ro")},
    )
    assert (found.action("sharer"), found.action("follower")) == ("none", "replace")
    assert mended.kept("sharer")
    assert mended.mounts("sharer")[1]["/own"]["Name"] == mended.mounts("store")[1]["/own"]["Name"]
    assert mended.mounts("follower")[1]["/new"]["Name"] == "traps_data"


@trap(
    configs={"settings": Forms("file: ./app.conf", again=STILL_FAST)},
    by_hand=[_as_an_editor_does],
    configured=Forms("configs: [{source: settings, target: /etc/app.conf}]"),
    bound=Forms('volumes: ["./app.conf:/etc/app.conf"]'),
)
def test_trap_62_another_file_under_the_name_of_a_config_is_a_difference(found: Found) -> None:
    """An editor renames a new file over the old one, and a container that has it mounted keeps the old one. A config
    is compared by content; of a bind, whose files are the host's, only the path is.

    docker/compose#11900, #11931, #13045, #6543; kimdre/doco-cd#488; moby/moby#40443, #35048; Glyndor/podup#1799
    """
    found.changes(configured={"configs.settings.content": ("(sensitive)", "(sensitive)")})


@trap(
    fed=Forms("env_file: ./one.env", again="env_file: [{path: two.env}]", changed="env_file: ./two.env"),
    by_hand=[_other_variables],
)
def test_trap_63_an_env_file_is_the_variables_in_it(found: Found) -> None:
    """Another file with the same variables is no difference; another value in it is one, whatever the path.

    docker/compose#8725, #10068
    """
    found.changes(fed={"environment.B": ("2", "3")})


@trap(
    memory=Forms(
        'tmpfs: ["/run:size=64m,mode=1777", /tmp]',
        again="tmpfs: [/tmp/], volumes: [{type: tmpfs, target: /run, tmpfs: {mode: 1777, size: 64m}}]",
        changed='tmpfs: ["/run:size=32m,mode=1777", /tmp]',
    ),
    sized=Forms(
        "volumes: [{type: tmpfs, target: /scratch, tmpfs: {size: 1m, mode: 0700}}]",
        again='tmpfs: "/scratch/:mode=0700,size=1048576"',
        changed="volumes: [{type: tmpfs, target: /scratch, tmpfs: {size: 1m, mode: 0750}}]",
    ),
)
def test_trap_64_the_mode_of_a_tmpfs_is_octal(found: Found) -> None:
    """The engine keeps a number, and text for the short form; `700` and `0700` are one mode, never a decimal one, and
    both notations are one mount.

    kreuzwerker/terraform-provider-docker#563, #812
    """
    (mount,) = found.live("sized", "HostConfig/Mounts")
    assert mount["TmpfsOptions"] == {"SizeBytes": 1 << 20, "Mode": 0o700}
    found.changes(
        memory={"tmpfs./run": ("mode=1777,size=64m", "mode=1777,size=32m")},
        sized={"tmpfs./scratch": ("mode=700,size=1m", "mode=750,size=1m")},
    )


def test_trap_65_a_mounted_image_is_compared_by_content(scenario: ScenarioMaker) -> None:
    """The engine keeps the reference as given; what it means now is what the manifest asks for.

    docker/compose#13547, #13549. Engines know image mounts from API 1.48 on; before, the plan says so.
    """
    s = scenario("mounted", IMAGE_MOUNTED)
    import_busybox(s.engine, "tool:1", [*SHELL, "LABEL release=1"])
    version = s.engine.api("GET", "/version")["ApiVersion"]
    if tuple(map(int, version.split("."))) < (1, 48):
        s.run("plan", expect=1).check(
            says("field-too-new"), says(f"needs API 1.48, and this engine .* speaks {version}")
        )
        return
    s.apply()
    import_busybox(s.engine, "tool:1", [*SHELL, "LABEL release=2"])
    s.plan({"container.web": "replace"})
    (field,) = s.last.json()["changes"][0]["fields"]
    assert field["path"] == "volumes./tool.source"
