"""docker: build, login, push."""

from collections.abc import Mapping

from demo.engine.context import refusal
from demo.names import arn, digest
from demo.tools import Bench, Result

__all__ = ["build", "login", "push"]


def build(bench: Bench, command: str) -> Result:
    """Build an image with BuildKit, if Docker Hub lets it (the fact `hub_limit`) and what is copied is there."""
    rng = bench.rng
    if trouble := _cannot(bench):
        return Result(rng.uniform(3, 9), 1, trouble)

    def lines() -> list[str]:
        out = [
            '#0 building with "default" instance using docker driver',
            "",
            "#1 [internal] load build definition from Dockerfile",
        ]
        out += [f"#1 transferring dockerfile: {rng.randrange(600, 2400)}B done", "#1 DONE 0.0s", ""]
        steps = rng.randrange(9, 14)
        for step in range(1, steps + 1):
            name = _STEPS[step % len(_STEPS)]
            out.append(f"#{step + 4} [stage-1 {step:2d}/{steps}] {name}")
            for line in range(rng.randrange(2, 12)):
                out.append(f"#{step + 4} {line * 0.31 + 0.2:.3f} {rng.choice(_NOISE)}")
            out += [f"#{step + 4} DONE {rng.uniform(0.1, 7):.1f}s", ""]
        out += [f"#{steps + 5} exporting to image", f"#{steps + 5} writing image sha256:{digest(rng, 64)} done"]
        return [
            *out,
            f"#{steps + 5} naming to {command.rsplit('-t ', maxsplit=1)[-1].split(maxsplit=1)[0]} done",
            f"#{steps + 5} DONE 0.6s",
        ]

    return Result(rng.uniform(25, 70), 0, lines)


def _cannot(bench: Bench) -> list[str]:
    """What BuildKit says of a Dockerfile that cannot be built; empty for one that can, or where there is none."""
    commit = bench.build.commit
    files = commit.files if commit is not None else {}
    lines = files.get("Dockerfile", "").splitlines()
    stages = {line.split()[3].lower() for line in lines if len(line.split()) == 4 and line.split()[2].lower() == "as"}
    for number, line in enumerate(lines, start=1):
        word, _, rest = line.strip().partition(" ")
        first = rest.split(maxsplit=1)[0] if rest else ""
        if word.upper() == "FROM" and bench.fact("hub_limit") and "/" not in first and first not in stages:
            return _limited(first)
        if word.upper() in {"COPY", "ADD"} and first not in {".", "./"} and not _held(first, files):
            lost = f'failed to calculate checksum of ref 5b8k2n1::q0: "/{first}": not found'
            return [
                f"#7 [{number}/{len(lines)}] {line.strip()}",
                f"#7 ERROR: {lost}",
                f"ERROR: failed to solve: failed to compute cache key: {lost}",
            ]
    return []


def _limited(image: str) -> list[str]:
    """What BuildKit says where Docker Hub gives an image to nobody without an account any more."""
    where = f"docker.io/library/{image}"
    address = f"https://registry-1.docker.io/v2/library/{image.replace(':', '/manifests/')}"
    said = (
        f"unexpected status code {address}: 429 Too Many Requests - Server message: toomanyrequests: You have reached "
        "your unauthenticated pull rate limit. https://www.docker.com/increase-rate-limit"
    )
    return [
        f"#2 [internal] load metadata for {where}",
        f"#2 ERROR: failed to copy: httpReadSeeker: failed open: {said}",
        f"ERROR: failed to solve: {image}: failed to resolve source metadata for {where}: {said}",
    ]


def _held(name: str, files: Mapping[str, str]) -> bool:
    return name.startswith("--from=") or any(each == name or each.startswith(f"{name.rstrip('/')}/") for each in files)


def login(bench: Bench, _command: str) -> Result:
    """Log in to ECR."""
    warning = "WARNING! Your credentials are stored unencrypted in '/root/.docker/config.json'."
    return Result(
        bench.rng.uniform(0.8, 2),
        0,
        [warning, "Configure a credential helper to remove this warning.", "Login Succeeded"],
    )


def push(bench: Bench, command: str) -> Result:
    """Push an image, if the role may."""
    rng, project = bench.rng, bench.build.project
    repository = (
        command.rsplit("amazonaws.com/", maxsplit=1)[-1].split(":", maxsplit=1)[0].rsplit("/", maxsplit=1)[-1]
        if "amazonaws.com/" in command
        else project.name
    )
    if not bench.build.past:
        resource = arn("ecr", project.region, f"repository/{repository}")
        decision = bench.world.iam.decide(project.role, "ecr:PutImage", resource)
        if not decision.allowed:
            session = f"AWSCodeBuild-{bench.build.uuid}"
            text = refusal(project.role, session, "ecr:InitiateLayerUpload", resource, decision.reason)
            return Result(
                3.0, 1, [f"The push refers to repository [{command.rsplit(maxsplit=1)[-1]}]", f"denied: {text}"]
            )

    def lines() -> list[str]:
        layers = [digest(rng, 12) for _ in range(rng.randrange(7, 12))]
        out = [f"The push refers to repository [{command.rsplit(maxsplit=1)[-1].split(':', maxsplit=1)[0]}]"]
        out += [f"{layer}: Preparing" for layer in layers]
        out += [f"{layer}: {'Pushed' if rng.random() < 0.4 else 'Layer already exists'}" for layer in layers]
        return [
            *out,
            f"{command.rpartition(':')[2]}: digest: sha256:{digest(rng, 64)} size: {rng.randrange(1600, 3000)}",
        ]

    return Result(rng.uniform(6, 22), 0, lines)


_STEPS = (
    "RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates",
    "COPY package*.json ./",
    "RUN npm ci --omit=dev",
    "COPY . .",
    "RUN addgroup --system app && adduser --system --ingroup app app",
    "WORKDIR /srv/app",
)
_NOISE = (
    "Get:1 http://deb.example.com/debian bookworm InRelease [151 kB]",
    "Reading package lists...",
    "Unpacking ca-certificates (20230311) ...",
    "Setting up openssl (3.0.17-1~deb12u2) ...",
    "Processing triggers for libc-bin (2.36-9+deb12u10) ...",
    "added 214 packages in 9s",
)
