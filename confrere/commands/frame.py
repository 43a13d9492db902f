"""The frame of the command line: finds the verb, speaks the caller's language, ends with the right exit code.

A verb is one module of this package, `check_config.py` for `check-config`, and a group of verbs is a
sub-package, `directory/import_.py` for `directory import`; a group that is itself a verb when none of its own is named
has that in `itself.py`. A verb module has `NAME`, `configure(parser,
words)` and `run(arguments, output)`, sync or async; `run` gives an exit code or None for done, and raises a `Refusal`
otherwise. Only the chosen verb is imported. What no verb foresaw becomes an incident number without content.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import importlib.metadata
import inspect
import keyword
import pkgutil
import secrets
import tomllib
import traceback
from collections.abc import Awaitable, Mapping, Sequence
from typing import Any, NoReturn, Protocol, cast

from confrere import commands
from confrere.errors import ConfrereError
from confrere.output import DONE, Output
from confrere.settings import find_config
from confrere.words.catalogue import LANGUAGES, Words, choose_language
from directory.errors import Refusal

# In the order of `confrere --help`: the operator's, then a clinician's first day, then every day.
VERBS = (
    *("serve", "check-config", "directory", "invite"),
    *("enroll", "whoami", "devices", "recover", "delegate", "notices"),
    *("send", "inbox", "watch", "show", "refer", "accept", "decline", "ask", "answer", "note", "cancel", "appointment"),
    *("remark", "add", "export", "gateway"),
    *("record", "consent", "file", "deposit", "patient", "bridge"),
)
_ITSELF = "itself"


class Verb(Protocol):
    """What a verb's module has."""

    NAME: str

    def configure(self, parser: argparse.ArgumentParser, words: Words) -> None: ...

    def run(self, arguments: argparse.Namespace, output: Output) -> int | Awaitable[int | None] | None: ...


def play(argv: Sequence[str], environment: Mapping[str, str]) -> int:
    """Runs one command line to its exit code. Never raises, prints no content of an unforeseen error."""
    words = Words(
        choose_language(_ahead(argv, "--lang"), environment, _configured_language(argv, environment)),
        strict=environment.get("CONFRERE_WORDS") == "strict",
    )
    flags = argv[: argv.index("--")] if "--" in argv else argv
    output = Output(words, as_json="--json" in flags, verbose="--verbose" in flags)
    try:
        try:
            arguments, verb = _parse(argv, words)
        except SystemExit:  # --help and --version, which have printed
            return DONE
        code = _run(verb, arguments, output)
    except KeyboardInterrupt:
        code = output.problem(ConfrereError("interrupted"))
    except Exception as problem:
        refusal = _refusal_within(problem)
        code = output.problem(refusal) if refusal else _incident(problem, output)
    output.close()
    return code


def _run(verb: Verb, arguments: argparse.Namespace, output: Output) -> int:
    outcome = verb.run(arguments, output)
    if inspect.iscoroutine(outcome):
        outcome = asyncio.run(outcome)
    return cast("int | None", outcome) or DONE


def _refusal_within(problem: BaseException) -> Refusal | None:
    """The refusal itself, or the first one inside the group that a task group makes of it."""
    if isinstance(problem, Refusal):
        return problem
    if isinstance(problem, BaseExceptionGroup):
        return next(filter(None, map(_refusal_within, problem.exceptions)), None)
    return None


def _incident(problem: BaseException, output: Output) -> int:
    """An error of ours: a number to quote. Types and frames only: an error's text may hold content."""
    number = secrets.token_hex(4)
    code = output.problem(ConfrereError("internal", incident=number))
    if output.verbose:
        link: BaseException | None = problem
        while link is not None:
            output.note(f"[{number}] {type(link).__module__}.{type(link).__qualname__}")
            output.note("".join(traceback.format_tb(link.__traceback__)).rstrip())
            link = link.__cause__ or link.__context__
    return code


# --- parsing ---


class _Help(argparse.HelpFormatter):
    """argparse's layout; in our sentences a % is a percent sign."""

    def _get_help_string(self, action: argparse.Action) -> str:
        return (action.help or "").replace("%", "%%")


class _Parser(argparse.ArgumentParser):
    """argparse, whose complaints are refusals of ours."""

    def __init__(self, **named: Any) -> None:
        super().__init__(**{"formatter_class": _Help} | named)

    def error(self, message: str) -> NoReturn:
        raise ConfrereError("usage", reason=message, command=self.prog)

    def _get_value(self, action: argparse.Action, arg_string: str) -> Any:
        """argparse would name the function that reads a value; a person knows what the help calls it."""
        try:
            return super()._get_value(action, arg_string)
        except argparse.ArgumentError as wrong:
            if isinstance(wrong.__context__, argparse.ArgumentTypeError):
                raise  # the verb's own sentence
            expected = action.metavar or action.dest
            message = argparse._("invalid %(type)s value: %(value)r")  # type: ignore[attr-defined]
            raise argparse.ArgumentError(action, message % {"type": expected, "value": arg_string}) from None


def _parse(argv: Sequence[str], words: Words) -> tuple[argparse.Namespace, Verb]:
    _translate_argparse(words)
    root = _Parser(prog="confrere", description=words.say("confrere-help"), allow_abbrev=False)
    _add_global_flags(root, words)
    root.set_defaults(lang="", json=False, verbose=False, config="")
    root.add_argument("--version", action="version", version=_version(), help=words.say("flag-version-help"))
    path = _positionals(argv)[:2]
    verb = _add_verbs(root, commands.__name__, _existing(commands.__path__, VERBS), path, "verb", words)
    arguments = root.parse_args(argv)
    if verb is None and argv:
        root.error(words.say("verb-missing"))
    if verb is None:
        root.print_help()
        root.exit()
    return arguments, verb


