from __future__ import annotations

import pytest

from core.causes import CAUSES
from core.signatures import Failure, LogReader, examine
from core.signatures.context import fit, place_of
from core.signatures.normalise import is_quoted, unflatten, unquote

_BUILD = """[Container] 2026/05/02 08:11:03 Running command npm ci
npm ERR! code ETARGET
npm ERR! notarget No matching version found for left-pad@^9.0.0.
[Container] 2026/05/02 08:11:09 Command did not exit successfully npm ci exit status 1
[Container] 2026/05/02 08:11:09 Phase complete: INSTALL State: FAILED"""
_AGENT = (
    "2026-05-02 08:11:03 ERROR [codedeploy-agent(901)]: InstanceAgent::Plugins::CodeDeployPlugin::CommandPoller: "
    "Error during perform: Psych::SyntaxError - (<unknown>): did not find expected key at line 3 column 1"
)


def _top(failure: Failure) -> str:
    return examine(failure).hypotheses[0].cause


@pytest.mark.parametrize("provider", ["CodeBuild", ""])
def test_a_quoted_log_is_read_as_if_it_were_not(provider: str) -> None:
    quoted = "\n".join("> " + line for line in _BUILD.split("\n"))
    found = examine(Failure(provider=provider, log=quoted))
    assert found.hypotheses[0].cause == "build.dependency-failed"
    assert found.cause_line == examine(Failure(provider=provider, log=_BUILD)).cause_line
    assert not found.hypotheses[0].evidence[0].text.startswith(">")


def test_a_quoted_log_that_comes_in_pieces_is_read_the_same() -> None:
    quoted = "\n".join("> " + line for line in _BUILD.split("\n")).encode()
    for size in (7, 64):
        reader = LogReader(Failure(provider="CodeBuild"))
        reader.feed(quoted[:200])
        for start in range(200, len(quoted), size):
            reader.feed(quoted[start : start + size])
        assert reader.explanation().hypotheses[0].cause == "build.dependency-failed"


def test_gradle_lines_are_not_taken_for_quotations() -> None:
    assert not is_quoted(b"* What went wrong:\n> Could not find org.acme:core:1.0.\n")
    assert unquote(b"> a\n>> b\nc > d") == b"a\nb\nc > d"


def test_a_log_on_one_line_is_split_where_its_lines_began() -> None:
    flat = _BUILD.replace("\n", " ")
    assert unflatten(flat)[0].endswith("Running command npm ci")
    found = examine(Failure(provider="CodeBuild", log=flat))
    assert found.hypotheses[0].cause == "build.dependency-failed"
    assert found.cause_line == 1
    assert {line.line for line in found.hypotheses[0].evidence} == {1}


def test_a_log_pasted_as_message_is_weighed_as_a_log() -> None:
    assert _top(Failure(provider="CodeBuild", message=_BUILD)) == "build.dependency-failed"


def test_the_same_words_mean_what_they_mean_where_they_stand() -> None:
    words = "did not find expected key while parsing a block mapping at line 3 column 1"
    assert _top(Failure(provider="CodeBuild", message=f"YAML_FILE_ERROR: {words}")) == "build.buildspec-invalid"
    assert _top(Failure(provider="CodeDeploy", log=_AGENT)) == "codedeploy.appspec-invalid"
    assert _top(Failure(log=_AGENT)) == "codedeploy.appspec-invalid"


def test_the_place_is_told_or_recognised() -> None:
    assert place_of("CodeBuild", (_AGENT,)) == "codebuild"
    assert place_of("", (_AGENT,)) == "codedeploy"
    assert place_of("", ("nothing known",)) == ""


def test_nothing_is_struck_out_by_its_place() -> None:
    places = ("codebuild", "codedeploy", "codedeploytoecs", "ecs", "cloudformation", "elasticbeanstalk", "lambda", "")
    assert all(0 < fit(place, cause) <= 1 for place in places for cause in CAUSES)


@pytest.mark.parametrize(
    "message", ["Stack web was updated successfully", "Succeeded", "Deployment d-1 completed", "Build succeeded."]
)
def test_a_message_of_success_is_no_failure(message: str) -> None:
    assert examine(Failure(provider="CloudFormation", message=message)).verdict == "healthy"


@pytest.mark.parametrize(
    "message", ["Deployment completed, but with errors", "Stack did not complete", "Not successfully created"]
)
def test_a_failure_that_mentions_success_is_one(message: str) -> None:
    assert examine(Failure(provider="CloudFormation", message=message)).verdict != "healthy"


def test_asking_a_cancelled_reader_does_not_read_on() -> None:
    # Only the closer look at the end of a long log, which asking takes, sees a line without a plain word of trouble.
    log = b"all is well here\n" * 30_000 + b"no basic auth credentials\n"
    stop = False
    reader, stopped = LogReader(), LogReader(cancelled=lambda: stop)
    reader.feed(log)
    stopped.feed(log)
    stop = True
    assert reader.explanation().hypotheses[0].cause == "build.registry-login"
    assert stopped.explanation().hypotheses == ()
