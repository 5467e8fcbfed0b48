"""Sizes of screens, and what a tab has seen but the page itself."""

DESKTOP, PHONE = {"width": 1366, "height": 768}, {"width": 390, "height": 844}


def noise(tab):
    """Everything but the page itself; a ``data:`` address holds what it names and asks for nothing."""
    return [t for t in tab.seen if t.partition("#")[0] != tab.address and not t.startswith("data:")]
