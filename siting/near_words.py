"""A word that nothing is called → the nearest of the known words, for messages."""

from __future__ import annotations

from collections.abc import Iterable

LEAST_LIKENESS = 60
"""Likeness, of 100, from which on a known word is offered for an unknown one."""


def nearest_words(word: str, known: Iterable[str], *, whole: bool = False) -> list[str]:
    """Return the known words nearest to a word, all that are equally near; none where none is near.

    Parameters
    ----------
    word, known : texts
    whole : compare whole words only, as for names; else a part of a word counts as near too
    """
    from rapidfuzz import fuzz, process

    # Of a letter or two everything is a part.
    scorer = fuzz.WRatio if len(word) > 2 and not whole else fuzz.ratio
    found = process.extract(word, sorted(known), scorer=scorer, score_cutoff=LEAST_LIKENESS, limit=3)
    return [name for name, likeness, _ in found if likeness == found[0][1]]


def suggestion(word: str, known: Iterable[str], *, whole: bool = False) -> str:
    """Suggest the nearest known words, or list them all; `whole` as in `nearest_words`."""
    known = sorted(known)
    near = " or ".join(map(repr, nearest_words(word, known, whole=whole)))
    return f"; did you mean {near}?" if near else f"; known: {', '.join(known) or 'none'}"


def suggestion_if_near(word: str, known: Iterable[str]) -> str:
    """Suggest the nearest known name, in brackets, if one is near; of many names none is listed."""
    near = nearest_words(word, known, whole=True)
    return f" (did you mean {near[0]!r}?)" if near else ""
