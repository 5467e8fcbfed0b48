"""Print the anchors of a scenario's criteria, and what they were made for, as lines of TOML.

0 is today, 1 the best that any junction of the county attains. Run once when a study is set up; the figures
are then frozen in the scenario, with the fingerprints of register and roads beside them:

    python data/make_anchors.py data/scenarios/base.toml
"""

from __future__ import annotations

import argparse

import siting
from siting.study.adapt import anchors_of, fingerprint
from siting.study.ensembles import attainable_anchors
from siting.study.prepared import prepare


def main() -> None:
    """Print one line for each criterion, then the record."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scenario")
    study = siting.load(parser.parse_args().scenario)
    found = attainable_anchors(prepare(study.scenario, study.inputs))
    for use in study.scenario.criteria:
        print(f"{use.name:20} anchors = {list(anchors_of(found, use) or ())}")
    print(f'registers = ["{fingerprint(study.enterprises)}"]')
    print(f'roads = ["{study.inputs.roads.sha256}"]')


if __name__ == "__main__":
    main()
