"""What differs between two registers → a folium map: who is new, gone, moved, and what that did."""

from __future__ import annotations

import math
from itertools import zip_longest
from typing import TYPE_CHECKING

from siting.outputs.comparison.change_marks import PlacedChanges, placed_changes
from siting.outputs.maps.elements import Key, StudyLayer
from siting.outputs.maps.result_map import PLACES, both, framed, ground, pair, served, site_layer
from siting.outputs.text.changes import change_text, counts_line, kind_label, signed_points, unit_name
from siting.outputs.text.wording import option_name, points, say
from siting.types import Language

if TYPE_CHECKING:
    import pandas as pd

    from siting.outputs.comparison.change_marks import Place
    from siting.outputs.maps.offline_map import OfflineMap
    from siting.study.changes.differences import Difference


def comparison_map(difference: Difference, lang: Language = "zh") -> OfflineMap:
    """Draw what became of the enterprises, see `Comparison.map`."""
    evaluation = difference.second
    # What is no more stands where it was, all else where it is now.
    gone = [placed for placed in placed_changes(difference, False) if not placed.look.after]
    changes = [*gone, *placed_changes(difference, True)]
    layers = [
        *ground(evaluation),
        *served(evaluation, show=False),
        *(_changes(difference, placed) for placed in reversed(changes)),
        site_layer(evaluation, more=lambda option: _score(difference, option)),
    ]
    return framed(evaluation, layers, lang, both(lambda spoken: counts_line(difference, spoken)))


def _changes(difference: Difference, placed: PlacedChanges) -> StudyLayer:
    """Draw the changes of one kind, those with the largest effect above the others."""
    look, name = placed.look, both(lambda lang: kind_label(placed.look.kind, lang))
    rows = zip_longest(placed.rows.iterrows(), placed.places, placed.origins)
    items = [
        {
            "at": _at(place),
            "text": _lines(difference, look.kind, row),
            **({"from": _at(origin)} if origin else {}),
        }
        for (_, row), place, origin in rows
    ]
    spec = {"kind": "marks", "form": look.form, "colour": look.colour, "items": items[::-1]}
    keys = [Key("form", look.colour, name, look.form)]
    return StudyLayer(name, pair("mapfile.changes"), spec, keys=keys)


def _at(place: Place) -> list[float]:
    lon, lat = place
    return [round(float(lat), PLACES), round(float(lon), PLACES)]


def _lines(difference: Difference, kind: str, row: pd.Series) -> list[list[str]]:
    """Name an enterprise, say what changed, and what that did to the site that leads now."""
    leader = difference.shares.leaders[1]
    texts = [
        both(lambda lang: unit_name(difference, int(row["unit"]), lang)),
        both(lambda lang: change_text(difference, kind, row, lang)),
    ]
    effect = float(row.get(f"effect.{leader}", math.nan))
    if math.isfinite(effect):
        options, signed = difference.first.evidence.options, signed_points(effect)
        texts.append(
            both(
                lambda lang: say(
                    "changes.effect", lang, name=option_name(options, leader, lang), points=signed
                )
            )
        )
    return [text for text in texts if any(text)]


def _score(difference: Difference, option: str) -> list[list[str]]:
    """Say how the score of an option went, on the anchors before."""
    shares = difference.shares
    ends = [frame["score"].get(option, math.nan) for frame in (shares.before, shares.after)]
    if not all(math.isfinite(end) for end in ends):
        return []
    before, after = (points(end) for end in ends)
    return [pair("changes.score", before=before, after=after)]
