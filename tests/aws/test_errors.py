"""Every way AWS says no becomes one error with what, where and the next step."""

from __future__ import annotations

from xml.etree.ElementTree import ParseError

import pytest
from botocore import exceptions as boto

from aws.errors import translate
from core import errors


def answer(code: str, message: str = "no", status: int = 400) -> boto.ClientError:
    return boto.ClientError(
        {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}, "ListPipelines"
    )


NOT_BY_POLICY = (
    "User: arn:aws:sts::111122223333:assumed-role/Build/x is not authorized to perform: s3:GetObject on resource: "
    '"arn:aws:s3:::artifacts/a/b.zip" because no identity-based policy allows the s3:GetObject action'
)
PLAIN = (
    "User: arn:aws:iam::111122223333:user/me is not authorized to perform: codepipeline:ListPipelines on resource: "
    "arn:aws:codepipeline:eu-west-1:111122223333:*"
)
WITH_FULL_STOP = (
    "User: arn:aws:iam::111122223333:user/me is not authorized to perform: sts:AssumeRole on resource: "
    "arn:aws:iam::444455556666:role/Deploy."
)


@pytest.mark.parametrize(
    ("message", "action", "resource", "principal"),
    [
        (
            NOT_BY_POLICY,
            "s3:GetObject",
            "arn:aws:s3:::artifacts/a/b.zip",
            "arn:aws:sts::111122223333:assumed-role/Build/x",
        ),
        (
            PLAIN,
            "codepipeline:ListPipelines",
            "arn:aws:codepipeline:eu-west-1:111122223333:*",
            "arn:aws:iam::111122223333:user/me",
        ),
        (
            WITH_FULL_STOP,
            "sts:AssumeRole",
            "arn:aws:iam::444455556666:role/Deploy",
            "arn:aws:iam::111122223333:user/me",
        ),
        ("Access Denied", "", "", ""),
    ],
)
def test_a_denial_names_action_resource_and_principal(message: str, action: str, resource: str, principal: str) -> None:
    error = translate(answer("AccessDeniedException", message), service="codepipeline", operation="ListPipelines")
    assert isinstance(error, errors.Denied)
    assert (error.action, error.resource, error.principal) == (action, resource, principal)
    assert (action or "codepipeline:ListPipelines") in error.next_step


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("ExpiredToken", errors.CredentialsExpired),
        ("ExpiredTokenException", errors.CredentialsExpired),
        ("RequestExpired", errors.CredentialsExpired),
        ("InvalidClientTokenId", errors.CredentialsMissing),
        ("ThrottlingException", errors.Throttled),
        ("Throttling", errors.Throttled),
        ("SlowDown", errors.Throttled),
        ("PipelineNotFoundException", errors.NotFound),
        ("NoSuchBucketPolicy", errors.NotFound),
        ("NoSuchEntity", errors.NotFound),
        ("BranchDoesNotExistException", errors.NotFound),
        ("ResourceNotFoundException", errors.NotFound),
        ("404", errors.NotFound),
        ("403", errors.Denied),
        ("AccessDenied", errors.Denied),
        ("InvalidApprovalTokenException", errors.Conflict),
        ("StageNotRetryableException", errors.Conflict),
        ("NotLatestPipelineExecutionException", errors.Conflict),
        ("ConcurrentModification", errors.Conflict),
        ("LimitExceededException", errors.Invalid),
        ("ValidationException", errors.Invalid),
        ("InvalidParameterException", errors.Invalid),
    ],
)
def test_a_code_finds_its_kind(code: str, kind: type[errors.AwsError]) -> None:
    error = translate(answer(code), service="codepipeline", operation="ListPipelines", region="eu-west-1")
    assert type(error) is kind
    assert "codepipeline:ListPipelines in eu-west-1" in str(error)


def test_a_fault_of_aws_is_unreachable_and_an_unknown_stack_is_not_found() -> None:
    assert isinstance(translate(answer("Whatever", status=503)), errors.Unreachable)
    unknown = answer("ValidationError", "Stack with id web does not exist")
    assert isinstance(translate(unknown), errors.NotFound)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (boto.NoCredentialsError(), errors.CredentialsMissing),
        (boto.PartialCredentialsError(provider="env", cred_var="AWS_SECRET_ACCESS_KEY"), errors.CredentialsMissing),
        (boto.ProfileNotFound(profile="prod"), errors.CredentialsMissing),
        (boto.SSOTokenLoadError(error_msg="Token for corp does not exist"), errors.CredentialsExpired),
        (boto.UnauthorizedSSOTokenError(), errors.CredentialsExpired),
        (boto.TokenRetrievalError(provider="sso", error_msg="Token has expired"), errors.CredentialsExpired),
        (boto.CredentialRetrievalError(provider="process", error_msg="exit 1"), errors.CredentialsMissing),
        (boto.EndpointConnectionError(endpoint_url="http://x"), errors.Unreachable),
        (KeyError("AssumeRoleResult"), errors.AwsError),
        (ParseError("syntax error: line 1, column 0"), errors.AwsError),
        (boto.ConnectTimeoutError(endpoint_url="http://x"), errors.Unreachable),
        (boto.ReadTimeoutError(endpoint_url="http://x"), errors.Unreachable),
        (boto.ParamValidationError(report="Missing name"), errors.Invalid),
        (TimeoutError(), errors.Unreachable),
    ],
)
def test_what_fails_before_the_answer_finds_its_kind(error: Exception, kind: type[errors.AwsError]) -> None:
    ours = translate(error, profile="corp")
    assert type(ours) is kind
    assert isinstance(ours, errors.AwsError)
    assert ours.detail


def test_an_expired_session_names_the_login_of_its_profile() -> None:
    error = translate(boto.UnauthorizedSSOTokenError(), profile="corp")
    assert "aws sso login --profile corp" in error.next_step
