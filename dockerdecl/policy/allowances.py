"""What is allowed on purpose: in a policy file, or in the manifest beside what is declared.

Takes a policy or a manifest, gives allowances; notes which of them were used, so that those that allow nothing any more
can be told. Who writes the manifest need not be who writes the policy, so what a manifest allows holds only for rules
whose policy says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field
from fnmatch import fnmatchcase

from dockerdecl.errors import Problem
from dockerdecl.manifest.manifest import Manifest
from dockerdecl.manifest.nodes import Mapping, Node, NodePath, Scalar, kind
from dockerdecl.manifest.schema import SECTIONS
from dockerdecl.policy.load import Policy
from dockerdecl.policy.subjects import Subject
from dockerdecl.values import dataclass

EXTENSION = "x-policy"
UNUSED = "policy-allowance-unused"
_FORM = "write `x-policy: {allow: {RULE: reason}}`, with the id of a rule and why it may be so"


@dataclass(slots=True)
class PolicyAllowances:
    """The allowances of one policy for one project."""

    policy: Policy
    project: str
    used: set[int] = field(default_factory=set)

    def allows(self, rule: str, address: str) -> bool:
        """Whether one of them is about this; it counts as used then."""
        found = {i for i, rules, addresses in self._own() if rules == rule and fnmatchcase(address, addresses)}
        self.used |= found
        return bool(found)

    def unused(self, inactive: frozenset[str]) -> Iterator[Problem]:
        """A warning for each that nothing needed; of what is inactive, nothing is known."""
        for index, rule, address in self._own():
            if index not in self.used and not any(fnmatchcase(f"container.{key}", address) for key in inactive):
                message = f"`{rule}` is allowed for `{address}`, where nothing needs it"
                where = self.policy.places.value(("allow", index))
                yield Problem(UNUSED, message, where=where, hint="take the allowance out, or correct its address")

    def _own(self) -> Iterator[tuple[int, str, str]]:
        for index, allowance in enumerate(self.policy.file.allow):
            if fnmatchcase(self.project, allowance.project):
                yield index, allowance.rule, allowance.address


@dataclass(slots=True)
class ManifestAllowances:
    """What a manifest allows itself by `x-policy`, by the path of the resource and the id of the rule."""

    manifest: Manifest
    found: dict[tuple[NodePath, str], Node] = field(default_factory=dict)
    used: set[tuple[NodePath, str]] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)

    def read(self) -> ManifestAllowances:
        """The same, with all that stands in the manifest, and what is wrong with how it is written."""
        for section in SECTIONS:
            resources = self.manifest.loaded.root.get(section)
            for entry in resources.entries if isinstance(resources, Mapping) else ():
                extension = entry.value.get(EXTENSION) if isinstance(entry.value, Mapping) else None
                if extension is not None:
                    self._take((section, entry.key), extension)
        return self

    def wants(self, rule: str, subject: Subject) -> bool:
        """Whether the manifest wants this to be allowed; it counts as used then, whether it may or not."""
        key = (subject.path[:2], rule)
        if key in self.found:
            self.used.add(key)
        return key in self.found

    def unused(self) -> Iterator[Problem]:
        """A warning for each that nothing needed."""
        for key, node in self.found.items():
            (section, name, *_), rule = key
            if key not in self.used and name not in self.manifest.inactive:
                message = f"`{rule}` is allowed here, where nothing needs it"
                address = f"{str(section).removesuffix('s')}.{name}"
                yield Problem(UNUSED, message, address, node.where, "take it out, or correct the id of the rule")

    def _take(self, path: NodePath, extension: Node) -> None:
        allowed = extension.get("allow") if isinstance(extension, Mapping) else None
        others = extension.without("allow").entries if isinstance(extension, Mapping) else ()
        for other in others:
            self._wrong(f"`{EXTENSION}` has no key `{other.key}`", other.value)
        if not isinstance(allowed, Mapping):
            if not others:
                wrong = extension if allowed is None else allowed
                self._wrong(f"`{EXTENSION}` takes `allow` with a map, not {kind(wrong)}", wrong)
            return
        for entry in allowed.entries:
            if isinstance(entry.value, Scalar) and (entry.value.text or "").strip():
                self.found[path, entry.key] = entry.value
            else:
                self._wrong(f"`{entry.key}` is allowed without a reason", entry.value)

    def _wrong(self, message: str, node: Node) -> None:
        self.problems.append(Problem("x-policy-form", message, where=node.where, hint=_FORM))
