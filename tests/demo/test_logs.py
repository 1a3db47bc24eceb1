"""CloudWatch Logs as AWS reads: tokens, limits, growth."""

import pytest
from botocore.exceptions import ClientError

from tests.demo.clients import Clients


def _long(aws: Clients) -> dict[str, str]:
    logs = aws.build("warehouse-etl", "Transform", "Transform")["logs"]
    return {"logGroupName": logs["groupName"], "logStreamName": logs["streamName"]}


def test_the_long_log_comes_in_pages_of_at_most_ten_thousand_events_and_a_megabyte(shared: Clients) -> None:
    where, client = _long(shared), shared("logs")
    total, token, pages = 0, None, 0
    while True:
        page = client.get_log_events(**where, startFromHead=True, **({"nextToken": token} if token else {}))
        assert len(page["events"]) <= 10_000
        assert sum(len(event["message"].encode()) + 26 for event in page["events"]) <= 1_048_576
        if page["nextForwardToken"] == token:
            assert page["events"] == []
            break
        token, total, pages = page["nextForwardToken"], total + len(page["events"]), pages + 1
    assert total > 20_000
    assert pages > 2


def test_reading_backwards_gives_the_same_events(shared: Clients) -> None:
    where, client = _long(shared), shared("logs")
    page = client.get_log_events(**where, limit=500)
    last = [event["message"] for event in page["events"]]
    before = client.get_log_events(**where, limit=500, nextToken=page["nextBackwardToken"])["events"]
    again = client.get_log_events(**where, limit=500, nextToken=page["nextBackwardToken"].replace("b/", "f/"))["events"]
    assert [event["message"] for event in again] == last
    assert before[-1]["timestamp"] <= page["events"][0]["timestamp"]


def test_a_time_window_holds_only_its_events(shared: Clients) -> None:
    where, client = _long(shared), shared("logs")
    first = client.get_log_events(**where, startFromHead=True, limit=1000)["events"]
    low, high = first[200]["timestamp"], first[700]["timestamp"]
    cut = client.get_log_events(**where, startFromHead=True, startTime=low, endTime=high)["events"]
    assert cut
    assert all(low <= event["timestamp"] < high for event in cut)


def test_a_bad_token_is_refused(shared: Clients) -> None:
    with pytest.raises(ClientError, match="nextToken is invalid"):
        shared("logs").get_log_events(**_long(shared), nextToken="nonsense")


def test_a_running_build_writes_line_by_line_and_repeats_its_token_in_between(aws: Clients) -> None:
    build = aws.build("ledger", "Build", "Build")
    where = {"logGroupName": build["logs"]["groupName"], "logStreamName": build["logs"]["streamName"]}
    client = aws("logs")
    page = client.get_log_events(**where, startFromHead=True)
    seen, token = list(page["events"]), page["nextForwardToken"]
    same = client.get_log_events(**where, startFromHead=True, nextToken=token)
    assert (same["events"], same["nextForwardToken"]) == ([], token)
    steps = 0
    for _ in range(120):
        aws.account.advance(2)
        page = client.get_log_events(**where, startFromHead=True, nextToken=token)
        steps += bool(page["events"])
        seen += page["events"]
        token = page["nextForwardToken"]
    assert steps > 5
    whole = aws.log(build)
    assert [event["message"] for event in seen] == whole
    assert "Phase complete: UPLOAD_ARTIFACTS State: SUCCEEDED" in whole[-2]


def test_a_queued_build_has_no_stream_yet(aws: Clients) -> None:
    aws.account.push("example-shop/mailer", "Once more")
    for _ in range(40):
        aws.account.advance(1)
        action = aws.stage("mailer", "Build")["actionStates"][0]["latestExecution"]
        if action["status"] == "InProgress" and action.get("externalExecutionId"):
            break
    build = aws("codebuild").batch_get_builds(ids=[action["externalExecutionId"]])["builds"][0]
    assert build["currentPhase"] in {"QUEUED", "PROVISIONING", "SUBMITTED"}
    assert "streamName" not in build["logs"]


def test_a_custom_group_and_stream_prefix_are_honoured(shared: Clients) -> None:
    build = shared.build("search-index", "Build", "Build")
    assert build["logs"]["groupName"] == "/example/ci"
    assert build["logs"]["streamName"] == f"search-index/{build['id'].partition(':')[2]}"
    assert any("BUILD FAILURE" in line for line in shared.log(build))


def test_clients_can_write_and_read_streams_of_their_own(aws: Clients) -> None:
    client = aws("logs")
    client.create_log_group(logGroupName="/own")
    client.create_log_stream(logGroupName="/own", logStreamName="one")
    at = int(aws.account.now() * 1000)
    client.put_log_events(
        logGroupName="/own",
        logStreamName="one",
        logEvents=[{"timestamp": at + n, "message": f"line {n}"} for n in range(3)],
    )
    events = client.get_log_events(logGroupName="/own", logStreamName="one", startFromHead=True)["events"]
    assert [event["message"] for event in events] == ["line 0", "line 1", "line 2"]


def test_the_hostile_log_is_hostile(shared: Clients) -> None:
    whole = "".join(shared.log(shared.build("partner-gateway", "Build", "Build")))
    for piece in ("\x1b]52;", "\x1b[2J", "[/foo]", "\u202e", "\x00", "[@click=app.quit]"):
        assert piece in whole
