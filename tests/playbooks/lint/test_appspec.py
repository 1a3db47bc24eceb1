"""AppSpec files of the three compute platforms."""
# ruff: noqa: E501 (a table: one case a line reads best)

from __future__ import annotations

import pytest

from playbooks.lint.appspec import lint
from tests.playbooks.lint.tables import marked, told

_S = "version: 0.0\nos: linux\nfiles: [{source: /, destination: /srv/web}]\n"
_ECS = "version: 0.0\nResources: [{TargetService: {Type: AWS::ECS::Service, Properties: {TaskDefinition: <TASK_DEFINITION>, LoadBalancerInfo: {ContainerName: web, ContainerPort: 80}}}}]\n"
_LAMBDA = "version: 0.0\nResources: [{fn: {Type: AWS::Lambda::Function, Properties: {Name: fn, Alias: live, CurrentVersion: '1', TargetVersion: %s}}}]\n"

CASES: dict[str, str] = {
    "version": "version: ⟦error version⟧1.0\nos: linux\nfiles: [{source: /, destination: /a}]",
    "no os": "⟦error missing-key⟧version: 0.0\nfiles: [{source: /, destination: /a}]",
    "os": "version: 0.0\nos: ⟦error value⟧ubuntu\nfiles: [{source: /, destination: /a}]",
    "file without destination": "version: 0.0\nos: linux\nfiles: [⟦error missing-key⟧{source: /}]",
    "files a mapping": "version: 0.0\nos: linux\nfiles: ⟦error type⟧{source: /, destination: /a}",
    "behaviour": _S + "file_exists_behavior: ⟦error value⟧REPLACE",
    "unknown key": _S + "⟦error unknown-key⟧permission: []",
    "misplaced": _S + "⟦error misplaced-key⟧runas: root",
    "hook misspelt": _S + "hooks: {⟦error hook⟧AfterInstal: [{location: a.sh}]}",
    "hook of the agent": _S + "hooks: {⟦error hook⟧Install: [{location: a.sh}]}",
    "hook no sequence": _S + "hooks: {AfterInstall: ⟦error type⟧{location: a.sh}}",
    "hooks a list": _S + "hooks: ⟦error type⟧[AfterInstall]",
    "script without location": _S + "hooks: {AfterInstall: [⟦error missing-key⟧{timeout: 5}]}",
    "absolute script": _S + "hooks: {AfterInstall: [{location: ⟦error location⟧/opt/a.sh}]}",
    "time-out text": _S + "hooks: {AfterInstall: [{location: a.sh, timeout: ⟦error type⟧5m}]}",
    "time-out long": _S + "hooks: {AfterInstall: [{location: a.sh, timeout: ⟦error range⟧3601}]}",
    "time-outs together": _S
    + "hooks: {⟦error timeout⟧AfterInstall: [{location: a, timeout: 3000}, {location: b, timeout: 700}]}",
    "script key": _S + "hooks: {AfterInstall: [{location: a.sh, ⟦error unknown-key⟧run_as: root}]}",
    "mode": _S + "permissions: [{object: /srv, mode: ⟦error form⟧rwx}]",
    "type": _S + "permissions: [{object: /srv, type: [⟦error value⟧dir]}]",
    "object": _S + "permissions: [⟦error missing-key⟧{mode: 644}]",
    "windows permissions": "version: 0.0\nos: windows\nfiles: [{source: /, destination: 'c:\\a'}]\n⟦error permissions⟧permissions: []",
    "nothing": "⟦hint nothing⟧version: 0.0\nos: linux",
    "ecs hook": _ECS + "Hooks: [{⟦error hook⟧ApplicationStop: fn}]",
    "ecs hooks a mapping": _ECS + "Hooks: ⟦error type⟧{BeforeInstall: fn}",
    "ecs function": _ECS + "Hooks: [{BeforeInstall: ⟦error hook⟧a b}]",
    "ecs key": _ECS + "⟦error unknown-key⟧Hook: []",
    "ecs port": "version: 0.0\nResources: [{T: {Type: AWS::ECS::Service, Properties: {TaskDefinition: a, LoadBalancerInfo: {ContainerName: a, ContainerPort: ⟦error type⟧http}}}}]",
    "ecs balancer": "version: 0.0\nResources: [{T: {Type: AWS::ECS::Service, Properties: ⟦error missing-key⟧{TaskDefinition: a}}}]",
    "resource type": "version: 0.0\nResources: [{T: {Type: ⟦error value⟧AWS::ECS::Servic, Properties: {}}}]",
    "resources a mapping": "version: 0.0\nResources: ⟦error type⟧{}",
    "lambda same": _LAMBDA % "⟦warning version⟧'1'",
    "lambda latest": _LAMBDA % "⟦error version⟧$LATEST",
    "lambda hook": _LAMBDA % "'2'" + "Hooks: [{⟦error hook⟧AfterInstall: fn}]",
    "yaml": "version: 0.0\nos: 'linux\n⟦error yaml⟧",
}

CLEAN: dict[str, str] = {
    "server": _S
    + """file_exists_behavior: OVERWRITE
permissions:
  - {object: /srv/web, pattern: '**', except: ['*.key'], owner: web, group: web, mode: 644, type: [file]}
  - {object: /srv/web, mode: 4755, acls: ['u:web:rw'], context: {user: system_u, type: httpd_sys_content_t, range: s0}, type: [directory]}
hooks:
  ApplicationStop: [{location: scripts/stop.sh, timeout: 60, runas: root}]
  BeforeInstall:
    - {location: scripts/a.sh, timeout: 300}
    - {location: scripts/b.sh, timeout: 300, runas: web}
  ValidateService: [{location: scripts/check.sh}]
""",
    "windows": "version: 0.0\nos: windows\nfiles: [{source: \\app, destination: 'c:\\inetpub'}]\nhooks: {BeforeInstall: [{location: \"scripts/a.bat\", timeout: 900}]}",
    "ecs": _ECS
    + "Hooks: [{BeforeInstall: before-install}, {AfterAllowTraffic: 'arn:aws:lambda:eu-west-1:111122223333:function:check'}]",
    "lambda": _LAMBDA % "'2'" + "Hooks: [{BeforeAllowTraffic: check}]",
    "json": '{"version": 0.0, "Resources": [{"TargetService": {"Type": "AWS::ECS::Service", "Properties": {"TaskDefinition": "arn:aws:ecs:eu-west-1:111122223333:task-definition/web:3", "LoadBalancerInfo": {"ContainerName": "web", "ContainerPort": 80}, "PlatformVersion": "LATEST", "NetworkConfiguration": {"AwsvpcConfiguration": {"Subnets": ["subnet-1"], "SecurityGroups": ["sg-1"], "AssignPublicIp": "DISABLED"}}, "CapacityProviderStrategy": [{"Base": 1, "CapacityProvider": "FARGATE", "Weight": 1}]}}}]}',
}


@pytest.mark.parametrize("text", CASES.values(), ids=CASES)
def test_a_problem_is_told_at_its_place(text: str) -> None:
    clean, expected = marked(text)
    assert told(lint(clean)) == sorted(expected)


@pytest.mark.parametrize("text", CLEAN.values(), ids=CLEAN)
def test_a_good_file_has_no_problem(text: str) -> None:
    assert lint(text) == ()
