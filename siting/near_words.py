"""A word that nothing is called → the nearest of the known words, for messages."""

from __future__ import annotations

from collections.abc import Iterable

from siting.messages import Text, did_you_mean, quoted, text_of

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


def suggestion(word: str, known: Iterable[str], *, whole: bool = False) -> Text:
    """Suggest the nearest known words, or list them all; `whole` as in `nearest_words`."""
    known = sorted(known)
    near = nearest_words(word, known, whole=whole)
    return did_you_mean(near) if near else text_of("P10", names=", ".join(known) or text_of("P42"))


def suggestion_if_near(word: str, known: Iterable[str]) -> Text:
    """Suggest the nearest known name, in brackets, if one is near; of many names none is listed."""
    near = nearest_words(word, known, whole=True)
    return text_of("P43", names=quoted(near[:1])) if near else Text("", "")
