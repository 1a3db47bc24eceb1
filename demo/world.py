"""The account: everything its services share, and the time in which it lives."""

import random
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from demo.clock import Clock
from demo.engine.artifacts import ArtifactStore
from demo.engine.batch import Batch
from demo.engine.build import Build, Project
from demo.engine.detection import Detector
from demo.engine.logbook import LogBook
from demo.engine.logstore import LogStore
from demo.engine.model import Artifact, Commit, Repository
from demo.engine.pipeline import Pipeline
from demo.engine.reports import Report
from demo.engine.runner import Runner
from demo.engine.s3_logs import S3Logs
from demo.engine.scheduler import Scheduler, Signal
from demo.iam.principals import Iam
from demo.moto_bridge import MotoBridge
from demo.names import ACCOUNT_ID, console_url, digest, uuid
from demo.platform.balancers import Balancers
from demo.platform.containers import Containers
from demo.platform.fleets import Fleets
from demo.platform.machines import Machines
from demo.platform.notices import Notices
from demo.platform.rules import Rules
from demo.platform.stacks import Stacks
from demo.platform.state_events import StateEvents
from demo.registry import Registry
from demo.secrets_view import SecretsView

__all__ = ["Connection", "World"]

PEOPLE = (
    "alma",
    "bo",
    "cleo",
    "dario",
    "edda",
    "finn",
    "gwen",
    "hugo",
    "ines",
    "jonas",
    "kira",
    "lena",
    "milo",
    "nora",
)
_BEGINS_BEFORE_S = 8 * 24 * 3600.0


@dataclass(slots=True)
class Connection:
    """A connection to a code host."""

    arn: str
    name: str
    provider: str
    status: str
    region: str
    tags: dict[str, str] = field(default_factory=dict)


