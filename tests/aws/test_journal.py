"""The journal survives crashes and keeps no secrets."""

from __future__ import annotations

import json
from pathlib import Path

from aws.journal import Journal, redacted


def test_secrets_are_masked_wherever_they_stand() -> None:
    record = {
        "params": {
            "OAuthToken": "hush",
            "configuration": {"Password": "hush", "ProjectName": "web"},
            "environment": [{"name": "DB_PASSWORD", "value": "hush"}, {"name": "STAGE", "value": "prod"}],
            "secretArn": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db",
        },
        "before": json.dumps({"apiKey": "hush", "name": "web"}),
        "after": "api_key: hush\nregion: eu-west-1",
    }
    text = json.dumps(redacted(record))
    assert "hush" not in text
    for kept in ("web", "prod", "eu-west-1", "DB_PASSWORD", "secret:db"):
        assert kept in text


def test_a_policy_is_kept_as_it_is() -> None:
    policy = {
        "Statement": [
            {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": "arn:aws:secretsmanager:*"}
        ]
    }
    assert redacted(policy) == policy
    assert json.loads(redacted(json.dumps(policy))) == policy


def test_a_line_torn_by_a_crash_harms_no_other(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.append("intent", "a", {"title": "first"})
    with journal.path.open("a") as file:
        file.write('{"v":1,"kind":"res')
    journal.append("intent", "b", {"title": "second"})
    assert [record["id"] for record in journal.records()] == ["a", "b"]


def test_an_intent_without_a_result_is_unfinished(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    for change in ("a", "b"):
        journal.append("intent", change, {"title": change})
    journal.append("result", "a", {"result": "accepted"})
    assert [record["id"] for record in journal.unfinished()] == ["b"]


def test_no_journal_is_an_empty_one(tmp_path: Path) -> None:
    assert list(Journal(tmp_path / "nowhere").records()) == []


def test_hostile_text_stays_on_one_line(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.append("intent", "a", {"title": "two\nlines\x1b[2J\u2028"})
    assert journal.path.read_bytes().count(b"\n") == 1
    assert next(iter(journal.records()))["title"] == "two\nlines\x1b[2J\u2028"
