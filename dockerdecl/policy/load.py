"""From the paths of policy files to policies, or to all that is wrong with them.

Takes paths, gives `Policy` values in which every rule of one's own is ready to be tested. Reads them as manifests are
read: strictly, with the place of every word. Variables are not replaced, since a policy must not depend on who runs it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field, replace
from pathlib import Path
from typing import Any

from dockerdecl.errors import DockerdeclError, Problem, Where, invalid
from dockerdecl.manifest import nodes
from dockerdecl.manifest.explain import Explainer, Language, did_you_mean, is_extension, is_newer_format
from dockerdecl.manifest.places import Places
from dockerdecl.manifest.sources import absolute, read_source
from dockerdecl.manifest.texts import SourceText, with_lines
from dockerdecl.manifest.yaml_nodes import parse_text
from dockerdecl.policy.conditions import Compiler, Condition, Test
from dockerdecl.policy.spec import POLICY_VERSION, RULE_IDS, OwnRule, PolicyFile, policy_schema
from dockerdecl.resources.container.spec import Container
from dockerdecl.resources.image.spec import Image
from dockerdecl.resources.network.spec import Network
from dockerdecl.resources.spec import Spec, mistakes
from dockerdecl.resources.volume.spec import Volume
from dockerdecl.values import dataclass

_LANGUAGE = Language("a policy", POLICY_VERSION, "dockerdecl schema policy")


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """A rule of one's own; what it is about is found to be wrong where `when` holds and `unless` does not."""

    spec: OwnRule
    when: Test | None
    unless: Test | None


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy file, valid. `name` is how the user would call it."""

    name: str
    file: PolicyFile
    rules: tuple[CompiledRule, ...]
    content: str = field(repr=False)
    places: Places = field(repr=False)


def load_policies(named: Iterable[tuple[Path, Where | None]], working_directory: Path) -> tuple[Policy, ...]:
    """The policies in these files, each once; beside a path, where a manifest names it.

    Raises DockerdeclError (exit code 3) with every problem.
    """
    found: dict[Path, Policy | None] = {}
    problems: list[Problem] = []
    for path, where in named:
        full = absolute(path, working_directory)
        if full not in found:
            try:
                found[full] = _load(full, where, working_directory)
            except DockerdeclError as error:
                found[full] = None
                problems += error.problems
    if problems:
        raise invalid(*problems)
    return tuple(policy for policy in found.values() if policy)


def _load(path: Path, where: Where | None, working_directory: Path) -> Policy:
    source = read_source(path, working_directory, named_at=where)
    try:
        root = _tree(source)
        places = Places(root)
        file = _checked(root, places)
        rules, problems = _compiled(file, places)
        problems += _unknown_rules(file, places)
        if problems:
            raise invalid(*problems)
    except DockerdeclError as error:
        raise invalid(*with_lines(error.problems, {source.name: source.content})) from error
    return Policy(source.name, file, rules, source.content, places)


def _tree(source: SourceText) -> nodes.Mapping:
    parsed = parse_text(source.content, source.name)
    hint = f"begin with `apiVersion: {POLICY_VERSION}` and `preset: recommended` or `builtin:`"
    if parsed.problems or parsed.root is None:
        empty = (replace(problem, hint=hint) for problem in parsed.problems if problem.code == "empty-file")
        raise invalid(*(tuple(empty) or parsed.problems))
    if not isinstance(parsed.root, nodes.Mapping):
        message = f"a policy is a mapping, not {nodes.kind(parsed.root)}"
        raise invalid(Problem("not-a-mapping", message, where=parsed.root.where, hint=hint))
    return parsed.root


def _checked(root: nodes.Mapping, places: Places) -> PolicyFile:
    plain: dict[str, Any] = {entry.key: nodes.to_plain(entry.value) for entry in root.entries}
    written = {key: value for key, value in plain.items() if value is not None and not key.startswith("x-")}
    try:
        return PolicyFile.model_validate(written)
    except ValueError as error:
        errors = [each for each in mistakes(error) if not is_extension(each)]
    explainer = Explainer(places, policy_schema(), _LANGUAGE)
    newer = [error for error in errors if is_newer_format(error, POLICY_VERSION)]
    raise invalid(*dict.fromkeys(explainer.problem(error) for error in newer or errors))


_MODELS: Mapping[str, type[Spec]] = {"container": Container, "image": Image, "network": Network, "volume": Volume}


def _compiled(file: PolicyFile, places: Places) -> tuple[tuple[CompiledRule, ...], list[Problem]]:
    rules: list[CompiledRule] = []
    problems: list[Problem] = []
    seen: set[str] = set()
    for index, rule in enumerate(file.rules):
        compiler = Compiler(_MODELS[rule.on])
        at = ("rules", index)
        tests = {word: _test(compiler, getattr(rule, word), (*at, word)) for word in ("when", "unless")}
        rules.append(CompiledRule(rule, tests["when"], tests["unless"]))
        problems += [_mistake(text, places.value(path)) for path, text in compiler.mistakes]
        if rule.id in seen:
            message = f"the rule `{rule.id}` stands here a second time"
            where = places.value((*at, "id"))
            problems.append(Problem("duplicate-rule", message, where=where, hint="give it another id"))
        seen.add(rule.id)
    return tuple(rules), problems


def _test(compiler: Compiler, condition: Condition | None, at: nodes.NodePath) -> Test | None:
    return compiler.test(condition, at) if condition else None


def _unknown_rules(file: PolicyFile, places: Places) -> list[Problem]:
    known = [*RULE_IDS, *(rule.id for rule in file.rules)]
    return [
        Problem(
            "unknown-rule",
            f"this policy has no rule `{allowance.rule}`",
            where=places.value(("allow", index, "rule")),
            hint=did_you_mean(allowance.rule, known, "write the id of a built-in rule or of one under `rules`"),
        )
        for index, allowance in enumerate(file.allow)
        if allowance.rule not in known
    ]


def _mistake(text: str, where: Where) -> Problem:
    message, _, hint = text.partition("; ")
    hint = hint or f"`{_LANGUAGE.command}` prints what may stand there"
    return Problem("condition-invalid", message, where=where, hint=hint)