class World:
    """All state of the account.

    Args:
        clock: the account's time.
        seed: what everything random is drawn from.
    """

    def __init__(self, clock: Clock, seed: int = 7) -> None:
        self.clock = clock
        self.seed = seed
        self.boot = clock.now()
        self.moto = MotoBridge(ACCOUNT_ID, clock.now)
        self.scheduler = Scheduler(self.boot - _BEGINS_BEFORE_S)
        self.iam = Iam(self.moto.iam)
        self.secrets = SecretsView(self.moto)
        self.log_store = LogStore(self.moto, clock.now)
        self.runner = Runner(self)
        self.detector = Detector(self)
        self.balancers = Balancers()
        self.containers = Containers(self.log_store.register)
        self.fleets = Fleets()
        self.machines = Machines(self.moto, self.log_store.register)
        self.rules = Rules(self.moto, self.iam)
        self.notices = Notices()
        self.stacks = Stacks(self.iam)
        self.state_events = StateEvents(self.moto)
        self.artifacts = ArtifactStore(self.moto)
        self.s3_logs = S3Logs(self.moto)
        self.registry = Registry(self.moto, self.containers)
        self.repositories: dict[str, Repository] = {}
        self.connections: dict[str, Connection] = {}
        self.pipelines: dict[tuple[str, str], Pipeline] = {}
        self.projects: dict[tuple[str, str], Project] = {}
        self.builds: dict[str, Build] = {}
        self.batches: dict[str, Batch] = {}
        self.approvals: dict[str, Signal] = {}
        self.denials: list[dict[str, Any]] = []
        self.reports: dict[str, Report] = {}
        self.reports_of_use: dict[str, tuple[str, float]] = {}
        self.webhooks: list[dict[str, Any]] = []
        self.stories: list[dict[str, str]] = []
        self._seeding = threading.Lock()

    def tick(self) -> None:
        """Let everything happen that is due by the clock."""
        now = self.clock.now()
        self.scheduler.advance(now)
        self.state_events.look(self.pipelines.values(), now)

    def prepare(self, service: str, region: str) -> None:
        """Seed a service of moto before its first call in a region. Called from several threads."""
        seeders: dict[str, Callable[[str], None]] = {
            "ssm": self.secrets.seed_ssm,
            "secretsmanager": self.secrets.seed_secrets,
            "events": self.rules.seed,
            "ecr": self._seed_registry,
            "s3": self._seed_s3,
            "lambda": self.machines.seed,
        }
        if service in seeders:
            # Nobody may see a service half seeded.
            with self._seeding:
                seeders[service](region)

    def _seed_s3(self, _region: str) -> None:
        self.artifacts.store()
        self.s3_logs.store()

    def _seed_registry(self, region: str) -> None:
        self.registry.seed(region, [project for (held, _), project in self.projects.items() if held == region])

    def tell_histories(self, projects: Collection[str], region: str) -> None:
        """Tell the histories of the pipelines that build with any of these projects."""
        for pipeline in self.pipelines.values():
            if pipeline.region == region and not pipeline.projects().isdisjoint(projects):
                pipeline.executions()

    def tell_group(self, region: str, group: str) -> None:
        """Tell the histories whose builds wrote into a log group."""
        writers = [name for (held, name), item in self.projects.items() if held == region and item.log_group == group]
        self.tell_histories(writers, region)

    def rng(self, *parts: object) -> random.Random:
        """Return a source of randomness that depends on the seed and the parts only."""
        return random.Random(":".join(str(part) for part in (self.seed, *parts)))

    @staticmethod
    def person(rng: random.Random) -> str:
        """Draw the ARN of somebody who works here."""
        return f"arn:aws:iam::{ACCOUNT_ID}:user/{rng.choice(PEOPLE)}"

    @staticmethod
    def session_of(role_arn: str, at: float) -> str:
        """Return the ARN of a role's session at a moment, as services show who acted."""
        return f"arn:aws:sts::{ACCOUNT_ID}:assumed-role/{role_arn.rpartition('/')[2]}/{int(at * 1000)}"

    def record_denial(self, region: str, role_arn: str, action: str, resource: str, message: str) -> None:
        """Note a refusal for CloudTrail."""
        self.denials.append(
            {
                "at": self.scheduler.now,
                "region": region,
                "role": role_arn,
                "action": action,
                "resource": resource,
                "message": message,
            }
        )

    def new_build(
        self,
        project: Project,
        *,
        initiator: str,
        commit: Commit | None,
        inputs: Sequence[Artifact],
        outputs: Sequence[tuple[str, str]],
        at: float,
        rng: random.Random,
        past: bool = False,
        overrides: Mapping[str, Any] | None = None,
    ) -> Build:
        """Make a build of a project, ready to run."""
        project.counter += 1
        identity = uuid(rng)
        logs = project.data.get("logsConfig", {}).get("cloudWatchLogs", {})
        stream = f"{logs['streamName']}/{identity}" if logs.get("streamName") else identity
        settings = {"source": project.data["source"], "environment": project.data["environment"]} | dict(
            overrides or {}
        )
        build = Build(
            id=f"{project.name}:{identity}",
            project=project,
            number=project.counter,
            started=at,
            initiator=initiator,
            commit=commit,
            inputs=list(inputs),
            outputs=list(outputs),
            rng=random.Random(identity),
            log=LogBook(project.log_group, stream, project.region),
            settings=settings,
            past=past,
        )
        project.builds.append(build)
        self.builds[build.id] = build
        return build

    @staticmethod
    def build_url(build: Build) -> str:
        """Return the console's address of a build."""
        return console_url(
            build.project.region,
            f"codebuild/home?region={build.project.region}#/builds/{build.id}/view/new",
        )

    def push(
        self,
        repository: str,
        branch: str,
        message: str,
        author: str,
        *,
        facts: Mapping[str, Any] | None = None,
        files: Mapping[str, str] | None = None,
    ) -> Commit:
        """Add a revision to a branch, which is made if need be; detection follows as it is set up.

        Facts and files not given are kept from the branch's last revision; a fact of ``None`` is dropped.

        Raises:
            KeyError: no such repository.
        """
        held = self.repositories[repository]
        before = held.head(branch) or held.head(next(iter(held.branches), branch))
        kept = dict(before.facts) if before is not None else {}
        new_facts = {name: value for name, value in (kept | dict(facts or {})).items() if value is not None}
        new_files = (dict(before.files) if before is not None else {}) | dict(files or {})
        at = self.scheduler.now
        commits = held.branches.setdefault(branch, [])
        commit = Commit(
            digest(self.rng("push", repository, branch, len(commits))), message, author, at, new_facts, new_files
        )
        commits.append(commit)
        self.detector.on_push(held, branch)
        return commit
