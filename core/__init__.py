"""What things are: frozen models and pure functions. Standard library only, no I/O but the data files beside it."""
