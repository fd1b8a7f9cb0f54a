"""A course record becomes named finite facts: the only things that rules may test."""

from __future__ import annotations

from . import delivery, orders, payer, plans, simulations, weekly
from .base import FACTS, FactSpec, Subject, Told

__all__ = [
    "FACTS",
    "FactSpec",
    "Subject",
    "Told",
    "delivery",
    "orders",
    "payer",
    "plans",
    "simulations",
    "weekly",
]
