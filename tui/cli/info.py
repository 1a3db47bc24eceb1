"""`pipemedic info`: what this program is and where it would look. Asks AWS nothing."""

from __future__ import annotations

import os
import platform

import click

from core.errors import UsageError
from core.text import sanitize
from tui.cli.common import place_options
from tui.options import Options
from tui.paths import cache_dir, config_dir, crash_dir, journal_path
from tui.version import __version__

__all__ = ["command"]


@click.command("info")
@place_options
def command(options: Options) -> None:
    """Show version, paths, profile, region and endpoint, without asking AWS."""
    rows = [
        ("version", __version__),
        ("python", f"{platform.python_version()} on {platform.system()}"),
        ("settings", str(config_dir())),
        ("cache", str(cache_dir())),
        ("journal", str(journal_path())),
        ("crash files", str(crash_dir())),
        *_aws(options),
    ]
    for label, value in rows:
        click.echo(f"{label + ':':<14}{sanitize(value)}")


def _aws(options: Options) -> list[tuple[str, str]]:
    from aws.endpoint import endpoint_of  # noqa: PLC0415 (slow to import)
    from aws.profiles import available_profiles  # noqa: PLC0415
    from tui.config_places import contexts_of, load_config, merged  # noqa: PLC0415

    rows: list[tuple[str, str]] = []
    try:
        rows.append(("profiles", ", ".join(available_profiles()) or "none configured"))
        config = load_config()
        places = [context.place for context in contexts_of(options, config)]
    except UsageError as error:
        return [*rows, ("region", f"none: {error}")]
    named = os.environ.get("AWS_PROFILE") or os.environ.get("AWS_DEFAULT_PROFILE") or "default chain"
    for place in places:
        rows += [
            ("profile", place.profile or named),
            ("region", place.region),
            ("endpoint", endpoint_of(place)),
        ]
    rows.append(
        ("mode", "read-only" if merged(options, config).read_only else "changes are allowed, each one confirmed")
    )
    return rows
