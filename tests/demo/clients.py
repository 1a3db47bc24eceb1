"""boto3 clients for an account, and the questions the tests ask again and again."""

import os
from typing import Any

import boto3
import botocore.session
from botocore.config import Config

from demo.process import DemoAccount

REGION = "eu-west-1"


class Clients:
    def __init__(self, account: DemoAccount) -> None:
        self.account = account
        # Clients outlive one test, and so begin outside what hides the machine's own settings from it.
        core = botocore.session.Session()
        core.set_config_variable("config_file", os.devnull)
        core.set_config_variable("credentials_file", os.devnull)
        self._session = boto3.Session(
            botocore_session=core,
            aws_access_key_id=account.environment["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=account.environment["AWS_SECRET_ACCESS_KEY"],
        )
        self._clients: dict[tuple[str, str], Any] = {}

    def __call__(self, service: str, region: str = REGION) -> Any:
        key = (service, region)
        if key not in self._clients:
            self._clients[key] = self._session.client(
                service,
                region_name=region,
                endpoint_url=self.account.endpoint_url,
                config=Config(retries={"mode": "standard", "total_max_attempts": 1}),
            )
        return self._clients[key]

    def stage(self, pipeline: str, stage: str, region: str = REGION) -> dict[str, Any]:
        state = self("codepipeline", region).get_pipeline_state(name=pipeline)
        found: dict[str, Any] = next(item for item in state["stageStates"] if item["stageName"] == stage)
        return found

    def action(self, pipeline: str, stage: str, action: str, region: str = REGION) -> dict[str, Any]:
        states = self.stage(pipeline, stage, region)["actionStates"]
        latest: dict[str, Any] = next(item for item in states if item["actionName"] == action)["latestExecution"]
        return latest

    def latest(self, pipeline: str, region: str = REGION) -> dict[str, Any]:
        listed = self("codepipeline", region).list_pipeline_executions(pipelineName=pipeline, maxResults=1)
        newest: dict[str, Any] = listed["pipelineExecutionSummaries"][0]
        return newest

    def retry(self, pipeline: str, stage: str, region: str = REGION) -> str:
        execution = self.stage(pipeline, stage, region)["latestExecution"]["pipelineExecutionId"]
        answer = self("codepipeline", region).retry_stage_execution(
            pipelineName=pipeline, stageName=stage, pipelineExecutionId=execution, retryMode="FAILED_ACTIONS"
        )
        return str(answer["pipelineExecutionId"])

    def status(self, pipeline: str, execution: str, region: str = REGION) -> str:
        found = self("codepipeline", region).get_pipeline_execution(
            pipelineName=pipeline, pipelineExecutionId=execution
        )
        return str(found["pipelineExecution"]["status"])

    def build(self, pipeline: str, stage: str, action: str, region: str = REGION) -> dict[str, Any]:
        identity = self.action(pipeline, stage, action, region)["externalExecutionId"]
        found: dict[str, Any] = self("codebuild", region).batch_get_builds(ids=[identity])["builds"][0]
        return found

    def log(self, build: dict[str, Any], region: str = REGION) -> list[str]:
        """Read a whole log as clients should: by forward tokens until one repeats."""
        where = {"logGroupName": build["logs"]["groupName"], "logStreamName": build["logs"]["streamName"]}
        lines: list[str] = []
        token: str | None = None
        while True:
            more = {"nextToken": token} if token else {}
            page = self("logs", region).get_log_events(**where, startFromHead=True, **more)
            lines += [event["message"] for event in page["events"]]
            if page["nextForwardToken"] == token:
                return lines
            token = page["nextForwardToken"]
