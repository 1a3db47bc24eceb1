"""Infrastructure tools: cfn-lint, CDK, SAM, Terraform."""

from demo.tools import Bench, Result

__all__ = ["synth", "terraform"]


def synth(bench: Bench, _command: str) -> Result:
    """Check and package templates."""
    rng = bench.rng
    lines = [
        f"Uploading to {rng.randrange(16**8):08x}.template  {n * 1024} / {n * 1024}  (100.00%)" for n in range(4, 22)
    ]
    return Result(
        rng.uniform(6, 15),
        0,
        [*lines, "Successfully packaged artifacts and wrote output template to file packaged.yaml."],
    )


def terraform(bench: Bench, _command: str) -> Result:
    """Plan or apply."""
    rng = bench.rng
    lines = [f"aws_route53_record.edge[{n}]: Refreshing state... [id=Z0{rng.randrange(10**8)}_{n}]" for n in range(60)]
    return Result(
        rng.uniform(8, 20),
        0,
        [*lines, "", "\x1b[1m\x1b[32mNo changes.\x1b[0m Your infrastructure matches the configuration."],
    )
