"""The page of policies: the built-in rules, and all that a policy file may say. Takes the models, gives Markdown."""

from __future__ import annotations

from typing import Any, get_args

from dockerdecl.policy.conditions import Condition
from dockerdecl.policy.spec import RECOMMENDED, Allowance, BuiltIn, Level, OwnRule, PolicyFile, Setting
from dockerdecl.resources.spec import Spec
from tools.docstrings import member_docstrings
from tools.fields import documentation
from tools.markdown import code, codes, page, section, table


def policies_page() -> str:
    """What a policy file may say, beginning with the built-in rules."""
    levels = [(code(level.value), said) for level in Level for said in (member_docstrings(Level)[level.name],)]
    return page(
        "Policies",
        "What a policy file may say; [the guide](../guides/policies.md) tells how to use one. Every finding of a rule "
        "has the code `policy-RULE`. Schema: [policy-v1.json](../../schemas/policy-v1.json).",
        section("Built-in rules", "Under `builtin`, by id.", _rules()),
        section("Levels", table(("level", "what comes of a breach"), levels)),
        section("Settings", _settings()),
        *(section(model.__name__, model.__doc__ or "", _fields(model)) for model in _OTHERS),
    )


_OTHERS: tuple[type[Spec], ...] = (PolicyFile, OwnRule, Condition, Allowance)


def _rules() -> str:
    lines = []
    for name, field in BuiltIn.model_fields.items():
        own = [word for word in _model(field.annotation).model_fields if word not in Setting.model_fields]
        settings = codes(word for word in own)
        recommended = code(RECOMMENDED[name].value) if name in RECOMMENDED else ""
        lines.append((code(field.word), documentation(BuiltIn, name), settings, recommended))
    return table(("rule", "what it does not want", "can be set", "in `preset: recommended`"), lines)


def _settings() -> str:
    lines = [(code(word), "every rule", documentation(Setting, word), "") for word in Setting.model_fields]
    for field in BuiltIn.model_fields.values():
        model = _model(field.annotation)
        for word, setting in model.model_fields.items():
            if word not in Setting.model_fields:
                default = "required" if setting.is_required() else codes(setting.default)
                lines.append((code(word), code(field.word), documentation(model, word), default))
    return table(("setting", "of", "what it is", "where left out"), lines)


def _fields(model: type[Spec]) -> str:
    lines = []
    for name, field in model.model_fields.items():
        default = field.get_default()
        shown = default if isinstance(default, str) else ""
        required = "required" if field.is_required() else code(shown)
        lines.append((code(field.word), documentation(model, name), required))
    return table(("field", "what it is", "where left out"), lines)


def _model(annotation: Any) -> type[Setting]:
    found = _inside(annotation)
    assert found is not None
    return found


def _inside(part: Any) -> type[Setting] | None:
    "the model of a rule's setting, among all that an annotation says"
    if isinstance(part, type):
        return part if issubclass(part, Setting) else None
    return next((found for inner in get_args(part) if (found := _inside(inner))), None)
