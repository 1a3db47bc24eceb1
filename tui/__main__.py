"""Run pipemedic."""


def main() -> None:
    """Start the command line."""
