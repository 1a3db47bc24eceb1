"""Buildspecs: what is wrong is told at its place, and what is right is left alone."""
# ruff: noqa: E501 (a table: one case a line reads best)

from __future__ import annotations

import time

import pytest

from playbooks.lint import Severity
from playbooks.lint.buildspec import lint
from tests.playbooks.lint.tables import marked, told

_P = "version: 0.2\nphases: {build: {commands: [make]}}\n"

CASES: dict[str, str] = {
    "no version": "⟦error missing-key⟧phases: {build: {commands: [make]}}",
    "no phases": "⟦error missing-key⟧version: 0.2",
    "version 1": "version: ⟦error version⟧1.0\nphases: {build: {commands: [make]}}",
    "version 0.1": "version: ⟦warning version⟧0.1\nphases: {build: {commands: [make]}}",
    "not a mapping": "⟦error type⟧- version: 0.2",
    "unknown key": _P + "⟦error unknown-key⟧artifact: {files: [a]}",
    "phase at the top": _P + "⟦error misplaced-key⟧post_build: {commands: [make]}",
    "artifacts in a phase": "version: 0.2\nphases:\n  build:\n    commands: [make]\n    ⟦error misplaced-key⟧secondary-artifacts: {}",
    "runtime-versions in build": (
        "version: 0.2\nphases:\n  build:\n    ⟦error misplaced-key⟧runtime-versions: {python: 3.12}\n    commands: [make]"
    ),
    "unknown phase": "version: 0.2\nphases: {build: {commands: [make]}, ⟦error unknown-key⟧postbuild: {commands: [a]}}",
    "phase without commands": "version: 0.2\nphases: {build: {commands: [make]}, ⟦error no-commands⟧pre_build: {run-as: me}}",
    "empty phase": "version: 0.2\nphases:\n  build: {commands: [make]}\n  post_build:⟦error type⟧\n",
    "empty commands": "version: 0.2\nphases: {install: {commands: [x]}, build: {commands: ⟦error no-commands⟧[]}}",
    "no command at all": "version: 0.2\nphases: ⟦warning no-commands⟧{install: {runtime-versions: {python: 3.12}}}",
    "colon in a command": "version: 0.2\nphases:\n  build:\n    commands:\n      - ⟦error type⟧echo name: value",
    "commands as one string": "version: 0.2\nphases: {build: {commands: ⟦error type⟧make}}",
    "null command": "version: 0.2\nphases: {build: {commands: [make, ⟦error type⟧null]}}",
    "boolean command": "version: 0.2\nphases: {build: {commands: [make, ⟦warning type⟧true]}}",
    "finally as text": "version: 0.2\nphases: {build: {commands: [make], finally: ⟦error type⟧make}}",
    "on-failure unknown": "version: 0.2\nphases: {build: {commands: [make], on-failure: ⟦error on-failure⟧STOP}}",
    "on-failure too often": "version: 0.2\nphases: {build: {commands: [make], on-failure: ⟦error on-failure⟧RETRY-101}}",
    "run-as a list": "version: 0.2\nrun-as: ⟦error type⟧[me]\nphases: {build: {commands: [make]}}",
    "runtime unknown": "version: 0.2\nphases: {install: {runtime-versions: {⟦error runtime⟧node: 20}, commands: [x]}}",
    "runtime float": "version: 0.2\nphases: {install: {runtime-versions: {python: ⟦error runtime⟧3.1}, commands: [x]}}",
    "runtime not on any": "version: 0.2\nphases: {install: {runtime-versions: {java: ⟦error runtime⟧openjdk11}, commands: [x]}}",
    "runtime retired": "version: 0.2\nphases: {install: {runtime-versions: {⟦error runtime⟧android: 29}, commands: [x]}}",
    "runtime docker": "version: 0.2\nphases: {install: {runtime-versions: {⟦hint runtime⟧docker: 19}, commands: [x]}}",
    "no runtime": "version: 0.2\nphases: {install: {runtime-versions: ⟦error runtime⟧{}, commands: [x]}}",
    "reserved variable": _P + "env: {variables: {⟦error env-reserved⟧CODEBUILD_STAGE: a}}",
    "bad variable name": _P + "env: {variables: {⟦error env-name⟧my-var: a}}",
    "plain secret": _P + "env: {variables: {DB_PASSWORD: ⟦warning env-secret⟧hunter2}}",
    "number loses its zero": _P + "env: {variables: {RELEASE: ⟦hint env-number⟧1.10}}",
    "substitution": _P + "env: {variables: {TAG: ⟦hint env-literal⟧$(git rev-parse HEAD)}}",
    "variable a mapping": _P + "env: {variables: {A: ⟦error type⟧{b: c}}}",
    "variable null": _P + "env:\n  variables:\n    A: ⟦error type⟧null",
    "variables a list": _P + "env: {variables: ⟦error type⟧[A]}",
    "same variable twice": _P + "env: {variables: {A: b}, parameter-store: {⟦warning env-twice⟧A: /b}}",
    "parameter reference": _P + 'env: {parameter-store: {A: ⟦error env-parameter⟧"{{resolve:ssm:/a}}"}}',
    "parameter of another service": _P + "env: {parameter-store: {A: ⟦error env-parameter⟧'arn:aws:s3:::b'}}",
    "parameter with a space": _P + "env: {parameter-store: {A: ⟦error env-parameter⟧my parameter}}",
    "parameter without slash": _P + "env: {parameter-store: {A: ⟦error env-parameter⟧app/db}}",
    "secret with five parts": _P + "env: {secrets-manager: {A: ⟦error env-secret-form⟧'a:b:c:d:e'}}",
    "secret with stage and id": _P + "env: {secrets-manager: {A: ⟦error env-secret-form⟧'a:b:AWSCURRENT:1234'}}",
    "secret without a name": _P + "env: {secrets-manager: {A: ⟦error env-secret-form⟧':password'}}",
    "secret of another service": _P
    + "env: {secrets-manager: {A: ⟦error env-secret-form⟧'arn:aws:ssm:eu-west-1:111122223333:parameter/a'}}",
    "exported AWS": _P + "env: {exported-variables: [⟦error env-exported⟧AWS_REGION]}",
    "exported with a dollar": _P + "env: {exported-variables: [⟦error env-exported⟧$TAG]}",
    "exported secret": _P + "env: {secrets-manager: {A: b}, exported-variables: [⟦warning env-exported⟧A]}",
    "exported and never set": _P + "env: {exported-variables: [⟦hint env-exported⟧TAG]}",
    "shell unknown": _P + "env: {shell: ⟦error value⟧zsh}",
    "env misspelt": _P + "env: {⟦error unknown-key⟧parameter_store: {A: /b}}",
    "git helper": _P + "env: {git-credential-helper: ⟦error type⟧maybe}",
    "proxy": _P + "proxy: {upload-artifacts: ⟦error type⟧3, ⟦error unknown-key⟧log: yes}",
    "report without files": _P + "reports: {unit: ⟦error missing-key⟧{file-format: junitxml}}",
    "report format": _P + "reports: {unit: {files: [a], file-format: ⟦error value⟧JUNIT}}",
    "six reports": _P
    + "reports: ⟦error too-many⟧{a: {files: [a]}, b: {files: [a]}, c: {files: [a]}, d: {files: [a]}, e: {files: [a]}, f: {files: [a]}}",
    "artifacts without files": _P + "artifacts: ⟦error missing-key⟧{name: a}",
    "artifacts files text": _P + "artifacts: {files: ⟦error type⟧'**/*'}",
    "artifact directory": _P + "artifacts: {files: [⟦warning artifact-path⟧dist/]}",
    "artifact base twice": _P + "artifacts: {base-directory: dist, files: [⟦warning artifact-path⟧dist/app.js]}",
    "secondary without files": _P + "artifacts: {files: [a], secondary-artifacts: {one: ⟦error missing-key⟧{name: a}}}",
    "secondary identifier": _P
    + "artifacts: {files: [a], secondary-artifacts: {⟦error artifact-identifier⟧my-one: {files: [a]}}}",
    "secondary a list": _P + "artifacts: {files: [a], secondary-artifacts: ⟦error type⟧[{files: [a]}]}",
    "cache without paths": _P + "cache: ⟦warning cache⟧{key: a}",
    "fallback without key": _P + "cache: {paths: [a], ⟦warning cache⟧fallback-keys: [b]}",
    "cache action": _P + "cache: {paths: [a], action: ⟦error value⟧both}",
    "batch of nothing": _P + "batch: ⟦error batch⟧{fast-fail: true}",
    "batch of two kinds": _P + "batch: {build-list: [{identifier: a}], ⟦error batch⟧build-fanout: {parallelism: 2}}",
    "graph without identifier": _P + "batch: {build-graph: [⟦error missing-key⟧{buildspec: a}]}",
    "identifier twice": _P + "batch: {build-list: [{identifier: a}, {identifier: ⟦error batch-identifier⟧a}]}",
    "identifier form": _P + "batch: {build-list: [{identifier: ⟦error batch-identifier⟧a-b}]}",
    "depends on nobody": _P + "batch: {build-graph: [{identifier: unit, depend-on: [⟦error batch-depends⟧units]}]}",
    "depends on itself": _P + "batch: {build-graph: [{identifier: a, depend-on: [⟦error batch-depends⟧a]}]}",
    "circle": _P
    + "batch: {build-graph: [{identifier: ⟦error batch-cycle⟧a, depend-on: [b]}, {identifier: b, depend-on: [a]}, {identifier: c}]}",
    "depend-on in a list": _P + "batch: {build-list: [{identifier: a, ⟦error misplaced-key⟧depend-on: [b]}]}",
    "compute type": _P + "batch: {build-list: [{identifier: a, env: {compute-type: ⟦warning compute-type⟧SMALL}}]}",
    "environment type": _P + "batch: {build-list: [{identifier: a, env: {type: ⟦error value⟧LINUX}}]}",
    "matrix without dynamic": _P + "batch: {build-matrix: ⟦error missing-key⟧{static: {ignore-failure: true}}}",
    "matrix too large": _P
    + "batch: {build-matrix: {dynamic: ⟦error batch-matrix⟧{env: {variables: {A: [1,2,3,4,5,6,7,8,9,0,1], B: [1,2,3,4,5,6,7,8,9,0]}}}}}",
    "fanout of one": _P + "batch: {build-fanout: {parallelism: ⟦error range⟧1}}",
    "key twice": _P + "⟦error twice⟧version: 0.2",
    "two documents": "version: 0.2\n⟦error refused⟧---\nphases: {}",
    "tab": "version: 0.2\nphases:\n⟦error yaml⟧\tbuild:",
    "unclosed quote": 'version: 0.2\nphases: {build: {commands: ["make]}}\n⟦error yaml⟧',
}

