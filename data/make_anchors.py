"""Print the anchors of a scenario's criteria: what any junction of the county could attain, and today.

Run once when a study is set up; the figures are then frozen in the scenario:

    python data/make_anchors.py data/scenarios/base.toml
"""

from __future__ import annotations

import argparse

import siting
from siting.ensembles import attainable_anchors
from siting.setting import prepare


def main() -> None:
    """Print one line for each criterion."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scenario")
    study = siting.load(parser.parse_args().scenario)
    for name, row in attainable_anchors(prepare(study.scenario, study.inputs)).iterrows():
        print(f"{name:20} anchors = [{row['anchor_0']:.4g}, {row['anchor_1']:.4g}]")


if __name__ == "__main__":
    main()
