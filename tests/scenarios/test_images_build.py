"""Images that are built: anew only when what they are made of changed."""

from __future__ import annotations

import os

from scripts.busybox_image import busybox_rootfs_tar
from tests.support.checks import environment, file_content, replaced, running, same_container, says
from tests.support.image_checks import imported, labelled, nothing_stopped, same_image_as_before
from tests.support.scenario import Scenario, ScenarioMaker

APPLICATION = """
images:
  app:
    ref: shop/app:1
    build: {context: app, args: {COLOUR: red}, labels: {com.example.team: web}}
containers:
  app: {image: app, stop_signal: KILL, network_mode: bridge}
"""
DOCKERFILE = """
FROM busybox:1
ARG COLOUR=blue
ENV COLOUR=$COLOUR
COPY . /app/
CMD ["sleep", "9999"]
"""


def built(scenario: ScenarioMaker, name: str) -> Scenario:
    """The application, built and running."""
    s = written(scenario(name, APPLICATION))
    return s.apply(running("app"), environment("app", COLOUR="red"))


def written(s: Scenario) -> Scenario:
    """The context of the application as it was first."""
    s.write("app/Dockerfile", DOCKERFILE)
    s.write("app/page.html", "hello\n").write("app/notes.md", "to do\n").write("app/.dockerignore", "*.md\n")
    (s.folder / "app/page.html").chmod(0o644)
    return s


def test_a_context_is_built_once(scenario: ScenarioMaker) -> None:
    """The image holds the context, the arguments and the labels, and is not built again."""
    s = built(scenario, "once")
    s.check(file_content("app", "/app/page.html", "hello\n"), labelled("shop/app:1", "com.example.team", "web"))
    s.apply(same_image_as_before("shop/app:1"), same_container("app"))


def test_what_does_not_get_into_an_image_changes_nothing(scenario: ScenarioMaker) -> None:
    """Neither an ignored file nor a time is a reason to build."""
    s = built(scenario, "idle").write("app/notes.md", "done\n").write("app/more.md", "more\n")
    for path in (s.folder / "app").iterdir():
        os.utime(path, (1, 1))
    s.plan({}).apply(same_image_as_before("shop/app:1"), same_container("app"))


def content(s: Scenario) -> None:
    s.write("app/page.html", "good day\n")


def mode(s: Scenario) -> None:
    (s.folder / "app/page.html").chmod(0o755)


def recipe(s: Scenario) -> None:
    s.edit(old="/app/", new="/srv/", path="app/Dockerfile")


def ignore_file(s: Scenario) -> None:
    s.write("app/.dockerignore", "")


def argument(s: Scenario) -> None:
    s.edit(old="COLOUR: red", new="COLOUR: green")


def label(s: Scenario) -> None:
    s.edit(old="team: web", new="team: core")


def test_what_an_image_is_made_of_is_built_anew(scenario: ScenarioMaker) -> None:
    """Its containers are replaced, since they are made from another image then."""
    s = built(scenario, "changed")
    for change in (content, mode, recipe, ignore_file, argument, label):
        change(written(s))
        s.plan({"image.app": "update", "container.app": "replace"})
        s.check(says("its context, Dockerfile or arguments changed"))
    s.apply(replaced("app"), environment("app", COLOUR="green"))


def test_a_dockerfile_may_be_anywhere(scenario: ScenarioMaker) -> None:
    """Named, outside of the context, or in the manifest itself; none of it gets into the image."""
    s = built(scenario, "anywhere")
    s.write("recipes/app.docker", DOCKERFILE.replace("/app/", "/named/"))
    s.edit(old="context: app,", new="context: app, dockerfile: ../recipes/app.docker,")
    s.apply(replaced("app"), file_content("app", "/named/page.html", "hello\n"))
    s.edit(
        old="dockerfile: ../recipes/app.docker,",
        new='dockerfile_inline: "FROM busybox:1\\nCOPY . /inline/\\nCMD [\\"sleep\\", \\"9999\\"]\\n",',
    )
    s.apply(replaced("app"), file_content("app", "/inline/page.html", "hello\n"))
    listed = s.engine.docker("exec", s.container("app")["Id"], "ls", "-A", "/inline")
    assert listed.split() == [".dockerignore", "Dockerfile", "page.html"]