CLEAN: dict[str, str] = {
    "container image": """
        version: 0.2
        env:
          variables: {REPOSITORY: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/web, DEBUG: "0"}
          parameter-store: {DB_URL: /web/prod/db-url}
          secrets-manager:
            REGISTRY_PASSWORD: registry:password
            LICENCE: arn:aws:secretsmanager:eu-west-1:111122223333:secret:licence-AbCdEf:key:AWSCURRENT
          exported-variables: [IMAGE_TAG]
          git-credential-helper: yes
        phases:
          install:
            runtime-versions: {python: "3.12", nodejs: 20, java: corretto21, golang: 1.x, ruby: latest, php: $PHP}
          pre_build:
            on-failure: RETRY-3-.*timed out.*
            commands:
              - aws ecr get-login-password | docker login --username AWS --password-stdin $REPOSITORY
              - export IMAGE_TAG=${CODEBUILD_RESOLVED_SOURCE_VERSION:0:7}
          build:
            run-as: builder
            on-failure: ABORT
            commands:
              - |
                docker build -t $REPOSITORY:$IMAGE_TAG .
                echo "a: b"
            finally: [docker images]
          post_build:
            commands:
              - docker push $REPOSITORY:$IMAGE_TAG
              - printf '[{"name":"web","imageUri":"%s"}]' $REPOSITORY:$IMAGE_TAG > imagedefinitions.json
        reports:
          unit: {files: ['**/*.xml'], base-directory: reports, file-format: JunitXml, discard-paths: no}
          arn:aws:codebuild:eu-west-1:111122223333:report-group/cover: {files: [c.xml], file-format: COBERTURAXML}
        artifacts:
          files: [imagedefinitions.json]
          exclude-paths: ['**/.git/**/*']
          secondary-artifacts:
            templates: {files: ['**/*'], base-directory: cfn, name: templates}
        cache: {key: 'npm-$(codebuild-hash-files package-lock.json)', fallback-keys: [npm-], paths: [/root/.npm/**/*]}
        proxy: {upload-artifacts: yes, logs: no}
        """,
    "batch graph": """
        version: 0.2
        batch:
          fast-fail: true
          build-graph:
            - identifier: build1
              env: {compute-type: BUILD_GENERAL1_SMALL, type: LINUX_CONTAINER, image: aws/codebuild/standard:7.0}
            - identifier: build2
              buildspec: two.yml
              depend-on: [build1]
              ignore-failure: false
              env: {variables: {BUILD_ID: build2}, privileged-mode: true}
        phases: {build: {commands: [make]}}
        """,
    "batch list with own files": "version: 0.2\nbatch: {build-list: [{identifier: a, buildspec: a.yml}, {identifier: b, buildspec: b.yml}]}",
    "matrix": """
        version: 0.2
        batch:
          build-matrix:
            static: {ignore-failure: false, env: {type: LINUX_CONTAINER, privileged-mode: true}}
            dynamic: {env: {image: [aws/codebuild/standard:7.0, aws/codebuild/standard:8.0], variables: {V: [a, b]}}}
        phases: {build: {commands: [make]}}
        """,
    "fanout": "version: 0.2\nbatch: {build-fanout: {parallelism: 5, ignore-failure: false}}\nphases: {build: {commands: [x]}}",
    "json": '{"version": "0.2", "phases": {"build": {"commands": ["make", "echo \\"a: b\\""]}}, "artifacts": {"files": ["a"]}}',
    "anchors": "version: 0.2\nphases:\n  build: &b\n    commands: [make]\n  post_build:\n    <<: *b\n    finally: [ls]",
}


