"""Words that nothing is called → the nearest of the known words, for messages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from siting.messages import Text, did_you_mean, quoted, text_of

LEAST_LIKENESS = 60
"""Likeness, of 100, from which on a known word is offered for an unknown one."""

MOST_OFFERED = 3
"""Known words that are offered at once, where several are equally near."""


def nearest_words(word: str, known: Iterable[str], *, whole: bool = False) -> list[str]:
    """Return the known words nearest to a word, all that are equally near; none where none is near.

    Parameters
    ----------
    word, known : texts
    whole : compare whole words only, as for names; else a part of a word counts as near too

    Examples
    --------
    >>> nearest_words("hours_savd", ["hours_saved", "authority"])
    ['hours_saved']
    """
    # Of a letter or two everything is a part.
    return most_alike([word], sorted(known), whole=whole or len(word) <= 2)[:MOST_OFFERED]


def most_alike(words: Sequence[str], known: Sequence[str], *, whole: bool = False) -> list[str]:
    """Return the known words most like any of some words, in their order; none where none is near.

    Parameters
    ----------
    words, known : texts
    whole : as in `nearest_words`

    Examples
    --------
    >>> most_alike(["纬度", "lat"], ["伟度", "lot"], whole=True)
    ['lot']
    """
    from rapidfuzz import fuzz, process

    if not words or not known:
        return []
    table = process.cdist(words, known, scorer=fuzz.ratio if whole else fuzz.WRatio, dtype=float)
    likeness = table.max(axis=0).tolist()
    most = max(likeness)
    return [name for name, own in zip(known, likeness, strict=True) if own == most >= LEAST_LIKENESS]


def suggestion(word: str, known: Iterable[str], *, whole: bool = False) -> Text:
    """Suggest the nearest known words, or list them all; `whole` as in `nearest_words`."""
    known = sorted(known)
    near = nearest_words(word, known, whole=whole)
    return did_you_mean(near) if near else text_of("P10", names=", ".join(known) or text_of("P42"))


def suggestion_if_near(word: str, known: Iterable[str]) -> Text:
    """Suggest the nearest known name, in brackets, if one is near; of many names none is listed."""
    near = nearest_words(word, known, whole=True)
    return text_of("P43", names=quoted(near[:1])) if near else Text("", "")
