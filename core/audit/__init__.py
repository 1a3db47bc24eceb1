"""Posture: what is not broken yet. Pure rules over facts, one file a rule under `core.audit.rules`."""
