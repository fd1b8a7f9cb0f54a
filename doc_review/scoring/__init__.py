"""Gold labels and reviews turned into scores with intervals, comparisons of two runs, and a gate."""

from __future__ import annotations
