"""Widgets of `ipywidgets`, and the still picture that stands for them where no kernel runs."""

from __future__ import annotations

import base64
import html
import io
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from siting.messages import refusal
from siting.outputs.text.wording import say
from siting.types import InstallationError, Json, Language

WIDE = {"description_width": "initial"}
"""Style of a control whose description is shown whole."""

HALF = {"width": "50%"}
"""Layout of a control beside which something stands."""

if TYPE_CHECKING:
    from types import ModuleType

    from matplotlib.axes import Axes


@dataclass
class Panel:
    """Widgets to move; where they cannot be moved, words and the picture of now."""

    box: Json
    """What is shown, an ``ipywidgets.Widget``."""
    still: bytes
    """A PNG; empty: words alone."""
    lang: Language = "zh"

    def __repr__(self) -> str:
        return f"<{say('widget.panel', self.lang)}>"

    def _repr_mimebundle_(self, **kwargs: Json) -> dict[str, Json]:
        shown: dict[str, Json] = dict(self.box._repr_mimebundle_(**kwargs))
        shown["text/plain"] = repr(self)
        words = f"<p>{html.escape(say('widget.still', self.lang))}</p>"
        picture = base64.b64encode(self.still).decode("ascii")
        shown["text/html"] = words + (
            f'<img alt="" src="data:image/png;base64,{picture}">' if picture else ""
        )
        return shown


def toolkit() -> ModuleType:
    """Return ``ipywidgets``.

    Raises
    ------
    InstallationError
        It is not installed.
    """
    try:
        return import_module("ipywidgets")
    except ImportError as error:
        raise refusal("", "E844", kind=InstallationError) from error


def picture_of(ax: Axes) -> bytes:
    """Return a plot as PNG, and close its figure."""
    from matplotlib import pyplot

    figure, written = ax.get_figure(root=True), io.BytesIO()
    if figure is not None:
        figure.savefig(written, format="png", dpi="figure", metadata={"Software": None})
        pyplot.close(figure)
    return written.getvalue()