@pytest.mark.parametrize("text", CASES.values(), ids=CASES)
def test_a_problem_is_told_at_its_place(text: str) -> None:
    clean, expected = marked(text)
    assert told(lint(clean)) == sorted(expected)


@pytest.mark.parametrize("text", CLEAN.values(), ids=CLEAN)
def test_a_good_file_has_no_problem(text: str) -> None:
    assert lint(marked(text)[0]) == ()


@pytest.mark.parametrize(
    ("image", "version", "expected"),
    [
        ("standard:7.0", "nodejs: 20", []),
        ("aws/codebuild/amazonlinux-x86_64-standard:6.0", "nodejs: 24.x", []),
        ("standard:7.0", "nodejs: 16", ["warning runtime"]),
        ("standard:7.0", "nodejs: banana", ["error runtime"]),
        ("standard:8.0", "android: 29", ["error runtime"]),
        ("standard:5.0", "android: 29", ["warning image"]),
        ("standard:5.0", "nodejs: 20", ["error runtime", "warning image"]),
        ("standard:9.0", "nodejs: 20", ["warning image"]),
        ("aws/codebuild/amazonlinux-x86_64-lambda-standard:python3.12", "python: 3.12", ["warning image"]),
        ("111122223333.dkr.ecr.eu-west-1.amazonaws.com/ci:1", "python: 3.12", ["warning image"]),
    ],
)
def test_runtimes_are_held_against_the_image(image: str, version: str, expected: list[str]) -> None:
    text = f"version: 0.2\nphases: {{install: {{runtime-versions: {{{version}}}, commands: [x]}}}}"
    assert sorted(f"{each.severity} {each.rule}" for each in lint(text, image=image)) == expected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("artifact: {}", "Did you mean artifacts?"),
        ("post_build: {}", "It belongs in phases."),
        ("commands: []", "It belongs in phases.install or a phase."),
    ],
)
def test_an_unknown_key_gets_the_nearest_or_its_home(text: str, said: str) -> None:
    assert said in {each.reason for each in lint(_P + text)}


