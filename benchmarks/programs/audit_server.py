"""An account of so many pipelines on loopback, each with roles and projects of its own; each answer takes its time."""

from __future__ import annotations

import asyncio
import io
import json
import sys
import zipfile
from collections import Counter
from typing import Any
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from aiohttp import web

ACCOUNT, REGION = "111122223333", "eu-west-1"
_IAM = "https://iam.amazonaws.com/doc/2010-05-08/"
_STATEMENTS = [
    {"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": "arn:aws:s3:::artifacts/*"},
    {"Effect": "Allow", "Action": ["codebuild:*", "sns:Publish"], "Resource": "*"},
]


def _role(name: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:role/{name}"


def _action(name: str, category: str, provider: str, **config: str) -> dict[str, Any]:
    kind = {"category": category, "owner": "AWS", "provider": provider, "version": "1"}
    return {"name": name, "actionTypeId": kind, "runOrder": 1, "configuration": config}


def _pipeline(name: str) -> dict[str, Any]:
    """Source, build, tests and a CodeDeploy deployment: every role, project and group is the pipeline's own."""
    source = _action("Source", "Source", "CodeCommit", RepositoryName=name, BranchName="main")
    build = _action("Build", "Build", "CodeBuild", ProjectName=name)
    deploy = _action("Ship", "Deploy", "CodeDeploy", ApplicationName=name, DeploymentGroupName="prod")
    stages = [
        {"name": "Source", "actions": [source | {"outputArtifacts": [{"name": "src"}]}]},
        {"name": "Build", "actions": [build | {"inputArtifacts": [{"name": "src"}]}]},
        {"name": "Prod", "actions": [deploy]},
    ]
    return {
        "name": name,
        "roleArn": _role(f"pipeline-{name}"),
        "artifactStore": {"type": "S3", "location": "artifacts"},
        "stages": stages,
        "version": 1,
    }


def _project(name: str) -> dict[str, Any]:
    return {
        "name": name,
        "arn": f"arn:aws:codebuild:{REGION}:{ACCOUNT}:project/{name}",
        "source": {"type": "CODEPIPELINE", "buildspec": "buildspec.yml"},
        "environment": {"type": "LINUX_CONTAINER", "image": "aws/codebuild/standard:5.0", "privilegedMode": True},
        "serviceRole": _role(f"build-{name}"),
        "logsConfig": {"cloudWatchLogs": {"status": "ENABLED"}},
    }


def _source() -> bytes:
    """A source artifact with its buildspec."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("buildspec.yml", "version: 0.2\nphases:\n  build:\n    commands:\n      - docker build .\n")
    return held.getvalue()


_SOURCE = _source()


class Server:
    """Answers what an audit asks; counts the calls by operation."""

    def __init__(self, count: int, delay_s: float, *, listing: bool) -> None:
        self._names = [f"pipe-{number:04d}" for number in range(count)]
        self._delay_s = delay_s
        self._listing = listing
        self.calls: Counter[str] = Counter()

    async def answer(self, request: web.Request) -> web.Response:
        if request.path == "/_calls":
            return web.json_response(dict(self.calls))
        await asyncio.sleep(self._delay_s)
        body = await request.text()
        if target := request.headers.get("X-Amz-Target", "").rpartition(".")[2]:
            self.calls[target] += 1
            return web.json_response(self._json(target, json.loads(body or "{}")))
        if "Action=" in body:
            params = {name: values[0] for name, values in parse_qs(body).items()}
            self.calls[params["Action"]] += 1
            return self._query(params)
        if request.path.startswith("/listNotificationRules"):
            self.calls["ListNotificationRules"] += 1
            return web.json_response({"NotificationRules": []})
        return self._s3(request)

    def _json(self, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        match operation:
            case "ListPipelines":
                found = {"pipelines": [{"name": name} for name in self._names]}
            case "GetPipeline":
                arn = f"arn:aws:codepipeline:{REGION}:{ACCOUNT}:{params['name']}"
                found = {"pipeline": _pipeline(params["name"]), "metadata": {"pipelineArn": arn}}
            case "ListActionExecutions":
                place = {"bucket": "artifacts", "key": f"{params['pipelineName']}/src/a"}
                made = {"outputArtifacts": [{"name": "src", "s3location": place}]}
                found = {"actionExecutionDetails": [{"stageName": "Source", "actionName": "Source", "output": made}]}
            case "BatchGetProjects":
                found = {"projects": [_project(name) for name in params["names"]]}
            case "DescribeLogGroups":
                at = int(params.get("nextToken", "0"))
                found = {
                    "logGroups": [{"logGroupName": f"/aws/codebuild/{name}"} for name in self._names[at : at + 50]]
                }
                found |= {"nextToken": str(at + 50)} if at + 50 < len(self._names) else {}
            case "ListRules":
                found = {"Rules": []}
            case "GetDeploymentGroup":
                found = {"deploymentGroupInfo": {"applicationName": params["applicationName"]}}
        return found

    def _query(self, params: dict[str, str]) -> web.Response:
        name = params.get("RoleName", "")
        trust = json.dumps({"Statement": {"Effect": "Allow", "Principal": {"Service": "codebuild.amazonaws.com"}}})
        match params["Action"]:
            case "GetCallerIdentity":
                inner = f"<Account>{ACCOUNT}</Account><Arn>arn:aws:iam::{ACCOUNT}:user/audit</Arn><UserId>A</UserId>"
            case "ListRoles":
                roles = (f"{kind}-{each}" for each in self._names for kind in ("pipeline", "build"))
                inner = "".join(f"<member>{_named(role, trust)}</member>" for role in roles)
                inner = f"<Roles>{inner}</Roles><IsTruncated>false</IsTruncated>"
            case "GetRole":
                inner = f"<Role>{_named(name, trust)}</Role>"
            case "ListAttachedRolePolicies":
                inner = "<AttachedPolicies/><IsTruncated>false</IsTruncated>"
            case "ListRolePolicies":
                inner = "<PolicyNames><member>own</member></PolicyNames><IsTruncated>false</IsTruncated>"
            case "GetRolePolicy":
                document = escape(json.dumps({"Statement": _STATEMENTS}))
                inner = f"<RoleName>{name}</RoleName><PolicyName>own</PolicyName>"
                inner += f"<PolicyDocument>{document}</PolicyDocument>"
            case "GetAccountAuthorizationDetails" if self._listing:
                inner = f"<RoleDetailList>{self._details(trust)}</RoleDetailList><IsTruncated>false</IsTruncated>"
            case _:
                error = "<Error><Type>Sender</Type><Code>AccessDenied</Code><Message>not authorized</Message></Error>"
                return web.Response(status=403, text=f'<ErrorResponse xmlns="{_IAM}">{error}</ErrorResponse>')
        action = params["Action"]
        text = f'<{action}Response xmlns="{_IAM}"><{action}Result>{inner}</{action}Result></{action}Response>'
        return web.Response(text=text, content_type="text/xml")

    def _details(self, trust: str) -> str:
        document = escape(json.dumps({"Statement": _STATEMENTS}))
        policy = f"<member><PolicyName>own</PolicyName><PolicyDocument>{document}</PolicyDocument></member>"
        return "".join(
            f"<member>{_named(f'{kind}-{name}', trust)}<RolePolicyList>{policy}</RolePolicyList>"
            "<AttachedManagedPolicies/></member>"
            for name in self._names
            for kind in ("pipeline", "build")
        )

    def _s3(self, request: web.Request) -> web.Response:
        part = next((name for name in request.query if name != "x-id"), "")
        if not part:
            self.calls["s3 GetObject"] += 1
            span = f"bytes 0-{len(_SOURCE) - 1}/{len(_SOURCE)}"
            return web.Response(status=206, body=_SOURCE, headers={"Content-Range": span})
        self.calls[f"s3 {part}"] += 1
        if part == "versioning":
            return web.Response(text="<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>")
        error = f"<Error><Code>NoSuch{part.title()}Configuration</Code><Message>none</Message></Error>"
        return web.Response(status=404, text=error, content_type="text/xml")


def _named(name: str, trust: str) -> str:
    return (
        f"<Path>/</Path><RoleName>{name}</RoleName><RoleId>A</RoleId><Arn>{_role(name)}</Arn>"
        f"<CreateDate>2026-01-01T00:00:00Z</CreateDate>"
        f"<AssumeRolePolicyDocument>{escape(trust)}</AssumeRolePolicyDocument>"
    )


async def main(count: int, delay_s: float, *, listing: bool) -> None:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", Server(count, delay_s, listing=listing).answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), float(sys.argv[2]), listing=sys.argv[3] == "listing"))
