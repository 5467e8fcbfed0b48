"""A small extract for the tests of the maps."""

from tests.analysis.roads import METRES_PER_DEGREE, layer

WEST, SOUTH = 117.2, 39.8


def extract(streets=40, **columns):
    """A trunk road and its ramp, a primary, a tertiary road, streets that meet nowhere, a trunk far off."""
    runs = [
        ("trunk", [(0, 0), (0.1, 0.02), (0.2, 0)]),
        ("trunk_link", [(0.2, 0), (0.21, 0.01)]),
        ("primary", [(0, 0.1), (0.2, 0.1)]),
        ("tertiary", [(0, 0.2), (0.2, 0.2)]),
        *(("residential", [(0.01 * k, 0.05), (0.01 * k, 0.09)]) for k in range(streets)),
        ("trunk", [(3, 0), (4, 0)]),
    ]
    places, ends, kinds = [], [], []
    for kind, line in runs:
        ends += [(len(places) + k, len(places) + k + 1) for k in range(len(line) - 1)]
        places += [((WEST + x) * METRES_PER_DEGREE, (SOUTH + y) * METRES_PER_DEGREE) for x, y in line]
        kinds += [kind] * (len(line) - 1)
    return layer(places, ends, **{"class": kinds, **columns})
