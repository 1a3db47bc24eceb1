"""Load balancers and target groups: who is healthy follows from what the targets answer on."""

from dataclasses import dataclass, field
from typing import Any

from demo.engine.model import Commit
from demo.names import arn

__all__ = ["Balancers", "Target", "TargetGroup"]


@dataclass(slots=True)
class Target:
    """A registered task or instance and the revision it runs."""

    address: str
    port: int
    commit: Commit | None
    since: float


@dataclass(slots=True)
class TargetGroup:
    """A target group: AWS's structure and its targets."""

    region: str
    data: dict[str, Any]
    targets: list[Target] = field(default_factory=list)
    attributes: dict[str, str] = field(
        default_factory=lambda: {"deregistration_delay.timeout_seconds": "300", "slow_start.duration_seconds": "0"}
    )

    @property
    def arn(self) -> str:
        """The target group's ARN."""
        return str(self.data["TargetGroupArn"])

    def fails_after_s(self) -> float:
        """Seconds until a target that never answers well counts as unhealthy."""
        return float(self.data["HealthCheckIntervalSeconds"] * self.data["UnhealthyThresholdCount"])

    def answer(self, commit: Commit | None) -> int:
        """Return the HTTP status a target that runs a revision gives to the health check."""
        path = "/healthz" if commit is None else commit.facts.get("health_path", "/healthz")
        return 200 if self.data.get("HealthCheckPath") == path else 404

    def healthy(self, commit: Commit | None) -> bool:
        """Tell whether a target that runs a revision passes the health check."""
        code = str(self.answer(commit))
        wanted = str(self.data.get("Matcher", {}).get("HttpCode", "200"))
        for part in wanted.split(","):
            low, _, high = part.partition("-")
            if low <= code <= (high or low):
                return True
        return False


class Balancers:
    """All load balancers of the account."""

    def __init__(self) -> None:
        self.groups: dict[str, TargetGroup] = {}
        self.balancers: dict[str, dict[str, Any]] = {}
        self.listeners: dict[str, dict[str, Any]] = {}

    def add(self, name: str, region: str, port: int, created: float, path: str = "/healthz") -> TargetGroup:
        """Make an application load balancer with one listener and one target group."""
        balancer = arn("elasticloadbalancing", region, f"loadbalancer/app/{name}/50dc6c495c0c9188")
        group = arn("elasticloadbalancing", region, f"targetgroup/{name}/73e2d6bc24d8a067")
        listener = arn("elasticloadbalancing", region, f"listener/app/{name}/50dc6c495c0c9188/f2f7dc8efc522ab2")
        self.balancers[balancer] = {
            "LoadBalancerArn": balancer,
            "DNSName": f"{name}-1234567890.{region}.elb.amazonaws.com",
            "CreatedTime": created,
            "LoadBalancerName": name,
            "Scheme": "internet-facing",
            "VpcId": "vpc-0a1b2c3d4e5f60718",
            "State": {"Code": "active"},
            "Type": "application",
            "AvailabilityZones": [
                {"ZoneName": f"{region}{zone}", "SubnetId": f"subnet-0{zone}1b2c3d4e5f607"} for zone in "ab"
            ],
            "SecurityGroups": ["sg-0f1e2d3c4b5a69788"],
            "IpAddressType": "ipv4",
        }
        self.listeners[listener] = {
            "ListenerArn": listener,
            "LoadBalancerArn": balancer,
            "Port": 443,
            "Protocol": "HTTPS",
            "DefaultActions": [{"Type": "forward", "TargetGroupArn": group, "Order": 1}],
        }
        made = TargetGroup(
            region,
            {
                "TargetGroupArn": group,
                "TargetGroupName": name,
                "Protocol": "HTTP",
                "Port": port,
                "VpcId": "vpc-0a1b2c3d4e5f60718",
                "HealthCheckProtocol": "HTTP",
                "HealthCheckPort": "traffic-port",
                "HealthCheckEnabled": True,
                "HealthCheckIntervalSeconds": 15,
                "HealthCheckTimeoutSeconds": 5,
                "HealthyThresholdCount": 2,
                "UnhealthyThresholdCount": 3,
                "HealthCheckPath": path,
                "Matcher": {"HttpCode": "200"},
                "LoadBalancerArns": [balancer],
                "TargetType": "ip",
                "ProtocolVersion": "HTTP1",
                "IpAddressType": "ipv4",
            },
        )
        self.groups[group] = made
        return made
