"""Blank templates and the files of a new study."""

from typing import Literal, get_args

StudyTemplate = Literal["testing-centre", "training-station", "fire-station", "blank"]
STUDIES: tuple[StudyTemplate, ...] = get_args(StudyTemplate)
"""Templates of a study, each a folder of `studies`; what they share stands in ``common``."""
