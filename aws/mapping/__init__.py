"""From AWS's answers to models, one file a service: pure."""
