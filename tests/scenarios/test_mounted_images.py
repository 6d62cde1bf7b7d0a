"""Images mounted into containers: known by their ids, so that stale content is seen. Engines from API 1.48 can."""

from __future__ import annotations

from tests.support.checks import absent, replaced, running, says
from tests.support.images import import_busybox
from tests.support.scenario import ScenarioMaker

MOUNTING = """
images: {data: {ref: "data:1", pull: never}}
containers:
  web:
    image: busybox:1
    command: sleep 9999
    stop_grace_period: 0s
    volumes:
      - {type: image, source: data, target: /data}
      - {type: image, source: "busybox:1", target: /bin-of-it, image: {subpath: bin}}
"""


def test_a_mounted_image_is_replaced_when_its_reference_moves(scenario: ScenarioMaker) -> None:
    """What is mounted must be the image that the reference means; an older engine must be told from the start."""
    s = scenario("mounting", MOUNTING)
    import_busybox(s.engine, "data:1", ('LABEL made="1"',))
    if s.engine.version < "28":
        s.run("plan", expect=1).check(says("`volumes.0.type` needs API 1.48"))
        return
    s.apply(running("web"))
    assert "busybox" in s.engine.docker("exec", s.container("web")["Id"], "ls", "/data/bin", "/bin-of-it")
    import_busybox(s.engine, "data:1", ('LABEL made="2"',))
    s.plan({"container.web": "replace"}).apply(replaced("web"))
    s.edit(old="image: {subpath: bin}", new="image: {subpath: etc}").apply(replaced("web"))
    s.destroy(absent("container.web"))