def test_every_problem_has_a_reference_page_of_aws() -> None:
    problems = [each for text in CASES.values() for each in lint(marked(text)[0])]
    assert all(each.reference.startswith("https://docs.aws.amazon.com/") for each in problems)


def test_a_secret_is_never_repeated() -> None:
    (found,) = lint(_P + "env: {variables: {API_TOKEN: sesame-open}}")
    assert "sesame" not in f"{found.message}{found.reason}"


_BOMB = "\n".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}' if n else 'x'] * 9)}]" for n in range(12))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[" * 200_000, "Nested deeper than 60 levels"),
        ("{a: " * 200_000, "Nested deeper than 60 levels"),
        (_BOMB, "Aliases expand to more than 100,000 values"),
        ("a: &a [*a]", "An alias contains itself"),
        ("a: &a {<<: *a}", "An alias contains itself"),
        ("- a\n" * 150_000, "More than 100,000 values"),
        ("a" * 3_000_000, "The file is larger than 2 MiB"),
        ("\0\1\2", "This is a binary file, not text"),
        ("a: \x07", "The file holds a character that YAML forbids: control characters are not allowed"),
        ("\udc80", "This is not valid UTF-8 text"),
        ("", "The file is empty"),
        ("# nothing", "The file is empty"),
    ],
    ids=range(12),
)
def test_a_hostile_file_ends_in_one_clear_error_soon(text: str, said: str) -> None:
    began = time.monotonic()
    (found,) = lint(text)
    assert (found.severity, found.message) == (Severity.ERROR, said)
    assert time.monotonic() - began < 5


def test_a_line_of_a_megabyte_is_read() -> None:
    assert lint(f"version: 0.2\nphases: {{build: {{commands: ['{'x' * 1_000_000}']}}}}") == ()


def test_what_stands_below_a_misspelt_key_is_read_as_it_was_meant() -> None:
    text = "version: 0.2\nphases:\n  instal:\n    comands: [npm ci]\n  build:\n    commands: [npm test]\nartifacts:\n  file: '*'\n"
    found = [(each.line, each.column, each.rule) for each in lint(text)]
    assert found == [(3, 3, "unknown-key"), (4, 5, "unknown-key"), (8, 3, "unknown-key"), (8, 9, "type")]