def _add_verbs(
    parser: argparse.ArgumentParser,
    package: str,
    names: Sequence[str],
    path: Sequence[str],
    prefix: str,
    words: Words,
    *,
    required: bool = False,
) -> Verb | None:
    """Lists the verbs of `package` in `parser` and configures the one that `path` leads to."""
    choices = parser.add_subparsers(
        title=words.say("verbs-title"), metavar=words.say("verbs-metavar"), parser_class=_Parser
    )
    choices.required = required
    chosen: Verb | None = None
    for name in names:
        sentence = words.say(f"{prefix}-{name}-help")
        child = choices.add_parser(name, help=sentence, description=sentence, allow_abbrev=False)
        if not path or path[0] != name:
            continue
        _add_global_flags(child, words)
        module = importlib.import_module(f"{package}.{_module(name)}")
        if hasattr(module, "__path__"):
            below = sorted(found.name.strip("_").replace("_", "-") for found in _modules(module.__path__))
            verbs = [one for one in below if one != _ITSELF]
            needed = _ITSELF not in below
            chosen = _add_verbs(
                child, module.__name__, verbs, path[1:], f"{prefix}-{name}", words, required=needed
            )
            if chosen is None and not needed:
                chosen = cast(Verb, importlib.import_module(f"{module.__name__}.{_ITSELF}"))
                chosen.configure(child, words)
        else:
            chosen = cast(Verb, module)
            chosen.configure(child, words)
    return chosen


def _add_global_flags(parser: argparse.ArgumentParser, words: Words) -> None:
    """The flags that stand before or after the verb; suppressed defaults, so that neither hides the other."""
    group = parser.add_argument_group(words.say("flags-title"))
    quiet = argparse.SUPPRESS
    group.add_argument("--lang", choices=LANGUAGES, default=quiet, help=words.say("flag-lang-help"))
    group.add_argument("--json", action="store_true", default=quiet, help=words.say("flag-json-help"))
    group.add_argument("--verbose", action="store_true", default=quiet, help=words.say("flag-verbose-help"))
    group.add_argument("--config", metavar="DIR", default=quiet, help=words.say("flag-config-help"))


def _positionals(argv: Sequence[str]) -> Sequence[str]:
    """The tokens that are neither a flag nor the value of a global flag: the verb comes first among them."""
    found: list[str] = []
    before = ""
    for token in argv:
        if not token.startswith("-") and before not in ("--lang", "--config"):
            found.append(token)
        before = token
    return found


def _ahead(argv: Sequence[str], flag: str) -> str:
    """The value of a global flag before anything is parsed, or nothing."""
    for place, token in enumerate(argv):
        if token == "--":
            break
        if token == flag:
            return argv[place + 1] if place + 1 < len(argv) else ""
        if token.startswith(f"{flag}="):
            return token.partition("=")[2]
    return ""


def _configured_language(argv: Sequence[str], environment: Mapping[str, str]) -> str:
    """The language of client.toml; that the file is broken is for the verb that reads it to say."""
    try:
        file = find_config(_ahead(argv, "--config"), environment) / "client.toml"
        return str(tomllib.loads(file.read_text(encoding="utf-8"))["interface"]["language"])
    except (Refusal, OSError, ValueError, LookupError, TypeError):
        return ""


def _existing(path: Sequence[str], names: Sequence[str]) -> Sequence[str]:
    there = {found.name for found in _modules(path)}
    return [name for name in names if _module(name) in there]


def _modules(path: Sequence[str]) -> Sequence[pkgutil.ModuleInfo]:
    return list(pkgutil.iter_modules(path))


def _module(name: str) -> str:
    """`check-config` is `check_config`, `import` is `import_`."""
    module = name.replace("-", "_")
    return f"{module}_" if keyword.iskeyword(module) else module


def _version() -> str:
    try:
        return importlib.metadata.version("confrere")
    except importlib.metadata.PackageNotFoundError:
        return "0"


# --- argparse's own sentences ---

# argparse looks its sentences up by their English text; those that a user meets have words of ours.
_SENTENCES = {
    "usage: ": "argparse-usage",
    "positional arguments": "argparse-positionals",
    "options": "argparse-options",
    "show this help message and exit": "argparse-help",
    "the following arguments are required: %s": "argparse-required",
    "unrecognized arguments: %s": "argparse-unrecognized",
    "argument %(argument_name)s: %(message)s": "argparse-argument",
    "invalid choice: %(value)r (choose from %(choices)s)": "argparse-choice",
    "invalid %(type)s value: %(value)r": "argparse-value",
    "expected one argument": "argparse-one",
    "expected at least one argument": "argparse-some",
    "ignored explicit argument %r": "argparse-explicit",
    "not allowed with argument %s": "argparse-exclusive",
    "one of the arguments %s is required": "argparse-one-of",
}


def _translate_argparse(words: Words) -> None:
    def sentence(english: str) -> str:
        return words.say(_SENTENCES[english]) if english in _SENTENCES else english

    # argparse has no other door for this: it binds gettext under this name at import.
    argparse._ = sentence  # type: ignore[attr-defined]
