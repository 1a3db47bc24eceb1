"""Each rule finds what it is for, and is silent where all is well."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from core.audit.case import Case, Kind, Needed
from core.audit.model import Issue, Severity
from core.audit.rules import discover
from core.causes import CAUSES
from core.fact import Outcome
from core.pipeline import StageDecl
from tests.core.audit.cases import (
    ACCOUNT,
    APPROVE,
    ARN,
    BLOCKED,
    BUCKET,
    GROUP,
    NOW,
    REGION,
    ROLE,
    SERVICE,
    SMOKE,
    SOURCE,
    STACK,
    Facts,
    action,
    allow,
    build,
    case,
    fact,
    group,
    log_group,
    project,
    role,
    service,
    store,
    task,
    together,
    told,
)

OBJECTS = f"arn:aws:s3:::{BUCKET}/*"
READS = (Needed("s3:GetObject", OBJECTS),)
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1"
AUTO = {"enabled": True, "events": ["DEPLOYMENT_FAILURE"]}
ALARMS = {"enabled": True, "alarms": [{"name": "errors"}]}
SCRIPT = "version: 0.2\nphases:\n  build:\n    commands:\n      - npm ci\n"
FAILED_RULE = {
    "Name": "failures",
    "State": "ENABLED",
    "EventPattern": '{"source":["aws.codepipeline"],"detail":{"state":["FAILED"]}}',
}


def codecommit(poll: str | None) -> StageDecl:
    config = {"RepositoryName": "shop", "BranchName": "main", **({"PollForSourceChanges": poll} if poll else {})}
    return StageDecl("Source", (action("Source", "Source", "CodeCommit", config, outputs=("src",)),))


def variable(name: str, value: str, kind: str = "PLAINTEXT") -> dict[str, str]:
    return {"name": name, "value": value, "type": kind}


def last_used(seconds_ago: float) -> Facts:
    services = [{"ServiceNamespace": "sns", "LastAuthenticated": NOW - seconds_ago}]
    return {Kind.LAST_USED: {ROLE: fact("GetServiceLastAccessedDetails", {"ServicesLastAccessed": services})}}


def key_facts(state: str, *, rotated: bool) -> Facts:
    described = {"KeyMetadata": {"Arn": KEY, "KeyState": state, "KeyManager": "CUSTOMER"}}
    rotation = {"KeyRotationEnabled": rotated}
    return {Kind.KEY: {KEY: fact("DescribeKey", described)}, Kind.KEY_ROTATION: {KEY: fact("Rotation", rotation)}}


def two_in_one() -> Case:
    stages = [
        StageDecl("Source", tuple(action(f"S{n}", "Source", "S3", outputs=(f"a{n}",)) for n in (1, 2))),
        StageDecl("Out", tuple(action(f"D{n}", "Deploy", "S3", inputs=(f"a{n}",)) for n in (1, 2))),
    ]
    return case(*stages)


def logs_off() -> Case:
    facts = project()
    held = next(iter(facts[Kind.PROJECT].values())).value["projects"][0]
    held["logsConfig"]["cloudWatchLogs"]["status"] = "DISABLED"
    return case(facts=facts)


def stack(*, disabled: bool) -> Facts:
    made = {"StackName": "shop", "StackId": "arn:aws:cloudformation:eu-west-1:111122223333:stack/shop/1"}
    value = {"Stacks": [made | {"DisableRollback": disabled}]}
    return {Kind.STACK: {f"{REGION}/shop": fact("DescribeStacks", value)}}


PLAIN_ROLE = role(allow("s3:GetObject", on=OBJECTS))
OAUTH = action("Source", "Source", "GitHub", owner="ThirdParty", outputs=("src",))
LIVE = {"Rules": [{"Status": "Enabled", "Expiration": {"Days": 90}}]}

# rule → (a pipeline with the fault, one without)
EXAMPLES: dict[str, tuple[Callable[[], Case], Callable[[], Case]]] = {
    "build-logs": (
        lambda: case(facts=together(project(), log_group(None))),
        lambda: case(facts=together(project(), log_group(90))),
    ),
    "gate": (lambda: case(SOURCE, build(), GROUP), lambda: case(SOURCE, build(), APPROVE, GROUP)),
    "health-after": (
        lambda: case(SOURCE, GROUP, facts=group()),
        lambda: case(SOURCE, GROUP, SMOKE, facts=group()),
    ),
    "health-ecs": (
        lambda: case(SOURCE, SERVICE, facts=together(service(), task({"name": "web"}))),
        lambda: case(SOURCE, SERVICE, facts=together(service(), task({"name": "web", "healthCheck": {"command": []}}))),
    ),
    "image-outdated": (
        lambda: case(facts=project(image="aws/codebuild/standard:4.0")),
        lambda: case(
            facts=project(spec="version: 0.2\nphases:\n  install:\n    runtime-versions:\n      nodejs: 24\n")
        ),
    ),
    "monolith": (two_in_one, lambda: case(SOURCE, build(), GROUP)),
    "notification": (
        lambda: case(facts=told()),
        lambda: case(facts=told(notices=["arn:aws:codestar-notifications:eu-west-1:111122223333:notificationrule/1"])),
    ),
    "privileged": (
        lambda: case(facts=project(privilegedMode=True, spec=SCRIPT)),
        lambda: case(facts=project(privilegedMode=True, spec=SCRIPT.replace("npm ci", "docker build ."))),
    ),
    "role-admin": (
        lambda: case(facts=role(attached=["arn:aws:iam::aws:policy/AdministratorAccess"])),
        lambda: case(facts=PLAIN_ROLE),
    ),
    "role-pass-any": (
        lambda: case(facts=role(allow("iam:PassRole"))),
        lambda: case(facts=role(allow("iam:PassRole", on=f"arn:aws:iam::{ACCOUNT}:role/task"))),
    ),
    "role-trust": (
        lambda: case(facts=role(trust={"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"})),
        lambda: case(facts=PLAIN_ROLE),
    ),
    "role-unneeded": (
        lambda: case(facts=role(allow("s3:GetObject"), allow("dynamodb:DeleteTable")), needed={ROLE: READS}),
        lambda: case(facts=PLAIN_ROLE, needed={ROLE: READS}),
    ),
    "role-unused": (
        lambda: case(facts=together(role(allow("sns:Publish")), last_used(200 * 86_400))),
        lambda: case(facts=together(role(allow("sns:Publish")), last_used(86_400))),
    ),
    "role-wildcard-actions": (
        lambda: case(facts=role(allow("s3:*"))),
        lambda: case(facts=PLAIN_ROLE),
    ),
    "role-wildcard-resources": (
        lambda: case(
            facts=role(allow("codebuild:BatchGetBuilds")), needed={ROLE: (Needed("codebuild:BatchGetBuilds", "p"),)}
        ),
        lambda: case(facts=PLAIN_ROLE, needed={ROLE: READS}),
    ),
    "rollback-codedeploy": (
        lambda: case(SOURCE, GROUP, facts=group(autoRollbackConfiguration={"enabled": False})),
        lambda: case(SOURCE, GROUP, facts=group(autoRollbackConfiguration=AUTO, alarmConfiguration=ALARMS)),
    ),
    "rollback-ecs": (
        lambda: case(SOURCE, SERVICE, facts=service(deploymentConfiguration={})),
        lambda: case(
            SOURCE,
            SERVICE,
            facts=service(deploymentConfiguration={"deploymentCircuitBreaker": {"enable": True, "rollback": True}}),
        ),
    ),
    "rollback-stack": (
        lambda: case(SOURCE, STACK, facts=stack(disabled=True)),
        lambda: case(SOURCE, STACK, facts=stack(disabled=False)),
    ),
    "secret-buildspec": (
        lambda: case(facts=project(spec=f"{SCRIPT}      - export API_TOKEN=k3y-9f8e7d6c5b\n")),
        lambda: case(facts=project(spec=f"env:\n  secrets-manager:\n    API_TOKEN: shop/api:token\n{SCRIPT}")),
    ),
    "secret-definition": (
        lambda: case(
            SOURCE,
            StageDecl(
                "Build",
                (
                    action(
                        "Build",
                        "Build",
                        "CodeBuild",
                        {"EnvironmentVariables": '[{"name":"DB_PASSWORD","value":"hunter2-and-more"}]'},
                    ),
                ),
            ),
        ),
        lambda: case(
            SOURCE,
            StageDecl(
                "Build",
                (
                    action(
                        "Build",
                        "Build",
                        "CodeBuild",
                        {"EnvironmentVariables": '[{"name":"DB_PASSWORD","value":"db","type":"SECRETS_MANAGER"}]'},
                    ),
                ),
            ),
        ),
    ),
    "secret-variable": (
        lambda: case(facts=project(variables=[variable("SMTP_PASSWORD", "hunter2-and-more")])),
        lambda: case(facts=project(variables=[variable("SMTP_PASSWORD", "shop/smtp", "SECRETS_MANAGER")])),
    ),
    "source-deprecated": (lambda: case(StageDecl("Source", (OAUTH,)), build()), lambda: case(SOURCE, build())),
    "source-polling": (lambda: case(codecommit(None)), lambda: case(codecommit("false"))),
    "store-encryption": (
        lambda: case(facts=store(encryption=None)),
        lambda: case(facts=store(encryption={"ServerSideEncryptionConfiguration": {"Rules": [{}]}})),
    ),
    "store-key": (
        lambda: case(key=KEY, facts=key_facts("PendingDeletion", rotated=True)),
        lambda: case(key=KEY, facts=key_facts("Enabled", rotated=True)),
    ),
    "store-public": (
        lambda: case(facts=store(access_block=None, policy_status={"PolicyStatus": {"IsPublic": True}})),
        lambda: case(facts=store(access_block=BLOCKED, policy_status={"PolicyStatus": {"IsPublic": True}})),
    ),
    "store-versions": (
        lambda: case(facts=store(versioning={}, lifecycle=None)),
        lambda: case(facts=store(versioning={"Status": "Enabled"}, lifecycle=LIVE)),
    ),
}
RULES = {rule.id: rule for rule in discover()}
# These judge the definition, without which there is no case.
DEFINITION_ALONE = {"gate", "monolith", "secret-definition", "source-deprecated", "source-polling"}


def judged(rule: str, made: Case) -> list[Issue]:
    return list(RULES[rule].judge(made))


def test_every_rule_has_an_example_and_every_cause_of_the_family_has_a_rule() -> None:
    assert set(RULES) == set(EXAMPLES)
    family = {name for name in CAUSES if name.startswith("audit.")}
    assert {rule.cause for rule in RULES.values()} == family


@pytest.mark.parametrize("rule", sorted(EXAMPLES))
def test_a_rule_finds_what_it_is_for(rule: str) -> None:
    found = judged(rule, EXAMPLES[rule][0]())
    assert found
    for issue in found:
        assert issue.title
        assert issue.summary
        assert issue.resource
        assert issue.fixes
        assert all(fix.plan or fix.steps for fix in issue.fixes)
        assert issue.facts or issue.lines


@pytest.mark.parametrize("rule", sorted(EXAMPLES))
def test_a_rule_is_silent_where_all_is_well(rule: str) -> None:
    assert judged(rule, EXAMPLES[rule][1]()) == []


@pytest.mark.parametrize("rule", sorted(set(EXAMPLES) - DEFINITION_ALONE))
def test_a_rule_finds_nothing_where_it_was_not_allowed_to_look(rule: str) -> None:
    made = EXAMPLES[rule][0]()
    denied = {
        kind: {key: fact(each.operation, None, Outcome.DENIED) for key, each in facts.items()}
        for kind, facts in made.facts.items()
    }
    assert judged(rule, replace(made, facts=denied)) == []


@pytest.mark.parametrize(
    ("rule", "made"),
    [
        ("secret-variable", EXAMPLES["secret-variable"][0]),
        ("secret-definition", EXAMPLES["secret-definition"][0]),
        ("secret-buildspec", EXAMPLES["secret-buildspec"][0]),
    ],
)
def test_the_value_of_a_secret_stands_nowhere_in_the_finding(rule: str, made: Callable[[], Case]) -> None:
    for issue in judged(rule, made()):
        told_of = (issue.title, issue.summary, issue.key, *(text for _, text in issue.lines))
        fixes = [text for each in issue.fixes for text in (each.title, *each.steps, *each.commands)]
        assert not [text for text in (*told_of, *fixes) if "hunter2" in text or "9f8e7d6c5b" in text]
        assert all(each.plan is None for each in issue.fixes)


def test_a_project_that_holds_a_secret_gets_no_plan_that_would_show_it() -> None:
    secret = [variable("SMTP_PASSWORD", "hunter2-and-more")]
    open_book = judged("privileged", case(facts=project(privilegedMode=True, spec=SCRIPT)))
    closed = judged("privileged", case(facts=project(privilegedMode=True, spec=SCRIPT, variables=secret)))
    assert open_book[0].fixes[0].plan is not None
    assert closed[0].fixes[0].plan is None
    assert closed[0].fixes[0].commands == ()  # a command without the variables would delete them


@pytest.mark.parametrize(
    ("rule", "plan"),
    [
        ("image-outdated", "codebuild.set-project"),
        ("privileged", "codebuild.set-project"),
        ("rollback-codedeploy", "codedeploy.set-group"),
        ("rollback-ecs", "ecs.circuit-breaker"),
        ("store-versions", "s3.enable-versioning"),
    ],
)
def test_where_the_wizard_can_do_it_there_is_a_plan(rule: str, plan: str) -> None:
    plans = [fix.plan for issue in judged(rule, EXAMPLES[rule][0]()) for fix in issue.fixes if fix.plan]
    assert plans
    assert plans[0].id.partition(".")[0] == plan.partition(".")[0]


def test_a_build_that_writes_no_log_can_be_put_right_from_here() -> None:
    (issue,) = judged("build-logs", logs_off())
    assert issue.severity is Severity.MEDIUM
    plan = issue.fixes[0].plan
    assert plan is not None
    assert plan.call.params["logsConfig"]["cloudWatchLogs"]["status"] == "ENABLED"


@pytest.mark.parametrize(
    ("principal", "condition", "severity"),
    [
        ("*", None, Severity.CRITICAL),
        ({"AWS": "444455556666"}, None, Severity.HIGH),
        ({"AWS": "444455556666"}, {"StringEquals": {"sts:ExternalId": "x"}}, Severity.LOW),
        ({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, None, Severity.MEDIUM),
        ({"Service": "codepipeline.amazonaws.com"}, None, Severity.INFO),
    ],
)
def test_how_grave_a_trust_is_hangs_on_who_is_let_in(principal: object, condition: object, severity: Severity) -> None:
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    if condition:
        statement["Condition"] = condition
    (issue,) = judged("role-trust", case(facts=role(trust=statement)))
    assert issue.severity is severity


def test_an_event_rule_with_a_target_counts_as_a_notification_and_one_without_does_not() -> None:
    assert judged("notification", case(facts=told(rules=[FAILED_RULE]))) == []
    (issue,) = judged("notification", case(facts=told(rules=[FAILED_RULE], targets=0)))
    assert "has no target" in issue.lines[0][1]
    other = FAILED_RULE | {"EventPattern": '{"source":["aws.codepipeline"],"detail":{"state":["SUCCEEDED"]}}'}
    assert judged("notification", case(facts=told(rules=[other])))
    assert judged("notification", case(facts=told(rules=[FAILED_RULE | {"State": "DISABLED"}])))


def test_rules_that_were_not_all_read_accuse_nobody() -> None:
    facts = told()
    held = facts[Kind.EVENT_RULES][REGION]
    facts[Kind.EVENT_RULES][REGION] = fact("ListRules", held.value, Outcome.TRUNCATED)
    assert judged("notification", case(facts=facts)) == []


def test_polling_beside_a_rule_is_worse_and_turned_off_by_a_plan() -> None:
    rule = {
        "Name": "on-push",
        "State": "ENABLED",
        "EventPattern": '{"source":["aws.codecommit"],"resources":["arn:aws:codecommit:eu-west-1:111122223333:shop"]}',
    }
    raw = {"stages": [{"name": "Source", "actions": [{"name": "Source", "configuration": {}}]}]}
    (issue,) = judged("source-polling", case(codecommit("true"), facts=told(rules=[rule]), raw=raw))
    assert issue.severity is Severity.MEDIUM
    plan = issue.fixes[0].plan
    assert plan is not None
    assert plan.call.operation == "UpdatePipeline"
    (alone,) = judged("source-polling", case(codecommit("true"), facts=told()))
    chain = alone.fixes[0].plan
    assert alone.severity is Severity.LOW
    assert chain is not None
    assert chain.call.operation == "CreateRole"


def test_inline_managed_and_not_action_grants_are_all_seen() -> None:
    facts = role(
        {"Effect": "Allow", "NotAction": ["iam:*"], "Resource": "*"}, attached=["arn:aws:iam::111122223333:policy/own"]
    )
    text = {"PolicyVersion": {"Document": '{"Statement": {"Effect": "Allow", "Action": "ec2:*", "Resource": "*"}}'}}
    facts[Kind.POLICY_TEXT] = {"arn:aws:iam::111122223333:policy/own": fact("GetPolicyVersion", text)}
    assert judged("role-admin", case(facts=facts))
    assert "ec2:*" in judged("role-wildcard-actions", case(facts=facts))[0].title


def test_a_secret_in_the_store_of_all_secrets_is_as_wide_as_a_star() -> None:
    wide = allow("secretsmanager:GetSecretValue", on=f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:*")
    narrow = allow("secretsmanager:GetSecretValue", on=f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:shop/*")
    assert judged("role-wildcard-resources", case(facts=role(wide)))
    assert judged("role-wildcard-resources", case(facts=role(narrow))) == []


def test_names_of_production_and_of_tests_are_read_as_people_write_them() -> None:
    def deploy(name: str) -> StageDecl:
        return StageDecl(name, (action("Ship", "Deploy", "S3", {"BucketName": "shop"}, inputs=("src",)),))

    for name in ("Prod", "Deploy-Production", "DeployProd", "live", "shop_prd"):
        assert judged("gate", case(SOURCE, build(), deploy(name))), name
    for name in ("PreProd", "Staging", "Products", "Delivery", "non-prod"):
        assert judged("gate", case(SOURCE, build(), deploy(name))) == [], name
    checkout = StageDecl("Build", (action("checkout-latest", "Build", "CodeBuild", inputs=("src",)),))
    assert judged("gate", case(SOURCE, checkout, deploy("Prod")))
    assert judged("gate", case(SOURCE, build(), deploy("Staging"), deploy("Prod"))) == []


def test_what_is_public_only_by_accident_is_said_apart_from_what_is_public() -> None:
    (slip,) = judged("store-public", case(facts=store(access_block=None, policy_status=None)))
    assert slip.severity is Severity.LOW
    acl = {"Grants": [{"Grantee": {"URI": "http://acs.amazonaws.com/groups/global/AllUsers"}, "Permission": "READ"}]}
    (public,) = judged("store-public", case(facts=store(access_block=None, policy_status=None, acl=acl)))
    assert public.severity is Severity.CRITICAL


def test_the_pipeline_of_the_examples_is_the_one_of_the_facts() -> None:
    assert case().arn == ARN
