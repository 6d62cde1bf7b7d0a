"""Which images a Dockerfile builds upon, so that a build is done again when one of them moves.

Takes the text of a Dockerfile, build arguments and a target; gives the references of the external images that the
target needs. Pure: reads no file, asks no engine, and leaves every other instruction to the builder.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import field, replace

from dockerdecl.errors import DockerdeclError, Problem, Where, invalid
from dockerdecl.expressions import expression
from dockerdecl.manifest.dockerfile_words import expand, heredoc_names, split_words
from dockerdecl.values import dataclass

_DIRECTIVE = expression(r"#\s*([A-Za-z][A-Za-z0-9]*)\s*=\s*(.+?)\s*")
_DIRECTIVES = ("syntax", "escape", "check")
_WITH_HEREDOCS = ("ADD", "COPY", "RUN")
_INSTRUCTION = expression(r"\s*(\S+)\s*(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction: its word in capitals, the rest of its line with continuations joined, and where it begins."""

    word: str
    rest: str
    line: int
    source: str


@dataclass(frozen=True, slots=True)
class _Stage:
    name: str
    base: str
    copies: tuple[str, ...] = ()


@dataclass(slots=True)
class _Reading:
    """What is known after the instructions so far; `scope` holds the arguments that FROM can use."""

    scope: dict[str, str] = field(default_factory=dict)
    stages: list[_Stage] = field(default_factory=list)


def base_references(
    text: str, *, build_args: Mapping[str, str] | None = None, target: str | None = None, file: str = "Dockerfile"
) -> tuple[str, ...]:
    """The external images that the stage `target` (the last one if None) is made from, each once, as written there.

    Those of `FROM` and of `COPY --from`, of the stages that the target needs, with arguments put in; `scratch` and the
    file's own stages are none. Raises DockerdeclError with the line in `file` if they can't be told.
    """
    instructions, escape = read_instructions(text, file)
    reading = _Reading()
    for instruction in instructions:
        _take(reading, instruction, build_args or {}, escape, file)
    if not reading.stages:
        raise invalid(Problem("dockerfile-without-from", f"{file}: there is no `FROM` in it", hint="name a base image"))
    return _external(reading.stages, _target(reading.stages, target, file))


def _external(stages: list[_Stage], target: int) -> tuple[str, ...]:
    images: dict[str, None] = {}
    waiting = [target]
    for position in waiting:
        stage = stages[position]
        needs = [(stage.base, _stage_named(stages, position, stage.base))]
        needs += [(name, _stage_copied(stages, position, name)) for name in stage.copies]
        for name, inner in needs:
            if inner is None and name.lower() != "scratch":
                images[name] = None
            elif inner is not None and inner not in waiting:
                waiting.append(inner)
    return tuple(images)


def read_instructions(text: str, file: str = "Dockerfile") -> tuple[tuple[Instruction, ...], str]:
    """The instructions of a Dockerfile, continuations joined, comments and heredocs left out; and its escape character.

    Raises DockerdeclError for a heredoc without end and a wrong escape directive.
    """
    lines = [line.removesuffix("\r") for line in text.removeprefix("\ufeff").split("\n")]
    escape = _escape_character(lines, file)
    return tuple(_joined(lines, escape, file)), escape


def _escape_character(lines: list[str], file: str) -> str:
    for number, line in enumerate(lines, 1):
        directive = _DIRECTIVE.fullmatch(line)
        if directive is None or directive[1].lower() not in _DIRECTIVES:
            break
        if directive[1].lower() == "escape":
            if directive[2] not in ("\\", "`"):
                message = f"`{directive[2]}` can't be the escape character"
                raise _problem(
                    "dockerfile-escape-invalid", Where(file, number, 1), line, message, "it is `\\` or a backtick"
                )
            return directive[2]
    return "\\"


def _joined(lines: list[str], escape: str, file: str) -> Iterator[Instruction]:
    mark = re.escape(escape)
    continued = re.compile(rf"(?:(?<!{mark})|^){mark}[ \t]*$")
    numbered = iter(enumerate(lines, 1))
    for start, first in numbered:
        if _is_comment(first) or not first.strip():
            continue
        text, more = continued.subn("", first)
        while more and (following := next(numbered, None)):
            if _is_comment(following[1]) or not following[1].strip():
                continue
            part, more = continued.subn("", following[1])
            text += part
        word, rest = _split(text)
        yield Instruction(word, rest, start, first)
        inner = _split(rest)[0] if word == "ONBUILD" else word
        if inner in _WITH_HEREDOCS and "<<" in rest:
            for name, strip_tabs in heredoc_names(rest):
                if not any((line.lstrip("\t") if strip_tabs else line) == name for _, line in numbered):
                    message = f"the heredoc `{name}` has no end"
                    hint = f"end it with a line that is `{name}`"
                    raise _problem("dockerfile-heredoc-open", Where(file, start, 1), first, message, hint)


