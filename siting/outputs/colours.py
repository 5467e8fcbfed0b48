"""Colours that the decision page, the maps and the plots share, so that one thing looks alike everywhere."""

GROUP_COLOURS = ("#1f4e79", "#2f8f83", "#c08a2e", "#8a6aa8", "#7d8894", "#b5655a")
"""Of the groups of criteria, in the scenario's order; `colours.js` has the same."""

OPTION_COLOURS = (
    "#0b5fa5", "#c25608", "#0b7a6f", "#a3417c", "#6b4fa0", "#8a6d00", "#37717f", "#52606d", "#1b2733",
)  # fmt: skip
"""Of the options, in their table's order, over again after the last; a letter or mark stands beside."""

BANDS = ("#08519c", "#2171b5", "#4292c6", "#6baed6", "#9ecae1", "#c6dbef")
"""Of the isochrones, the shortest time first."""

GAIN, LOSS, FLOW = "#0b7a6f", "#c25608", "#6b4fa0"
INK, FAINT, WARNING, WHITE = "#1b2733", "#52606d", "#9b1c1c", "#ffffff"
"""Of text, of notes, and of what must not be overlooked."""

INDUSTRY_COLOURS = tuple(OPTION_COLOURS[n] for n in (3, 0, 5, 2, 4, 1, 6, 7, 8))
"""Of the industries, in their table's order; ``symbols.js`` has the same, and other firms are `FAINT`."""

SITE, LAND, BORDER = GROUP_COLOURS[0], "#fdfcf8", "#5d554a"
"""Of pins, and of the county's ground and outline."""

ROAD_COLOURS = {"motorway": "#a8661f", "trunk": "#a98b3a", "primary": "#a09a8d", "other": "#c9c4b9"}
"""Of the classes of road that maps tell apart; the first three as ``colours.js`` has them."""
