"""Turns a ``Review`` into what people and programs read: terminal, JSON, CSV and the evidence packet."""
