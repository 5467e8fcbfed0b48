"""``--help`` in the language that ``--lang`` asks for on the same line; its words are in `wording.csv`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from typer.core import TyperCommand, TyperGroup

from siting.outputs.text.wording import LANGUAGES, words

if TYPE_CHECKING:
    from typer._click import Command, Context, HelpFormatter

    from siting.types import Language

_LANG = "siting.lang"
"""Where a context keeps the language; contexts of commands share it with the program's."""

_CLICK = ("Usage: ", "Arguments", "Options", "Commands", "[default: ", "[required]")
"""What typer writes by itself, in the order in which it is looked for."""


def asked_language(arguments: Sequence[str]) -> Language | None:
    """Find the last language that arguments ask for; None where they ask for none that is known.

    >>> asked_language(["run", "--lang", "en"]), asked_language(["run", "--lang=zh"]), asked_language(["run"])
    ('en', 'zh', None)
    """
    found: Language | None = None
    for at, argument in enumerate(arguments):
        name, _, value = argument.partition("=")
        if name == "--lang":
            value = value or "".join(arguments[at + 1 : at + 2])
            found = next((lang for lang in LANGUAGES if lang == value), found)
    return found


class SpokenCommand(TyperCommand):
    """A command whose help speaks the language asked for."""

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:
        """Keep the language before an option such as ``--help`` ends the reading."""
        _keep_language(ctx, args)
        return super().parse_args(ctx, args)

    def format_help(self, ctx: Context, formatter: HelpFormatter) -> None:
        """Write the help."""
        lang = _language(ctx)
        _reword(self, ctx, lang)
        super().format_help(ctx, formatter)
        formatter.buffer[:] = [_headings(piece, lang) for piece in formatter.buffer]


class SpokenGroup(TyperGroup):
    """The program, whose help lists its commands in the language asked for."""

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:
        """Keep the language, as a command does; before the command it holds for what that prints too."""
        _keep_language(ctx, args)
        before = next((at for at, argument in enumerate(args) if argument in self.commands), len(args))
        if lang := asked_language(args[:before]):
            ctx.default_map = {name: {"lang": lang} for name in self.commands}
        return super().parse_args(ctx, args)

    def format_help(self, ctx: Context, formatter: HelpFormatter) -> None:
        """Write the help, the commands' own summaries in it."""
        lang = _language(ctx)
        _reword(self, ctx, lang)
        for name, command in self.commands.items():
            command.short_help = words(lang)[f"console.command.{name}"]
        super().format_help(ctx, formatter)
        formatter.buffer[:] = [_headings(piece, lang) for piece in formatter.buffer]


def _keep_language(ctx: Context, args: Sequence[str]) -> None:
    ctx.meta[_LANG] = asked_language(args) or ctx.meta.get(_LANG, LANGUAGES[0])


def _language(ctx: Context) -> Language:
    lang: Language = ctx.meta.get(_LANG, LANGUAGES[0])
    return lang


def _reword(command: Command, ctx: Context, lang: Language) -> None:
    """Give a command and its parameters their words: a parameter's for this command, else for all."""
    table = words(lang)
    command.help = table[f"console.command.{command.name or 'siting'}"]
    for parameter in command.get_params(ctx):
        own, shared = f"console.help.{command.name}.{parameter.name}", f"console.help.{parameter.name}"
        if hasattr(parameter, "help"):
            parameter.help = table.get(own) or table[shared]


def _headings(piece: str, lang: Language) -> str:
    """Put typer's own words into a language."""
    for number, word in enumerate(_CLICK):
        piece = piece.replace(word, words(lang)[f"console.click.{number}"])
    return piece
