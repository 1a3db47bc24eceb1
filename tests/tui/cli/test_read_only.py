"""Read-only mode from the environment."""

from __future__ import annotations

from tests.tui.cli.conftest import Run


def test_the_environment_makes_it_read_only(bare: Run) -> None:
    assert "read-only" in bare("info", AWS_DEFAULT_REGION="eu-west-1", PIPEMEDIC_READ_ONLY="1").stdout
    assert "changes are allowed" in bare("info", AWS_DEFAULT_REGION="eu-west-1").stdout
    for word in ("perhaps", "true", "0"):
        said = bare("info", AWS_DEFAULT_REGION="eu-west-1", PIPEMEDIC_READ_ONLY=word).stdout
        assert ("read-only" in said) is (word != "0")
