from __future__ import annotations

import json
from urllib.parse import quote

import pytest

from core.policy import EMPTY, allow, as_text, document_of, size, statements

ONE = {"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}}


@pytest.mark.parametrize("raw", [ONE, json.dumps(ONE), quote(json.dumps(ONE))])
def test_a_document_is_read_however_the_api_gives_it(raw: object) -> None:
    assert document_of(raw) == ONE


def test_what_is_no_document_is_refused() -> None:
    for raw in ("[]", "not json", '"text"'):
        with pytest.raises(ValueError):  # noqa: PT011 (json's own error is one)
            document_of(raw)


def test_a_single_statement_may_stand_without_a_list() -> None:
    assert statements(ONE) == (ONE["Statement"],)
    assert statements({}) == ()


def test_allowing_appends_one_statement_and_changes_nothing_else() -> None:
    after = allow(ONE, "S3a", ["s3:GetObject", "s3:GetObject"], ["arn:aws:s3:::b/*"])
    assert after["Statement"] == [
        ONE["Statement"],
        {"Sid": "S3a", "Effect": "Allow", "Action": ["s3:GetObject"], "Resource": ["arn:aws:s3:::b/*"]},
    ]
    assert isinstance(ONE["Statement"], dict)


def test_allowing_again_widens_the_same_statement() -> None:
    once = allow(EMPTY, "S3a", ["s3:GetObject"], ["arn:aws:s3:::b/*"])
    twice = allow(once, "S3a", ["s3:GetObjectVersion", "s3:GetObject"], ["arn:aws:s3:::c/*"])
    assert twice["Statement"] == [
        {
            "Sid": "S3a",
            "Effect": "Allow",
            "Action": ["s3:GetObject", "s3:GetObjectVersion"],
            "Resource": ["arn:aws:s3:::b/*", "arn:aws:s3:::c/*"],
        }
    ]
    assert allow(twice, "S3a", ["s3:GetObject"], ["arn:aws:s3:::b/*"]) == twice


def test_a_deny_of_the_same_name_is_never_widened() -> None:
    deny = {"Version": "2012-10-17", "Statement": [{"Sid": "S3a", "Effect": "Deny", "Action": "s3:*", "Resource": "*"}]}
    after = allow(deny, "S3a", ["s3:GetObject"], ["*"])
    assert after["Statement"][0] == deny["Statement"][0]
    assert after["Statement"][1]["Effect"] == "Allow"


def test_size_counts_as_iam_does_without_white_space() -> None:
    document = {"Version": "2012-10-17", "Statement": []}
    assert size(document) == len('{"Version":"2012-10-17","Statement":[]}')
    assert json.loads(as_text(document)) == document
