"""Yearly flows → every rate at which their net present value is 0, exactly counted, and which may be told.

The rates are roots of a polynomial in 1 + rate; Sturm's chain counts the different ones, double ones too.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Literal

RateNote = Literal[
    "",
    "no_flows",
    "only_costs",
    "only_gains",
    "costs_exceed",
    "no_rate",
    "several",
    "touches",
    "loan",
    "unknown",
]
"""Why no rate is told; empty where one is. Words: ``eirr.<note>``."""

_HALVINGS = 70
"""Halvings of an interval, which leave less of it than a float can tell."""

Polynomial = list[int]
"""Whole coefficients, the highest power first."""


@dataclass(frozen=True)
class RateOfReturn:
    """The internal rate of return, or why there is none to tell."""

    rate: float | None
    note: RateNote = ""


def rate_of_return(flows: Sequence[float]) -> RateOfReturn:
    """Return the rate at which flows are worth 0 (内部收益率), told only where it means something.

    It does where the flows sum to more than 0 and one rate alone turns their value from gain to loss.

    >>> rate_of_return([-100, 110]).rate, rate_of_return([-100, 230, -132]).note
    (0.1, 'several')
    """
    if not all(map(math.isfinite, flows)):
        return RateOfReturn(None, "unknown")
    has_cost, has_gain = any(f < 0 for f in flows), any(f > 0 for f in flows)
    if not (has_cost and has_gain):
        return RateOfReturn(None, "only_costs" if has_cost else "only_gains" if has_gain else "no_flows")
    found = internal_rates(flows)
    if len(found) > 1:
        return RateOfReturn(None, "several")
    if not found:
        return RateOfReturn(None, "costs_exceed" if math.fsum(flows) < 0 else "no_rate")
    polynomial = _polynomial(flows)
    before, after = (_sign(polynomial, bound) for bound in _beside(Fraction(1 + found[0])))
    if before == after:
        return RateOfReturn(None, "touches")
    if before < 0:
        return RateOfReturn(None, "loan")
    return RateOfReturn(None, "costs_exceed") if math.fsum(flows) < 0 else RateOfReturn(found[0])


def internal_rates(flows: Sequence[float]) -> list[float]:
    """Return all different rates above −1 at which the flows are worth 0, ascending.

    >>> internal_rates([-100, 240, -144]), internal_rates([100, -150, 100])
    ([0.2], [])
    """
    polynomial = _polynomial(flows)
    if len(polynomial) < 2:
        return []
    chain = _sturm(polynomial)
    most = 1 + max(Fraction(abs(c), abs(polynomial[0])) for c in polynomial)
    return [float(_narrowed(chain, low, high) - 1) for low, high in _apart(chain, Fraction(0), most)]


def modified_rate(flows: Sequence[float], *, finance: float, reinvest: float) -> float | None:
    """Return the rate where gains are put out at one rate and costs borrowed at another; None without both.

    >>> round(modified_rate([-100, 0, 121], finance=0.1, reinvest=0.1), 12)
    0.1
    """
    last = len(flows) - 1
    paid = math.fsum(-f / (1 + finance) ** t for t, f in enumerate(flows) if f < 0)
    gained = math.fsum(f * (1 + reinvest) ** (last - t) for t, f in enumerate(flows) if f > 0)
    return (gained / paid) ** (1 / last) - 1 if paid > 0 and gained > 0 else None


# roots ------------------------------------------------------------------------------------


def _polynomial(flows: Sequence[float]) -> Polynomial:
    """Polynomial in 1 + rate whose roots above 0 are sought, without zeros at either end."""
    exact = [Fraction(f) for f in flows]
    while exact and exact[0] == 0:
        exact.pop(0)
    while exact and exact[-1] == 0:
        exact.pop()
    scale = math.lcm(*(f.denominator for f in exact)) if exact else 1
    return _without_content([int(f * scale) for f in exact])


def _without_content(polynomial: Polynomial) -> Polynomial:
    common = math.gcd(*polynomial) if polynomial else 1
    return [c // common for c in polynomial] if common > 1 else polynomial


def _sturm(polynomial: Polynomial) -> list[Polynomial]:
    """Chain of remainders whose changes of sign count the different roots."""
    degree = len(polynomial) - 1
    slope = _without_content([c * (degree - k) for k, c in enumerate(polynomial[:-1])])
    chain = [polynomial, slope]
    while len(chain[-1]) > 1:
        rest = _remainder(chain[-2], chain[-1])
        if not rest:
            break
        chain.append([-c for c in rest])
    return chain


def _remainder(dividend: Polynomial, divisor: Polynomial) -> Polynomial:
    """Remainder times a number above 0, in whole coefficients."""
    rest, lead = list(dividend), abs(divisor[0])
    sign = 1 if divisor[0] > 0 else -1
    while len(rest) >= len(divisor):
        factor = rest[0] * sign
        padded = [*divisor, *[0] * (len(rest) - len(divisor))]
        rest = [r * lead - factor * d for r, d in zip(rest, padded, strict=True)][1:]
    while rest and rest[0] == 0:
        rest.pop(0)
    return _without_content(rest)


def _sign(polynomial: Polynomial, x: Fraction) -> int:
    value, power = 0, 1
    # Σ c xⁿ⁻ᵏ times the denominator to the n: whole numbers alone.
    for c in polynomial:
        value = value * x.numerator + c * power
        power *= x.denominator
    return (value > 0) - (value < 0)


def _changes(chain: list[Polynomial], x: Fraction) -> int:
    signs = [sign for sign in (_sign(polynomial, x) for polynomial in chain) if sign]
    return sum(a != b for a, b in pairwise(signs))


def _apart(chain: list[Polynomial], low: Fraction, high: Fraction) -> list[tuple[Fraction, Fraction]]:
    """Intervals (low, high] that hold one root each, ascending."""
    open_ends, found = [(low, high)], []
    while open_ends:
        low, high = open_ends.pop()
        roots = _changes(chain, low) - _changes(chain, high)
        if roots == 1:
            found.append((low, high))
        elif roots > 1:
            middle = (low + high) / 2
            open_ends += [(middle, high), (low, middle)]
    return found


def _narrowed(chain: list[Polynomial], low: Fraction, high: Fraction) -> Fraction:
    """Root of an interval (low, high] that holds one."""
    at_high, sign_high = _changes(chain, high), _sign(chain[0], high)
    # Where the sign turns it tells the side as well as the chain does, at a fraction of the cost.
    turns = _sign(chain[0], low) * sign_high < 0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        above = _sign(chain[0], middle) == sign_high if turns else _changes(chain, middle) == at_high
        low, high = (low, middle) if above else (middle, high)
    return high


def _beside(root: Fraction) -> tuple[Fraction, Fraction]:
    """Points to either side of a root, farther than its own rounding."""
    return root * (1 - Fraction(1, 10**9)), root * (1 + Fraction(1, 10**9))
