"""Files put right: only what is known to be meant is changed, the rest is said; the patch applies."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from core.repair import Repair, unified
from playbooks.lint import buildspec
from playbooks.lint._near import near_name
from playbooks.lint.correct import (
    appspec_repair,
    buildspec_repair,
    dockerfile_repair,
    images_repair,
    written_images_repair,
)
from playbooks.lint.problem import Severity

GOOD = "version: 0.2\nphases:\n  build:\n    commands:\n      - make\n"


def fixed(repair: Repair, text: str) -> str:
    return repair.correct(text).text


@pytest.mark.parametrize(
    ("bad", "good"),
    [
        ("      - echo Checking: style: make\n", "      - 'echo Checking: style: make'\n"),
        ("      - echo done: it's made\n", "      - 'echo done: it''s made'\n"),
        ("      - echo done:\n", "      - 'echo done:'\n"),
    ],
)
def test_commands_with_a_colon_are_quoted(bad: str, good: str) -> None:
    text = GOOD.replace("      - make\n", f"      - make\n{bad}")
    corrected = buildspec_repair().correct(text)
    assert corrected.text == GOOD.replace("      - make\n", f"      - make\n{good}")
    assert corrected.left == ()
    assert len(corrected.done) == 1
    assert not [each for each in buildspec.lint(corrected.text) if each.severity is Severity.ERROR]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (GOOD.replace("version: 0.2\n", ""), GOOD),
        (GOOD.replace("version: 0.2\n", "# ours\n\n"), GOOD.replace("version", "# ours\n\nversion", 1)),
        (GOOD.replace("0.2", "2  # newest"), GOOD.replace("0.2", "0.2  # newest")),
        (GOOD.replace("version: 0.2", "version: 0.2").replace("  build:", "\tbuild:"), GOOD),
        (GOOD.replace("build:", "biuld:"), GOOD),
        (GOOD.replace("\n", "\r\n").replace("version: 0.2\r\n", "version: 3\r\n"), GOOD.replace("\n", "\r\n")),
        (GOOD, GOOD),
    ],
    ids=["no version", "comment first", "version 2", "tab", "phase name", "crlf", "nothing wrong"],
)
def test_versions_tabs_and_phase_names(text: str, wanted: str) -> None:
    assert fixed(buildspec_repair(), text) == wanted


def test_what_cannot_be_known_is_said_with_its_line() -> None:
    corrected = buildspec_repair().correct(GOOD.replace("phases", "phrases"))
    assert corrected.text == GOOD.replace("phases", "phrases")
    assert any(each.startswith("Line ") for each in corrected.left)
    broken = buildspec_repair().correct("version: 0.2\nphases: [\n")
    assert broken.text == "version: 0.2\nphases: [\n"
    assert broken.left


@pytest.mark.parametrize("text", ["", "\0", "- [", "a: &a [*a, *a]", "{" * 5000, "- x: y\n" * 500, "\ud800"])
def test_hostile_files_end_in_words(text: str) -> None:
    for repair in (buildspec_repair(), appspec_repair(), images_repair(), dockerfile_repair()):
        assert isinstance(repair.correct(text).left, tuple)


def test_the_container_is_the_one_of_the_task_definition() -> None:
    text = json.dumps([{"name": "wbe", "imageUri": "repo:1"}])
    corrected = images_repair(containers=["web", "log-router"]).correct(text)
    assert json.loads(corrected.text) == [{"name": "web", "imageUri": "repo:1"}]
    alone = images_repair(containers=["app"]).correct('{"name": "other", "imageUri": "repo:1"}')
    assert json.loads(alone.text) == [{"name": "app", "imageUri": "repo:1"}]
    unsure = images_repair(containers=["app", "proxy"]).correct('[{"name": "zzz", "imageUri": "repo:1"}]')
    assert "has no container zzz" in unsure.left[0]
    assert unsure.done == ()


def test_official_images_come_from_the_public_gallery_of_ecr() -> None:
    lines = ["FROM node:20-alpine AS build", "RUN make", "FROM build", "FROM scratch", "FROM corp/base:1"]
    text = "\n".join([*lines, "FROM --platform=linux/arm64 python:3.12", ""])
    corrected = dockerfile_repair().correct(text)
    assert corrected.text.splitlines() == [
        "FROM public.ecr.aws/docker/library/node:20-alpine AS build",
        "RUN make",
        "FROM build",
        "FROM scratch",
        "FROM corp/base:1",
        "FROM --platform=linux/arm64 public.ecr.aws/docker/library/python:3.12",
    ]
    assert len(corrected.left) == 1
    assert corrected.left[0].startswith("Line 5")


@pytest.mark.parametrize("end", ["\n", ""])
def test_git_applies_the_patch(tmp_path: Path, end: str) -> None:
    text = GOOD.replace("version: 0.2\n", "").rstrip("\n") + end
    after = fixed(buildspec_repair(), text)
    (tmp_path / "ci").mkdir()
    file = tmp_path / "ci" / "buildspec.yml"
    file.write_text(text)
    (tmp_path / "fix.patch").write_text(unified("ci/buildspec.yml", text, after))
    subprocess.run(["git", "apply", "fix.patch"], cwd=tmp_path, check=True, capture_output=True)
    assert file.read_text() == after
    assert unified("x", after, after) == ""


def test_a_file_that_copy_does_not_find_is_the_one_that_was_meant() -> None:
    names = ["requirements.txt", "src/App.py", "ci/run.sh"]
    text = "FROM build AS one\nCOPY ./requirments.txt src/app.py /srv/\nADD --chmod=755 run.sh /usr/bin/run.sh\n"

    def lost(name: str) -> Repair:
        return dockerfile_repair(lost=name, names=names)

    assert "COPY ./requirements.txt src/app.py /srv/" in fixed(lost("/requirments.txt"), text)
    assert "COPY ./requirments.txt src/App.py /srv/" in fixed(lost("/src/app.py"), text)
    assert "ADD --chmod=755 ci/run.sh /usr/bin/run.sh" in fixed(lost("/run.sh"), text)
    assert "AS one" in fixed(lost("/run.sh"), text)
    unknown = lost("/dist").correct("COPY dist /srv\n")
    assert (unknown.text, unknown.done) == ("COPY dist /srv\n", ())
    assert "before docker build" in unknown.left[0]
    assert ".dockerignore" in lost("/src").correct("COPY src /srv\n").left[0]
    assert lost("/requirments.txt").correct("COPY --from=one requirments.txt /srv\n").done == ()


def test_scripts_that_an_appspec_names_are_those_of_the_revision() -> None:
    text = "version: 0.0\nos: linux\nhooks:\n  AfterInstall:\n    - location: 'scripts/Start.sh'  # it\n"
    corrected = appspec_repair(names=["scripts/start.sh", "appspec.yml"]).correct(text)
    assert corrected.text == text.replace("Start.sh", "start.sh")
    assert corrected.left == ()
    away = appspec_repair(names=["appspec.yml"]).correct(text)
    assert away.text == text
    assert "artifacts.files" in away.left[0]


def test_one_of_two_names_that_are_equally_near_is_not_chosen() -> None:
    assert near_name("rum.sh", ["run.sh", "rub.sh"]) == ""
    assert near_name("run.sh", ["a/run.sh", "b/run.sh"]) == ""
    assert near_name("Run.sh", ["run.sh", "b/other"]) == "run.sh"


@pytest.mark.parametrize(
    "line",
    [
        '      - printf \'[{"name":"wbe","imageUri":"%s"}]\' $IMAGE > imagedefinitions.json',
        '      - printf "[{\\"name\\": \\"wbe\\",\\"imageUri\\":\\"%s\\"}]" $IMAGE > imagedefinitions.json',
    ],
)
def test_the_command_that_writes_image_definitions_names_the_container(line: str) -> None:
    repair = written_images_repair("buildspec.yml", wrong="wbe", right="web")
    assert fixed(repair, GOOD + line + "\n") == GOOD + line.replace("wbe", "web") + "\n"
    assert repair.correct(GOOD).left
