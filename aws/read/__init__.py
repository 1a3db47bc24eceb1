"""Reads, one file a service: through the call budget, mapped to models."""