STAGES = """
FROM busybox:1 AS first
ENV STAGE=first
CMD ["sleep", "9999"]
FROM first AS second
ENV STAGE=second
"""


def test_a_target_is_a_stage(scenario: ScenarioMaker) -> None:
    """Another stage is another image."""
    s = scenario("stages", APPLICATION).write("app/Dockerfile", STAGES)
    s.edit(old="args: {COLOUR: red}", new="target: first").apply(environment("app", STAGE="first"))
    s.edit(old="target: first", new="target: second").apply(replaced("app"), environment("app", STAGE="second"))


ON_AN_IMPORT = """
images:
  base: {ref: "base:1", import: root.tar, changes: ["ENV PATH=/bin RELEASE=1"]}
  app: {ref: "shop/app:1", build: app}
containers:
  app: {image: app, stop_signal: KILL, network_mode: bridge}
"""


def test_a_changed_base_is_built_upon_at_once(scenario: ScenarioMaker) -> None:
    """Import, build and replacement happen in one apply, in this order."""
    s = scenario("based", ON_AN_IMPORT).write("root.tar", busybox_rootfs_tar())
    s.write("app/Dockerfile", 'FROM base:1\nCMD ["sleep", "9999"]\n')
    s.apply(running("app"), environment("app", RELEASE="1"))
    s.edit(old="RELEASE=1", new="RELEASE=2")
    s.plan({"image.base": "update", "image.app": "update", "container.app": "replace"})
    s.check(says("it is built from image.base, which changes"))
    s.apply(imported(1), replaced("app"), environment("app", RELEASE="2"))


def test_a_base_moved_by_hand_is_built_upon(scenario: ScenarioMaker) -> None:
    """A base that nobody declares may mean another image one day."""
    s = scenario("rebased", APPLICATION).by_hand("docker tag busybox:1 vendor/base:1")
    s.write("app/Dockerfile", DOCKERFILE.replace("busybox:1", "vendor/base:1")).apply()
    s.by_hand("docker tag www:1 vendor/base:1").plan({"image.app": "update", "container.app": "replace"})
    s.check(says("its base vendor/base:1 is another image now"))


def test_a_failed_build_stops_nothing(scenario: ScenarioMaker) -> None:
    """The error has what the build printed last."""
    s = built(scenario, "failing")
    s.edit(old="COPY . /app/", new="COPY . /app/\nRUN echo the cat is out; exit 3", path="app/Dockerfile")
    s.edit(old="app: {image", new="app: {hostname: other, image")
    s.run("apply", "--yes", expect=1)
    s.check(says("the cat is out"), says("image.app"), says("code: 3"), nothing_stopped(), running("app"))


INHERITED = """
FROM busybox:1
ENV A=1 B=two
ENTRYPOINT ["/bin/sh", "-c"]
CMD ["sleep 9999"]
VOLUME /data /more
EXPOSE 80 53/udp
LABEL one=1 two=2
USER nobody
WORKDIR /tmp
STOPSIGNAL KILL
HEALTHCHECK --interval=1s --timeout=2s --start-period=3s --retries=4 CMD true
ONBUILD RUN true
SHELL ["/bin/sh", "-e", "-c"]
"""


def test_what_an_image_gives_its_containers_is_no_difference(scenario: ScenarioMaker) -> None:
    """Nor is saying in the manifest what the image says; taking it out of there is none either."""
    s = scenario("inherited", APPLICATION).write("app/Dockerfile", INHERITED)
    s.edit(old="stop_signal: KILL", new="environment: {B: two}, user: nobody, labels: {one: '1'}, expose: [80]")
    s.apply(running("app"), environment("app", A="1", B="two"))
    s.edit(old="environment: {B: two}, user: nobody, labels: {one: '1'}, expose: [80], ", new="")
    s.plan({}).apply(same_container("app"))
