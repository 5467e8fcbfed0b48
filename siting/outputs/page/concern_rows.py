"""What firms and county ask for beside the score → sentences and a compact matrix for the decision page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from siting.outputs.text.concerns.concern_sentences import concern_sentences
from siting.outputs.text.wording import LANGUAGES, bilingual

if TYPE_CHECKING:
    import pandas as pd

    from siting.study.evaluation import Evaluation

SENT_ON, NOT_TAKEN, NOT_ASKED = "s", "x", " "
"""Marks of the matrix beside the number of the first phase in which the site itself does the tests."""


def concern_rows(evaluation: Evaluation) -> dict[str, Any]:
    """Give sentences in both languages, and by service a mark for each pillar industry."""
    found, inputs = evaluation.concerns.industry_services, evaluation.evidence.inputs
    said = zip(*(concern_sentences(evaluation, lang) for lang in LANGUAGES), strict=True)
    rows: dict[str, Any] = {"said": [list(pair) for pair in said], "industries": [], "services": []}
    if found.empty:
        return rows
    marks = service_marks(found)
    industries = [industry for industry in inputs.industries.index if industry in marks]
    rows["industries"] = [inputs.industries.index.get_loc(industry) for industry in industries]
    rows["services"] = [
        [
            list(bilingual(row["name"], row.get("name_en")).values()),
            "".join(marks[industry].get(str(service), NOT_ASKED) for industry in industries),
        ]
        for service, row in inputs.services.iterrows()
        if any(str(service) in marks[industry] for industry in industries)
    ]
    return rows


def service_marks(found: pd.DataFrame) -> dict[str, dict[str, str]]:
    """Mark each industry and service that it asks for: first phase of own tests, sent on, or not taken.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = [(1, "food", "wine", "elsewhere"), (2, "food", "wine", "here"), (1, "food", "milk", "sent_on")]
    >>> service_marks(pd.DataFrame(rows, columns=["phase", "industry", "service", "state"]))
    {'food': {'wine': '2', 'milk': 's'}}
    """
    marks: dict[str, dict[str, str]] = {}
    columns = ["phase", "industry", "service", "state"]
    for phase, industry, service, state in found[columns].itertuples(index=False):
        own = marks.setdefault(str(industry), {})
        known = own.setdefault(str(service), NOT_TAKEN)
        if state == "here" and not known.isdigit():
            own[str(service)] = str(phase)
        elif state == "sent_on" and known == NOT_TAKEN:
            own[str(service)] = SENT_ON
    return marks
