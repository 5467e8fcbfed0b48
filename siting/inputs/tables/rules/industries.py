"""Industry codes of a register, all in view → settled codes, their division and section."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from siting.inputs.dictionary.words import fold
from siting.inputs.tables.codes import SECTIONS, sections, settle_short_codes
from siting.inputs.tables.rule import Context, Finding, Found, alive, on_file, on_rows

_STATED = re.compile(rf"4754\s*[-—–]?\s*({'|'.join(map(str, SECTIONS))})")


def settle_standard(context: Context) -> tuple[int | None, list[Finding]]:
    """Decide which year of GB/T 4754 counts: the declared one, else the one that heading or titles state."""
    heading, declared = context.headings.name("industry"), context.standard
    lines = (heading, *context.raw.titles) if heading else ()
    stated = {int(year) for line in lines for year in _STATED.findall(fold(line))}
    if len(stated) != 1 or stated == {declared}:
        return declared, []
    (year,) = stated
    if declared is None:
        return year, [on_file("E923", column=heading, year=year)]
    return declared, [on_file("E924", column=heading, year=year, declared=declared)]


def settle_industries(frame: pd.DataFrame, context: Context) -> Found:
    """Make codes of three digits missing that may have lost a zero: the whole column tells."""
    codes = context.texts(frame, "industry")
    short = np.flatnonzero(settle_short_codes(codes) & alive(frame))
    heading = context.headings.name("industry") or None
    yield on_rows("E221", short, heading, codes[short], value=codes[short].tolist())
    codes[short] = None
    yield {"industry": codes}


def classify_industries(frame: pd.DataFrame, context: Context) -> Found:
    """Add division and section; count the firms without a code."""
    codes = frame["industry"].to_numpy(dtype=object)
    divisions = pd.Series(codes, dtype=object).str[:2]
    by_division = {d: sections(int(d), context.standard) for d in divisions.dropna().unique()}
    single = {d: min(found) for d, found in by_division.items() if len(found) == 1}
    yield {
        "industry_division": divisions.to_numpy(),
        "industry_section": divisions.map(single).to_numpy(),
    }
    heading = context.headings.name("industry")
    if heading and context.standard is None and by_division:
        yield on_file("E315", column=heading)
    unclassified = int((pd.isna(codes) & alive(frame)).sum())
    if heading and unclassified:
        yield on_file("E308", column=heading, count=unclassified)
