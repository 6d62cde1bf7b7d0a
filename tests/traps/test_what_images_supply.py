"""Traps 1 to 8, and 29: what an image supplies is nobody's change; what was laid over it is missed when it is gone."""

from __future__ import annotations

import re

from tests.support.traps import Forms, Found, trap

FULL = "image: full:1"


@trap(
    supplied=Forms(FULL, again=f"{FULL}, working_dir: /srv/", changed=f"{FULL}, working_dir: /other"),
    laid_over=Forms(f"{FULL}, working_dir: /set", changed=FULL),
    set_as_supplied=Forms(f"{FULL}, working_dir: /srv", again=FULL),
    bare=Forms("working_dir: /set", changed=""),
)
def test_trap_01_the_working_directory_may_be_the_images(found: Found) -> None:
    """The image's folder is shown as the container's own; taking one's own away goes back to the image's.

    kreuzwerker/terraform-provider-docker#14, #118; hashicorp/terraform-provider-docker#242, #269, #272
    """
    assert found.live("supplied", "Config/WorkingDir") == "/srv"
    found.changes(
        supplied={"working_dir": ("/srv", "/other")},
        laid_over={"working_dir": ("/set", "/srv")},
        bare={"working_dir": ("/set", None)},
    )


@trap(
    image_user=Forms(FULL, again=f"{FULL}, user: 1000", changed=f'{FULL}, user: "1000:1000"'),
    root=Forms("user: root", changed='user: "0"'),
    root_over_image=Forms(f"{FULL}, user: root", changed=FULL),
)
def test_trap_02_the_user_is_compared_as_text(found: Found) -> None:
    """The engine keeps the user as written and resolves nothing: the image's is ours, and `root` is not `0`.

    kreuzwerker/terraform-provider-docker#28
    """
    assert found.live("image_user", "Config/User") == "1000"
    found.changes(
        image_user={"user": ("1000", "1000:1000")},
        root={"user": ("root", "0")},
        root_over_image={"user": ("root", "1000")},
    )


@trap(
    variables=Forms(
        f"{FULL}, environment: {{B: 2, A: 1}}",
        again=f"{FULL}, environment: [FROM_IMAGE=1, A=0, A=1, B=2]",
        changed=f"{FULL}, environment: {{B: 2}}",
    ),
    unset=Forms(
        f"{FULL}, environment: [FROM_IMAGE]",
        again=f"{FULL}, environment: {{FROM_IMAGE: }}",
        changed=f"{FULL}, environment: [FROM_IMAGE=]",
    ),
    over_image=Forms(f"{FULL}, environment: {{FROM_IMAGE: mine}}", changed=FULL),
    twice=Forms("environment: {A: last}", made={"Env": ["A=first", "A=last"], "HostConfig": {}}),
)
def test_trap_03_the_environment_lies_over_the_images(found: Found) -> None:
    """The image's variables follow the user's in one list; a bare name unsets; of two entries the last one holds.

    hashicorp/terraform-provider-docker#242; kreuzwerker/terraform-provider-docker#28, #25; moby's `merge`
    """
    assert found.live("variables", "Config/Env") == ["B=2", "A=1", "FROM_IMAGE=1", "PATH=/bin"]
    assert found.live("unset", "Config/Env") == ["FROM_IMAGE", "PATH=/bin"]
    found.changes(
        variables={"environment.A": ("1", None)},
        unset={"environment.FROM_IMAGE": (None, "")},
        over_image={"environment.FROM_IMAGE": ("mine", "1")},
    )


@trap(
    neither=Forms(
        FULL,
        again=f"{FULL}, entrypoint: /bin/sh -c, command: [sleep 99]",
        changed=f"{FULL}, command: sleep 99",
    ),
    own_program=Forms(f"{FULL}, entrypoint: [/start]", changed=FULL),
    no_program=Forms(
        f"{FULL}, entrypoint: [], command: [sleep, '9']", again=f"{FULL}, entrypoint: '', command: sleep 9"
    ),
    no_arguments=Forms(f"{FULL}, command: []", again=FULL),
    words=Forms("""command: "sh -c 'echo a  b'" """, again="command: [sh, -c, echo a  b]", changed=""),
)
def test_trap_04_entrypoint_and_command_fall_back_to_the_images(found: Found) -> None:
    """An entrypoint drops the image's command, an empty one drops the entrypoint, an empty command alone drops nothing.

    kreuzwerker/terraform-provider-docker#568, #14; ansible-collections/community.docker#1080; ansible/ansible#23088;
    docker/compose#5272; docker-archive/compose-cli#1848; moby/moby#23718, #6909, #40377
    """
    image = ["/bin/sh", "-c"], ["sleep 99"]
    assert (found.live("neither", "Config/Entrypoint"), found.live("neither", "Config/Cmd")) == image
    assert (found.live("no_arguments", "Config/Entrypoint"), found.live("no_arguments", "Config/Cmd")) == image
    assert (found.live("own_program", "Config/Entrypoint"), found.live("own_program", "Config/Cmd")) == (
        ["/start"],
        None,
    )
    found.changes(
        neither={"command": (["sleep 99"], ["sleep", "99"])},
        own_program={"entrypoint": (["/start"], ["/bin/sh", "-c"]), "command": (None, ["sleep 99"])},
        words={"command": (["sh", "-c", "echo a  b"], ["/bin/sh"])},
    )


