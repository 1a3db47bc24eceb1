"""A CodeBuild build, phase by phase, as a process that meets the account as it is at that moment.

https://docs.aws.amazon.com/codebuild/latest/userguide/view-build-details-phases.html
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from demo.engine import buildspec
from demo.engine.context import Timeline, refusal
from demo.engine.logbook import LogBook
from demo.engine.model import Artifact, Commit
from demo.engine.reports import file_report
from demo.engine.scheduler import Process, Signal, Task
from demo.names import arn, request_id, stamp
from demo.tools import Bench, run_command

if TYPE_CHECKING:
    from demo.world import World

__all__ = ["Build", "PhaseFailed", "Project", "run_build"]

# Many small files, packed and encrypted: bytes a second.
_PACKED_A_S, _FETCHED_A_S = 0.9e6, 2.2e6


@dataclass(slots=True)
class Project:
    """A build project: AWS's structure, the region, and what this account has to remember about it."""

    region: str
    data: dict[str, Any]
    pace: float = 1.0  # how many times longer its commands take than elsewhere
    ballast: Mapping[str, int] = field(default_factory=dict)  # bytes in its artifacts that nobody needs, by path
    flips: int = 0  # of so many told executions one fails a test at first and passes when it is run again
    builds: list["Build"] = field(default_factory=list)
    counter: int = 0
    running: int = 0
    freed: Signal = field(default_factory=Signal)

    @property
    def name(self) -> str:
        """The project's name."""
        return str(self.data["name"])

    @property
    def role(self) -> str:
        """The service role's ARN."""
        return str(self.data["serviceRole"])

    @property
    def logs_to_s3(self) -> bool:
        """Whether its builds log to S3 alone."""
        return bool(self.data.get("logsConfig", {}).get("cloudWatchLogs", {}).get("status") == "DISABLED")

    @property
    def log_group(self) -> str:
        """The log group its builds write into."""
        logs = self.data.get("logsConfig", {}).get("cloudWatchLogs", {})
        return str(logs.get("groupName") or f"/aws/codebuild/{self.name}")


class PhaseFailed(Exception):
    """A phase came to a bad end: status code and message as in its context."""

    def __init__(self, code: str, message: str, state: str = "FAILED") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.state = state


@dataclass(slots=True)
class Build:
    """One build."""

    id: str
    project: Project
    number: int
    started: float
    initiator: str
    commit: Commit | None
    inputs: list[Artifact]
    outputs: list[tuple[str, str]]
    rng: random.Random
    log: LogBook
    settings: dict[str, Any]
    phases: list[dict[str, Any]] = field(default_factory=list)
    status: str = "IN_PROGRESS"
    ended: float | None = None
    log_started: bool = False
    past: bool = False
    task: Task | None = None
    occupies: bool = False
    exported: dict[str, str] = field(default_factory=dict)
    report_arns: list[str] = field(default_factory=list)

    @property
    def uuid(self) -> str:
        """The part of the id after the project's name."""
        return self.id.partition(":")[2]

    @property
    def arn(self) -> str:
        """The build's ARN."""
        return arn("codebuild", self.project.region, f"build/{self.id}")

    @property
    def current_phase(self) -> str:
        """The phase it is in."""
        return str(self.phases[-1]["phaseType"]) if self.phases else "SUBMITTED"

    def failure(self) -> tuple[str, str, str] | None:
        """Return phase, status code and message of the first failure."""
        for phase in self.phases:
            if phase.get("phaseStatus", "SUCCEEDED") not in {"SUCCEEDED", "IN_PROGRESS"}:
                context = (phase.get("contexts") or [{}])[0]
                return phase["phaseType"], context.get("statusCode", ""), context.get("message", "")
        return None


def run_build(world: "World", build: Build, timeline: Timeline) -> Process:
    """Take a build from SUBMITTED to COMPLETED; its status says how it ended."""
    run = _Run(world, build, timeline)
    try:
        yield from run.to_the_end()
    finally:
        run.release()


