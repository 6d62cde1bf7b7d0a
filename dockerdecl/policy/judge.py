"""From a manifest and policies to what they deny and what they warn of.

Takes values, gives problems with the place in the manifest, the rule, and how to allow it on purpose. Each policy
judges by itself: what one allows, another may still deny. No secret gets into a message.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from dockerdecl.errors import DockerdeclError, ExitCode, Problem, Where, invalid
from dockerdecl.manifest.manifest import Manifest
from dockerdecl.manifest.places import Places
from dockerdecl.manifest.texts import with_lines
from dockerdecl.policy.allowances import EXTENSION, ManifestAllowances, PolicyAllowances
from dockerdecl.policy.breach import Breach
from dockerdecl.policy.builtin import RULES
from dockerdecl.policy.load import CompiledRule, Policy, load_policies
from dockerdecl.policy.spec import RECOMMENDED, BuiltIn, Level, Setting
from dockerdecl.policy.subjects import Subject, subjects
from dockerdecl.resources.masking import looks_like_a_credential, scrub, secret_texts
from dockerdecl.values import dataclass


@dataclass(frozen=True, slots=True)
class Judgement:
    """What policies say of a manifest."""

    errors: tuple[Problem, ...]
    warnings: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class _Found:
    """A breach of a rule by a resource."""

    rule: str
    level: Level
    may_allow: bool
    subject: Subject
    breach: Breach


def held_against(manifest: Manifest, named: Iterable[Path], working_directory: Path) -> Manifest:
    """The manifest, after the `named` policies and its own have judged it, with what they warn of among its warnings.

    Raises DockerdeclError (exit code 3) with all that they deny, and with what is wrong with a policy.
    """
    files = [*((path, None) for path in named), *manifest.policies()]
    judgement = judge(manifest, load_policies(files, working_directory))
    warnings = (*manifest.warnings, *judgement.warnings)
    if judgement.errors:
        raise DockerdeclError(*judgement.errors, exit_code=ExitCode.INVALID, warnings=warnings)
    return replace(manifest, warnings=warnings)


def judge(manifest: Manifest, policies: Iterable[Policy]) -> Judgement:
    """What the policies deny and what they warn of, in the order of the files.

    Raises DockerdeclError (exit code 3) where what a manifest allows itself is not written as it must be.
    """
    judging = tuple(policies)
    if not judging:
        return Judgement((), ())
    own = ManifestAllowances(manifest).read()
    if own.problems:
        raise invalid(*manifest.loaded.with_lines(tuple(own.problems)))
    found: dict[tuple[str, Where | None, str], tuple[Level, Problem]] = {}
    unused: list[Problem] = []
    judged = tuple(subjects(manifest))
    for policy in judging:
        allowances = PolicyAllowances(policy, manifest.document.project)
        for each in _all_found(policy, judged):
            problem = _judged(each, allowances, own, Places(manifest.loaded.root))
            if problem is not None:
                key = (problem.code, problem.where, problem.message)
                if key not in found or found[key][0] is Level.WARN:
                    found[key] = (each.level, problem)
        unused += with_lines(allowances.unused(manifest.inactive), {policy.name: policy.content})
    unused += own.unused()
    secrets = _secrets(manifest)
    denied = (problem for level, problem in found.values() if level is Level.DENY)
    warned = (problem for level, problem in found.values() if level is Level.WARN)
    return Judgement(_told(manifest, denied, secrets), _told(manifest, (*warned, *unused), secrets))


def _all_found(policy: Policy, judged: tuple[Subject, ...]) -> Iterator[_Found]:
    for rule in RULES:
        setting = _setting(policy.file.builtin, rule.name, policy.file.preset)
        if setting is not None and setting.level is not Level.OFF:
            for subject in judged:
                if subject.kind in rule.kinds:
                    for breach in rule.check(subject, setting):
                        yield _Found(_id(rule.name), setting.level, setting.manifest_may_allow, subject, breach)
    for own in policy.rules:
        if own.spec.level is not Level.OFF:
            for subject in judged:
                broken = _broken(own, subject) if subject.kind == own.spec.on else None
                if broken is not None:
                    yield _Found(own.spec.id, own.spec.level, own.spec.manifest_may_allow, subject, broken)


def _setting(builtin: BuiltIn, name: str, preset: str) -> Setting | None:
    written: Setting | None = getattr(builtin, name)
    if written is not None or preset == "none" or name not in RECOMMENDED:
        return written
    filled = BuiltIn.model_validate({_id(name): RECOMMENDED[name]})
    setting: Setting = getattr(filled, name)
    return setting


def _id(name: str) -> str:
    return BuiltIn.model_fields[name].word


def _broken(own: CompiledRule, subject: Subject) -> Breach | None:
    resource: Mapping[str, Any] = subject.spec.model_dump(mode="json", by_alias=True)
    at = own.when(resource) if own.when else ()
    if at is None or (own.unless and own.unless(resource) is not None):
        return None
    inside = at if len(subject.path) == 2 else ()
    return Breach(inside, own.spec.message, own.spec.hint or "")


def _judged(each: _Found, policy: PolicyAllowances, own: ManifestAllowances, places: Places) -> Problem | None:
    "the problem, unless it is allowed"
    rule, subject, breach = each.rule, each.subject, each.breach
    wanted = own.wants(rule, subject)
    if policy.allows(rule, subject.address) or (wanted and each.may_allow):
        return None
    path = (*subject.path, *breach.path)
    where = places.value(path) if breach.path or len(subject.path) > 2 else places.key(path)
    ways = [
        f"to allow it on purpose, add to `allow` in {policy.policy.name}:",
        f"  - {{rule: {rule}, address: {subject.address}, reason: ...}}",
    ]
    if each.may_allow:
        ways.append(f"or write `{EXTENSION}: {{allow: {{{rule}: REASON}}}}` beside it")
    elif wanted:
        ways.append(f"what `{EXTENSION}` says here does not hold: the policy lets no manifest allow this rule")
    hint = "\n".join((*filter(None, (breach.hint,)), *ways))
    return Problem(f"policy-{rule}", breach.message, subject.address, where, hint)


def _secrets(manifest: Manifest) -> tuple[str, ...]:
    variables = (
        value.encode()
        for container in manifest.document.containers.values()
        for name, value in (container.environment or {}).items()
        if value and looks_like_a_credential(name)
    )
    return secret_texts((*manifest.contents.secrets.values(), *variables))


def _told(manifest: Manifest, problems: Iterable[Problem], secrets: tuple[str, ...]) -> tuple[Problem, ...]:
    "in the order of the files, with their lines; a line that a secret stands in is not shown"
    ordered = sorted(problems, key=lambda problem: (problem.where or Where("", 0, 0), problem.code))
    lined = manifest.loaded.with_lines(tuple(ordered))
    return tuple(
        replace(
            problem,
            message=scrub(problem.message, secrets),
            hint=scrub(problem.hint, secrets),
            line=problem.line if problem.line == scrub(problem.line, secrets) else None,
        )
        for problem in lined
    )