@trap(
    labelled=Forms(
        f"{FULL}, labels: {{app: x}}",
        again=f"{FULL}, labels: [from.image=yes, app=x]",
        changed=FULL,
    ),
    label_over_image=Forms(f"{FULL}, labels: {{from.image: mine}}", changed=FULL),
)
def test_trap_05_labels_lie_over_the_images_and_beside_our_own(found: Found) -> None:
    """The image's labels and dockerdecl's are no difference; a label of ours is missed when it is gone.

    hashicorp/terraform-provider-docker#242; community.docker's option `image_label_mismatch`
    """
    assert found.live("labelled", "Config/Labels").keys() >= {"from.image", "dockerdecl.project"}
    found.changes(
        labelled={"labels.app": ("x", None)},
        label_over_image={"labels.from.image": ("mine", "yes")},
    )


@trap(
    image_check=Forms(
        FULL,
        again=f"{FULL}, healthcheck: {{test: [CMD, 'true'], interval: 7s, retries: 2, timeout: 0}}",
        changed=f"{FULL}, healthcheck: {{disable: true}}",
    ),
    interval_only=Forms(
        f"{FULL}, healthcheck: {{interval: 5s}}",
        again=f"{FULL}, healthcheck: {{interval: 5000ms, retries: 0}}",
        changed=FULL,
    ),
    disabled=Forms(f"{FULL}, healthcheck: {{disable: true}}", again=f"{FULL}, healthcheck: {{test: [NONE]}}"),
    disabled_without_one=Forms("healthcheck: {disable: true}", again=""),
)
def test_trap_06_a_health_check_is_merged_with_the_images(found: Found) -> None:
    """Key by key, 0 meaning the image's; a disabled check is none; and no update changes one, so it is a replacement.

    ansible-collections/community.docker#85; kreuzwerker/terraform-provider-docker#988, #810;
    hashicorp/terraform-provider-docker#312
    """
    merged = {"Test": ["CMD", "true"], "Interval": 5 * 10**9, "Retries": 2}
    assert found.live("interval_only", "Config/Healthcheck") == merged
    check = {"test": ["CMD", "true"], "interval": "7s", "retries": 2}
    found.changes(
        image_check={"healthcheck." + word: (value, None) for word, value in check.items()},
        interval_only={"healthcheck.interval": ("5s", "7s")},
    )
    assert (found.action("image_check"), found.action("interval_only")) == ("replace", "replace")


@trap(
    listening=Forms(
        f'{FULL}, ports: ["8107:81"]',
        again=f'{FULL}, ports: ["8107:81"], expose: ["81", "80/tcp", "53/udp"]',
        changed=f'{FULL}, ports: ["8107:81"], expose: [90]',
    ),
    exposing=Forms("expose: [70-72]", again="expose: [72, 71, 70/tcp]", changed="expose: [70-71]"),
)
def test_trap_07_exposed_ports_are_the_images_the_published_and_the_declared(found: Found) -> None:
    """All three are shown as one map; none of them is too much, and a real change is still seen.

    ansible-collections/community.docker#422
    """
    assert found.live("listening", "Config/ExposedPorts").keys() == {"53/udp", "80/tcp", "81/tcp"}
    found.changes(
        listening={"expose": (None, ["90/tcp"])},
        exposing={"expose": (["70/tcp", "71/tcp", "72/tcp"], ["70/tcp", "71/tcp"])},
    )


@trap(
    volumes={"data": Forms()},
    image_volume=Forms(
        FULL, again=f"{FULL}, volumes: [/image-data]", changed=f'{FULL}, volumes: ["data:/image-data:ro"]'
    ),
    over_the_images=Forms(f'{FULL}, volumes: ["data:/image-data"]', changed=FULL),
)
def test_trap_08_a_volume_of_the_image_is_expected(found: Found) -> None:
    """It is mounted under a generated name, which is nobody's; a declared mount at its path takes its place.

    containers/ansible-podman-collections#39
    """
    (mount,) = found.live("image_volume", "Mounts")
    assert re.fullmatch("[0-9a-f]{64}", mount["Name"])
    found.changes(
        image_volume={"volumes./image-data.source": (None, "data"), "volumes./image-data.read_only": (None, True)},
        over_the_images={"volumes./image-data.source": ("data", None)},
    )


@trap(
    image_signal=Forms(
        "image: full:1", again="image: full:1, stop_signal: 3", changed="image: full:1, stop_signal: INT"
    ),
    signal_of_others=Forms("stop_signal: SIGUSR1", made={"StopSignal": "10", "HostConfig": {}}, changed=""),
    term=Forms("stop_signal: TERM", again="stop_signal: 15"),
    no_signal=Forms(again="stop_signal: sigterm, stop_grace_period: 10s", changed="stop_grace_period: 20s"),
    grace=Forms("stop_grace_period: 90s", again="stop_grace_period: 1m30s", changed=""),
)
def test_trap_29_the_stop_signal_is_a_name_and_the_grace_seconds(found: Found) -> None:
    """The engine keeps the signal as written, from the image where none is; a changed period is seen.

    ansible-collections/community.docker#422
    """
    assert found.live("image_signal", "Config/StopSignal") == "SIGQUIT"
    assert found.live("grace", "Config/StopTimeout") == 90
    found.changes(
        image_signal={"stop_signal": ("SIGQUIT", "SIGINT")},
        signal_of_others={"stop_signal": ("SIGUSR1", "SIGTERM")},
        no_signal={"stop_grace_period": ("10s", "20s")},
        grace={"stop_grace_period": ("1m30s", "10s")},
    )
