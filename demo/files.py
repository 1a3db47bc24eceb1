"""Files of repositories: buildspecs of the kinds of builds there are."""

__all__ = ["APPLE", "DATA", "DOCKER", "GO", "INFRA", "JAVA", "NODE", "PYTHON", "SITE", "buildspec", "script"]


def buildspec(*, install: str = "", pre_build: str = "", build: str, post_build: str = "", extra: str = "") -> str:
    """Write a buildspec from commands, one a line in each phase."""
    text = "version: 0.2\n" + extra + "\nphases:\n"
    for name, commands in (
        ("install", install),
        ("pre_build", pre_build),
        ("build", build),
        ("post_build", post_build),
    ):
        if commands:
            text += f"  {name}:\n"
            if name == "build":
                text += "    on-failure: ABORT\n"
            text += "    commands:\n"
            text += "".join(f"      - {line}\n" for line in commands.split("\n"))
    return text


_REPORTS = "reports:\n  unit:\n    files:\n      - reports/*.xml\n    file-format: JUNITXML\n"
_ARTIFACTS = "artifacts:\n  files:\n    - '**/*'\n"

NODE = buildspec(
    install="npm ci", pre_build="npm run lint", build="npm test\nnpm run build", extra=_REPORTS + _ARTIFACTS
)
PYTHON = buildspec(
    install="pip install -r requirements.txt",
    pre_build="ruff check .",
    build="pytest -v --junitxml=reports/unit.xml",
    post_build="echo packaged",
    extra=_REPORTS + _ARTIFACTS,
)
JAVA = buildspec(build="./mvnw -B verify", post_build="echo done", extra=_REPORTS + _ARTIFACTS)
DOCKER = buildspec(
    pre_build="aws ecr get-login-password --region $AWS_REGION | "
    "docker login --username AWS --password-stdin $REGISTRY",
    build="docker build -t $REGISTRY/$SERVICE:$CODEBUILD_RESOLVED_SOURCE_VERSION .",
    post_build="docker push $REGISTRY/$SERVICE:$CODEBUILD_RESOLVED_SOURCE_VERSION\n"
    'printf "[{\\"name\\":\\"app\\",\\"imageUri\\":\\"%s\\"}]" $IMAGE > imagedefinitions.json',
    extra="artifacts:\n  files:\n    - imagedefinitions.json\n",
)
GO = buildspec(build="go vet ./...\ngo test ./...\ngo build -o bin/edge ./cmd/edge", extra=_ARTIFACTS)
APPLE = buildspec(install="fastlane match development", build="fastlane scan\nfastlane gym", extra=_ARTIFACTS)
SITE = buildspec(install="pip install -r requirements.txt", build="mkdocs build --strict", extra=_ARTIFACTS)
INFRA = buildspec(
    build="cfn-lint templates/*.yaml\naws cloudformation package --template-file main.yaml", extra=_ARTIFACTS
)
DATA = buildspec(install="pip install -r requirements.txt", build="spark-submit jobs/nightly.py", extra=_ARTIFACTS)


def script(*commands: str) -> str:
    """Write the inline buildspec of a project that only runs a few commands."""
    return buildspec(build="\n".join(commands))