class _Run:
    def __init__(self, world: "World", build: Build, timeline: Timeline) -> None:
        self.world = world
        self.build = build
        self.timeline = timeline
        self.rng = build.rng
        self.log = build.log
        self.root = f"/codebuild/output/src{stamp(self.rng)}/src"

    def release(self) -> None:
        project = self.build.project
        if self.build.occupies:
            self.build.occupies = False
            project.running -= 1
            self.world.scheduler.fire(project.freed)

    def to_the_end(self) -> Process:
        self._mark("SUBMITTED", 0.0)
        good = False
        try:
            yield from self._queue()
            yield from self._phase("PROVISIONING", self._provision)
            spec = yield from self._phase("DOWNLOAD_SOURCE", self._download)
            good = yield from self._work(spec)
        except PhaseFailed:
            good = False
        yield from self._phase("FINALIZING", self._finalize)
        self._mark("COMPLETED", None)
        if self.build.status == "IN_PROGRESS":
            self.build.status = "SUCCEEDED" if good else "FAILED"
        self.build.ended = self.timeline.now()
        if self.build.project.logs_to_s3:
            self.world.s3_logs.add(self.build)

    def _work(self, spec: buildspec.BuildSpec) -> Process:
        good = True
        for name in ("INSTALL", "PRE_BUILD", "BUILD", "POST_BUILD"):
            try:
                yield from self._phase(name, lambda name=name: self._commands(spec, name))
            except PhaseFailed as failure:
                good = False
                if name in {"INSTALL", "PRE_BUILD"} or failure.state == "FAILED_WITH_ABORT":
                    break
        try:
            yield from self._phase("UPLOAD_ARTIFACTS", lambda: self._upload(spec, good=good))
        except PhaseFailed:
            good = False
        return good

    # --- phases

    def _mark(self, name: str, lasts_s: float | None) -> None:
        now = self.timeline.now()
        phase: dict[str, Any] = {"phaseType": name, "startTime": now}
        if lasts_s is not None:
            phase |= {"phaseStatus": "SUCCEEDED", "endTime": now + lasts_s, "durationInSeconds": int(lasts_s)}
        self.build.phases.append(phase)

    def _phase(self, name: str, body: Any) -> Process:
        now = self.timeline.now
        phase: dict[str, Any] = {"phaseType": name, "startTime": now()}
        self.build.phases.append(phase)
        logged = name not in {"QUEUED", "PROVISIONING", "FINALIZING"}
        if logged and name != "DOWNLOAD_SOURCE":
            self.log.container(now(), f"Entering phase {name}")
        code, message, state, failure, result = "", "", "SUCCEEDED", None, None
        try:
            result = yield from body()
        except PhaseFailed as problem:
            failure = problem
            code, message, state = problem.code, problem.message, problem.state
        end = now()
        phase |= {
            "endTime": end,
            "durationInSeconds": int(end - phase["startTime"]),
            "phaseStatus": _phase_status(self.build, failure),
            "contexts": [{"statusCode": code, "message": message}],
        }
        if logged and not (name == "DOWNLOAD_SOURCE" and failure is not None and not self.build.log_started):
            self.log.container(end, f"Phase complete: {name} State: {state}")
            self.log.container(end, f"Phase context status code: {code} Message: {message}")
        if failure is not None:
            raise failure
        return result

    def _queue(self) -> Process:
        project = self.build.project
        now = self.timeline.now
        phase: dict[str, Any] = {"phaseType": "QUEUED", "startTime": now()}
        self.build.phases.append(phase)
        limit = project.data.get("concurrentBuildLimit")
        while not self.build.past and limit is not None and project.running >= int(limit):
            yield project.freed
        yield self.rng.uniform(0.6, 1.9)
        if not self.build.past:
            self.build.occupies = True
            project.running += 1
        end = now()
        phase |= {"endTime": end, "durationInSeconds": int(end - phase["startTime"]), "phaseStatus": "SUCCEEDED"}

    def _provision(self) -> Process:
        yield self.rng.uniform(5.0, 11.0)
        if self.build.past:
            return
        if not self.world.iam.trusts(self.build.project.role, "codebuild.amazonaws.com"):
            raise PhaseFailed(
                "ACCESS_DENIED",
                "CodeBuild is not authorized to perform: sts:AssumeRole on service role. Please verify that: 1) The "
                "provided service role exists, 2) The role name is case-sensitive and matches exactly, and 3) The role "
                "has the necessary trust policy configured.",
            )
        if self.build.project.logs_to_s3:
            return
        group = arn("logs", self.build.project.region, f"log-group:{self.log.group}:log-stream:{self.log.stream}")
        denied = self._denied("logs:CreateLogStream", group)
        if denied:
            raise PhaseFailed(
                "ACCESS_DENIED",
                f"Service role {self.build.project.role} does not allow AWS CodeBuild to create Amazon CloudWatch Logs "
                f"log streams for build {self.build.arn}. Error message: {denied}",
            )

    def _download(self) -> Process:
        now = self.timeline.now
        self.build.log_started = True
        if not self.build.project.logs_to_s3:
            self.world.log_store.register(self.log)
        self.log.container(now(), "Running on CodeBuild On-demand", "Waiting for agent ping")
        yield self.rng.uniform(0.2, 0.9)
        self.log.container(now(), "Waiting for DOWNLOAD_SOURCE")
        yield self.rng.uniform(0.8, 3.0)
        yield sum(sum(artifact.ballast.values()) for artifact in self.build.inputs) / _FETCHED_A_S
        self._fetch_source()
        self.log.container(now(), "Phase is DOWNLOAD_SOURCE", f"CODEBUILD_SRC_DIR={self.root}")
        spec = self._read_buildspec()
        self.log.container(now(), "Processing environment variables")
        self._read_secrets(spec)
        yield self.rng.uniform(0.2, 0.8)
        self.log.container(now(), "No runtime version selected in buildspec." if not spec.runtimes else _runtimes(spec))
        self.log.container(now(), f"Moving to directory {self.root}", "Cache is not defined in the buildspec")
        self.log.container(
            now(),
            "Skip cache due to: no paths specified to be cached",
            "Registering with agent",
            f"Phases found in YAML: {len(spec.phases)}",
            *[f" {name}: {len(found)} commands" for name, found in spec.phases.items()],
        )
        return spec

    def _fetch_source(self) -> None:
        for number, artifact in enumerate(self.build.inputs):
            resource = f"arn:aws:s3:::{artifact.bucket}/{artifact.key}"
            denied = self._denied("s3:GetObject", resource, quoted=True)
            if denied:
                source = "primary source" if number == 0 else f"secondary source {artifact.name}"
                host = request_id(self.rng)
                message = (
                    f"error while downloading key {artifact.key}, error: AccessDenied: {denied}\n\tstatus code: 403, "
                    f"request id: {request_id(self.rng)}, host id: {host * 4}= for {source} and source version "
                    f"arn:aws:s3:::{artifact.bucket}/{artifact.key}"
                )
                self.log.write(self.timeline.now(), message.split("\n"))
                raise PhaseFailed("CLIENT_ERROR", message)

    def _read_buildspec(self) -> buildspec.BuildSpec:
        text, location = buildspec.locate(self.build.settings, self.build.commit, self.root)
        if location and text is not None:
            self.log.container(self.timeline.now(), f"YAML location is {location}")
        try:
            return buildspec.parse(text, location)
        except buildspec.BuildSpecError as error:
            if self.build.past:
                return buildspec.parse("version: 0.2\nphases:\n  build:\n    commands:\n      - make build\n", location)
            raise PhaseFailed("YAML_FILE_ERROR", str(error)) from None

    def _read_secrets(self, spec: buildspec.BuildSpec) -> None:
        if self.build.past:
            return
        region, secrets = self.build.project.region, self.world.secrets
        parameters = [item["value"] for item in self._variables("PARAMETER_STORE")] + list(spec.parameters.values())
        for name in parameters:
            denied = self._denied("ssm:GetParameters", arn("ssm", region, f"parameter/{name.lstrip('/')}"))
            if denied:
                raise PhaseFailed("Decrypted Variables Error", f"AccessDeniedException: {denied}")
            if not secrets.has_parameter(region, name):
                raise PhaseFailed("Decrypted Variables Error", f"parameter does not exist: {name}")
        wanted = [item["value"] for item in self._variables("SECRETS_MANAGER")] + list(spec.secrets.values())
        for reference in wanted:
            name = reference.split(":")[0]
            denied = self._denied(
                "secretsmanager:GetSecretValue", arn("secretsmanager", region, f"secret:{name}-AbCdEf")
            )
            if denied:
                raise PhaseFailed("Secrets Manager Error Message", f"AccessDeniedException: {denied}")
            problem = secrets.problem(region, reference)
            if problem:
                raise PhaseFailed("Secrets Manager Error Message", problem)

    def _variables(self, kind: str) -> list[Mapping[str, str]]:
        return [item for item in self.build.settings["environment"]["environmentVariables"] if item.get("type") == kind]

    def _commands(self, spec: buildspec.BuildSpec, name: str) -> Process:
        phase = name.lower()
        for number, command in enumerate(spec.phases.get(phase, ())):
            # A source of its own for each command: its lines are told whenever somebody reads them.
            rng = random.Random(f"{self.build.uuid}:{phase}:{number}")
            bench = Bench(self.world, self.build, self.timeline, rng, self.root)
            self.log.container(self.timeline.now(), f"Running command {command}")
            result = run_command(bench, command)
            self.log.write(self.timeline.now(), result.lines, result.lasts_s)
            left = self.build.started + 60.0 * self.build.project.data["timeoutInMinutes"] - self.timeline.now()
            if result.lasts_s > left:
                yield max(left, 0.0)
                self.log.closed_at = self.timeline.now()
                self.build.status = "TIMED_OUT"
                raise PhaseFailed("BUILD_TIMED_OUT", "Build has timed out. ", "FAILED_WITH_ABORT")
            yield result.lasts_s
            if result.exit_code:
                self.log.write(self.timeline.now(), [""])
                self.log.container(
                    self.timeline.now(),
                    f"Command did not exit successfully {command} exit status {result.exit_code}",
                )
                raise PhaseFailed(
                    "COMMAND_EXECUTION_ERROR",
                    f"Error while executing command: {command}. Reason: exit status {result.exit_code}",
                    "FAILED_WITH_ABORT" if spec.on_failure.get(phase) == "ABORT" else "FAILED",
                )
        yield 0.05

    def _upload(self, spec: buildspec.BuildSpec, *, good: bool) -> Process:
        for group in spec.reports:
            self.log.container(self.timeline.now(), f"Preparing to copy TEST report {group}")
            file_report(self.world, self.build, group, self.timeline.now())
        if not good or not self.build.outputs:
            yield 0.2
            return
        self.log.container(self.timeline.now(), "Expanding base directory path: .", "Assembling file list")
        yield self.rng.uniform(0.3, 1.2) + sum(self.build.project.ballast.values()) / _PACKED_A_S
        count = self.rng.randrange(1, 40) + len(self.build.project.ballast) * 2400
        self.log.container(self.timeline.now(), f"Found {count} file(s)")
        for bucket, key in self.build.outputs:
            denied = self._denied("s3:PutObject", f"arn:aws:s3:::{bucket}/{key}", quoted=True)
            if denied:
                raise PhaseFailed("CLIENT_ERROR", f"Error in UPLOAD_ARTIFACTS phase: AccessDenied: {denied}")

    def _finalize(self) -> Process:
        yield self.rng.uniform(0.8, 2.4)

    def _denied(self, action: str, resource: str, *, quoted: bool = False) -> str:
        if self.build.past:
            return ""
        role = self.build.project.role
        decision = self.world.iam.decide(role, action, resource)
        if decision.allowed:
            return ""
        shown = f'"{resource}"' if quoted else resource
        text = refusal(role, f"AWSCodeBuild-{self.build.uuid}", action, shown, decision.reason)
        self.world.record_denial(self.build.project.region, role, action, resource, text)
        return text


def _phase_status(build: Build, failure: PhaseFailed | None) -> str:
    if failure is None:
        return "SUCCEEDED"
    return "TIMED_OUT" if build.status == "TIMED_OUT" else "FAILED"


def _runtimes(spec: buildspec.BuildSpec) -> str:
    return "Selecting " + ", ".join(f"'{name}' runtime version '{version}'" for name, version in spec.runtimes.items())
