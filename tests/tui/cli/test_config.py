"""`pipemedic config`."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from tui.cli import main


def test_check_names_file_line_and_setting(bare_home: Path) -> None:
    file = bare_home / "config.toml"
    file.write_text('[keys]\n"pipelines.filtr" = "f3"\n')
    done = CliRunner().invoke(main, ["config", "check", str(file)])
    assert done.exit_code == 1
    assert done.output.strip().endswith(
        ":2: line 2: keys.pipelines.filtr: no key has this id; is pipelines.filter meant?"
    )
    file.write_text('theme = "pipemedic-day"\n')
    done = CliRunner().invoke(main, ["config", "check", str(file)])
    assert (done.exit_code, done.output) == (0, f"{file}: fine\n")


def test_without_a_file_the_defaults_hold(bare_home: Path) -> None:
    done = CliRunner().invoke(main, ["config", "check"])
    assert done.exit_code == 0
    assert "the defaults hold" in done.output


def test_the_example_goes_where_path_says_and_is_right(bare_home: Path) -> None:
    path = Path(CliRunner().invoke(main, ["config", "path"]).output.strip())
    assert bare_home in path.parents
    path.parent.mkdir(parents=True)
    path.write_text(CliRunner().invoke(main, ["config", "example"]).output)
    assert CliRunner().invoke(main, ["config", "check"]).output.endswith("fine\n")


def test_a_mistake_ends_the_program_with_its_line_before_the_screen_opens(bare_home: Path) -> None:
    path = Path(CliRunner().invoke(main, ["config", "path"]).output.strip())
    path.parent.mkdir(parents=True)
    path.write_text("\nread_only = 1\n")
    done = CliRunner().invoke(main, [])
    assert done.exit_code == 2
    assert "line 2: read_only: must be true or false" in done.output
