"""Reusable Textual widgets: strings and small view rows in, messages out. Nothing of ours is imported."""