def _is_comment(line: str) -> bool:
    return line.lstrip().startswith("#")


def _split(text: str) -> tuple[str, str]:
    parts = _INSTRUCTION.match(text)
    return (parts[1].upper(), parts[2].rstrip()) if parts else ("", "")


def _take(reading: _Reading, instruction: Instruction, build_args: Mapping[str, str], escape: str, file: str) -> None:
    match instruction.word:
        case "ARG" if not reading.stages:
            for word in split_words(instruction.rest, escape):
                name, given, default = word.partition("=")
                if name in build_args:
                    reading.scope[name] = build_args[name]
                elif given:
                    reading.scope[name] = _expanded(default, reading.scope, escape, instruction, file)
        case "FROM":
            reading.stages.append(_stage(reading, instruction, escape, file))
        case "COPY" if reading.stages:
            source = _copied_from(instruction, len(reading.stages) - 1, file)
            if source:
                stage = reading.stages[-1]
                reading.stages[-1] = replace(stage, copies=(*stage.copies, source))
        case _:
            pass


def _stage(reading: _Reading, instruction: Instruction, escape: str, file: str) -> _Stage:
    words = [word for word in instruction.rest.split() if not word.startswith("--")]
    if len(words) != 1 and not (len(words) == 3 and words[1].upper() == "AS"):
        hint = "write `FROM image` or `FROM image AS name`"
        raise _at(instruction, "dockerfile-from-invalid", file, "`FROM` takes an image and at most a name", hint)
    base = _expanded(words[0], reading.scope, escape, instruction, file)
    if not base:
        hint = "give each `ARG` in it a default before the first `FROM`, or pass it under `args`"
        raise _at(instruction, "dockerfile-base-empty", file, f"the base image `{words[0]}` comes out empty", hint)
    return _Stage(words[2].lower() if len(words) == 3 else "", base)


def _expanded(text: str, scope: Mapping[str, str], escape: str, instruction: Instruction, file: str) -> str:
    try:
        return expand(text, scope, escape)
    except ValueError as error:
        raise _at(instruction, "dockerfile-variable-invalid", file, str(error)) from error


def _copied_from(instruction: Instruction, position: int, file: str) -> str | None:
    for word in instruction.rest.split():
        if not word.startswith("--"):
            break
        if word.lower().startswith("--from="):
            source = word[len("--from=") :]
            if "$" in source:
                hint = "name a stage there, and use the variable in that stage's `FROM`"
                raise _at(instruction, "dockerfile-from-invalid", file, "`COPY --from` takes no variables", hint)
            if source.isdecimal() and int(source) >= position:
                hint = "the first stage is 0"
                raise _at(
                    instruction, "dockerfile-from-invalid", file, f"there is no stage {source} before this one", hint
                )
            return source
    return None


def _stage_copied(stages: list[_Stage], position: int, name: str) -> int | None:
    """The stage before `position` that `COPY --from=NAME` means, by its name or its number; None for an image."""
    if name.isdecimal() and int(name) < position:
        return int(name)
    return _stage_named(stages, position, name)


def _stage_named(stages: list[_Stage], position: int, name: str) -> int | None:
    named = (index for index in reversed(range(position)) if stages[index].name == name.lower())
    return next(named, None)


def _target(stages: list[_Stage], target: str | None, file: str) -> int:
    if target is None:
        return len(stages) - 1
    position = _stage_copied(stages, len(stages), target)
    if position is None:
        names = ", ".join(stage.name for stage in stages if stage.name) or "none of them has a name"
        raise invalid(Problem("dockerfile-target-unknown", f"{file}: has no stage `{target}`", hint=f"stages: {names}"))
    return position


def _at(instruction: Instruction, code: str, file: str, message: str, hint: str | None = None) -> DockerdeclError:
    return _problem(code, Where(file, instruction.line, 1), instruction.source, message, hint)


def _problem(code: str, where: Where, source: str, message: str, hint: str | None) -> DockerdeclError:
    return invalid(Problem(code, message, where=where, hint=hint, line=source))
