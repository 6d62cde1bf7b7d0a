"""What is taken without pydantic is what pydantic makes of it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from dockerdecl.policy.spec import PolicyFile
from dockerdecl.resources.container.spec import Container
from dockerdecl.resources.document import API_VERSION, Document
from dockerdecl.resources.image.spec import Image
from dockerdecl.resources.models import judged
from dockerdecl.resources.network.spec import Network
from dockerdecl.resources.spec import Spec
from dockerdecl.resources.taking import reader_of
from dockerdecl.resources.volume.spec import Volume
from tests.support.field_values import FIELDS

ROOT = Path(__file__).parents[3]
WRITTEN = [
    *sorted(ROOT.glob("examples/*/*.yaml")),
    *sorted(ROOT.glob("tests/cases/**/*.yaml")),
    *sorted(ROOT.glob("tests/cases/**/*.yml")),
]
MODELS: tuple[type[Spec], ...] = (Container, Image, Network, Volume)

# as a manifest is read: every scalar is a text, or nothing
scalars = st.one_of(
    st.none(),
    st.text(max_size=6),
    st.sampled_from(("80:80", "1m", "db=x", "true", "5", "-1", "no", "host", "/a:/b", "a:b")),
)
anything = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=2),
        st.dictionaries(
            st.sampled_from(("", "a", "x-a", "type", "target", "source", "soft", "hard", "test")), inner, max_size=2
        ),
    ),
    max_leaves=4,
)


def outcome(take: Callable[[], Any]) -> Any:
    try:
        made = take()
    except ValidationError as error:
        return [(each["type"], each["loc"]) for each in error.errors(include_url=False)]
    return made, getattr(made, "model_fields_set", None)


def without_extensions(value: Any) -> Any:
    "a loader takes them out one by one where pydantic has met them"
    if isinstance(value, dict):
        return {key: without_extensions(item) for key, item in value.items() if not str(key).startswith("x-")}
    return [without_extensions(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("field", sorted(FIELDS))
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_a_right_value_of_any_field_is_taken_at_once(field: str, data: st.DataObject) -> None:
    values = data.draw(FIELDS[field])
    spec = Container.model_reader(values)
    assert (spec, spec.model_fields_set) == outcome(lambda: judged(Container, values))
    assert spec.model_dump(mode="json", by_alias=True) == judged(Container, values).model_dump(
        mode="json", by_alias=True
    )


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_whatever_is_written_pydantic_has_the_last_word(model: type[Spec], data: st.DataObject) -> None:
    words = [field.word for field in model.model_fields.values()]
    base = {"ref": "app:1"} if model is Image else {}
    written = {**base, data.draw(st.sampled_from(words)): without_extensions(data.draw(anything))}
    assert outcome(lambda: model.model_validate(written)) == outcome(lambda: judged(model, written))


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: str(path.relative_to(ROOT)))
def test_whole_files_mean_the_same(path: Path) -> None:
    with suppress(yaml.YAMLError):
        written = without_extensions(yaml.load(path.read_text(), Loader=yaml.BaseLoader))
        if isinstance(written, dict):
            kind: type[Spec] = PolicyFile if "policy" in str(written.get("apiVersion")) else Document
            whole = {"apiVersion": API_VERSION, "project": "p", **written}
            assert outcome(lambda: kind.model_validate(whole)) == outcome(lambda: judged(kind, whole))


@pytest.mark.parametrize("kind", [bool, int, str, int | str, tuple[int, str], float, dict[str, int]], ids=str)
@given(value=anything)
@example(value=1.5)
def test_types_that_it_does_not_know_are_left_to_pydantic(kind: Any, value: Any) -> None:
    try:
        taken = reader_of(kind)(value)
    except ValueError:
        return
    assert taken == TypeAdapter(kind).validate_python(value)
    assert type(taken) is type(TypeAdapter(kind).validate_python(value))


def test_a_key_of_ones_own_is_passed_over_and_any_other_unknown_one_is_told() -> None:
    assert Container.model_validate({"image": "app", "x-team": "shop"}) == Container(image="app")
    with pytest.raises(ValidationError, match="extra_forbidden"):
        Container.model_validate({"image": "app", "team": "shop"})


def test_a_spec_can_not_be_changed() -> None:
    with pytest.raises(AttributeError, match="Container is frozen"):
        Container().image = "app"  # type: ignore[misc]
