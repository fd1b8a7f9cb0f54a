"""A course record becomes named finite facts: the only things that rules may test."""

from __future__ import annotations

from . import delivery, orders, plans, simulations, weekly
from .base import FACTS, FactSpec, Subject, Told

__all__ = ["FACTS", "FactSpec", "Subject", "Told", "delivery", "orders", "plans", "simulations", "weekly"]
