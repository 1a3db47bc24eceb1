"""Deployments to S3, Lambda, Elastic Beanstalk, AppConfig, Service Catalog, EKS, EC2."""

from __future__ import annotations

from core.playbook import Subject
from tests.playbooks.corpus import Case
from tests.playbooks.recorded import Reply, absent, archive, denied, reply
from tests.playbooks.scene import NOW, subject


def _subject(provider: str, message: str = "", status: str = "Failed", **config: str) -> Subject:
    return subject(provider, category="Deploy", configuration=config, inputs=["Built"], status=status, message=message)


BEANSTALK = {"ApplicationName": "shop", "EnvironmentName": "shop-prod"}
READY = {"EnvironmentName": "shop-prod", "Status": "Ready", "Health": "Green", "HealthStatus": "Ok"}
WELL = [
    reply("s3", "GetBucketOwnershipControls", {"OwnershipControls": {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}}),
    reply("s3", "GetPublicAccessBlock", {"PublicAccessBlockConfiguration": {"BlockPublicAcls": False}}),
    reply("elasticbeanstalk", "DescribeEnvironments", {"Environments": [READY]}),
    reply("elasticbeanstalk", "DescribeEvents", {"Events": []}),
    reply("eks", "DescribeCluster", {"cluster": {"status": "ACTIVE", "accessConfig": {"authenticationMode": "API"}}}),
    reply("eks", "DescribeAccessEntry", {"accessEntry": {"clusterName": "shop"}}),
    reply("appconfig", "ListDeployments", {"Items": [{"DeploymentNumber": 4}]}),
    reply("appconfig", "GetDeployment", {"DeploymentNumber": 4, "State": "COMPLETE"}),
    reply("appconfig", "GetEnvironment", {"Name": "prod", "Monitors": []}),
    reply("appconfig", "GetConfigurationProfile", {"Name": "flags", "Validators": [{"Type": "JSON_SCHEMA"}]}),
    reply("appconfig", "GetDeploymentStrategy", {"Name": "linear"}),
    reply("servicecatalog", "DescribeProductAsAdmin", {"ProductViewDetail": {"Status": "AVAILABLE"}}),
    reply("servicecatalog", "ListProvisioningArtifacts", {"ProvisioningArtifactDetails": [{"Name": "v1"}]}),
]
TAGGED = {"InstanceTagKey": "Name", "InstanceTagValue": "shop", "InstanceType": "EC2", "PostScript": "run.sh"}
PRODUCT = {"ProductId": "prod-1", "ProductVersionName": "v2", "TemplateFilePath": "/product.yml"}
FLAGS = {"Application": "a1", "Environment": "e1", "ConfigurationProfile": "p1", "DeploymentStrategy": "s1"}


def _made(*names: str, **files: str) -> list[Reply]:
    """Where the artifact lies, and what is in it."""
    place = {"name": "Built", "s3location": {"bucket": "store", "key": "web/Built/1.zip"}}
    run = {"stageName": "Deploy", "actionName": "DeployIt", "input": {"inputArtifacts": [place]}}
    return [
        reply("codepipeline", "ListActionExecutions", {"actionExecutionDetails": [run]}),
        archive({name.replace("_", "."): text for name, text in files.items()}, *names, Bucket="store"),
    ]


def _instances(*states: str, ping: str = "Online") -> list[Reply]:
    """Instances with the tag, and what Systems Manager says of them."""
    found = [{"InstanceId": f"i-{n}", "State": {"Name": state}} for n, state in enumerate(states)]
    nodes = [{"InstanceId": each["InstanceId"], "PingStatus": ping} for each in found]
    return [
        reply("ec2", "DescribeInstances", {"Reservations": [{"Instances": found}]}),
        reply("ssm", "DescribeInstanceInformation", {"InstanceInformationList": nodes}),
    ]


def _ran(status: str, code: int, output: str) -> Reply:
    """One command on i-0."""
    plugin = {"Name": "aws:runShellScript", "ResponseCode": code, "Output": output}
    invocation = {
        "InstanceId": "i-0", "Status": status, "StatusDetails": status, "RequestedDateTime": NOW - 400,
        "CommandPlugins": [plugin],
    }  # fmt: skip
    return reply("ssm", "ListCommandInvocations", {"CommandInvocations": [invocation]})


CASES = [
    Case(
        "deploy-s3-healthy",
        "deploy-other",
        _subject("S3", status="Succeeded", BucketName="site", CannedACL="public-read"),
        WELL,
    ),
    Case(
        "deploy-beanstalk-healthy", "deploy-other", _subject("ElasticBeanstalk", status="Succeeded", **BEANSTALK), WELL
    ),
    Case("deploy-eks-healthy", "deploy-other", _subject("EKS", status="Succeeded", ClusterName="shop"), WELL),
    Case(
        "deploy-appconfig-healthy",
        "deploy-other",
        _subject("AppConfig", status="Succeeded", **FLAGS),
        WELL,
    ),
    Case("deploy-catalog-healthy", "deploy-other", _subject("ServiceCatalog", status="Succeeded", **PRODUCT), WELL),
    Case(
        "deploy-ec2-healthy",
        "deploy-other",
        _subject("EC2", status="Succeeded", **TAGGED),
        [*_instances("running", "running"), *WELL],
    ),
    Case(
        "deploy-catalog-no-product",
        "deploy-other",
        _subject("ServiceCatalog", "Product prod-1 not found.", **PRODUCT),
        [absent("servicecatalog", "DescribeProductAsAdmin"), *WELL],
        "flow.structure-invalid",
        "describe-product-as-admin",
    ),
    Case(
        "deploy-catalog-no-template",
        "deploy-other",
        _subject("ServiceCatalog", "The template file was not found in the artifact", **PRODUCT),
        [*_made("README.md"), *WELL],
        "artifact.missing",
    ),
    Case(
        "deploy-catalog-broken-template",
        "deploy-other",
        _subject("ServiceCatalog", "Invalid templateBody", **PRODUCT),
        [*_made(product_yml="Resources:\n  Bucket: {Type: AWS::S3::Bucket\n"), *WELL],
        "cfn.template-invalid",
    ),
    Case(
        "deploy-ec2-nothing-runs",
        "deploy-other",
        _subject("EC2", "No instances found with the given tag", **TAGGED),
        [*_instances("stopped"), *WELL],
        "codedeploy.no-instances",
        "describe-instances",
    ),
    Case(
        "deploy-ec2-agent-silent",
        "deploy-other",
        _subject("EC2", "Deployment to some instances failed", **TAGGED),
        [*_instances("running", ping="ConnectionLost"), *WELL],
        "codedeploy.agent-missing",
        "SSM agent",
    ),
    Case(
        "deploy-ec2-script-failed",
        "deploy-other",
        _subject("EC2", "Deployment failed on instance i-0", **TAGGED),
        [*_instances("running"), *_made("run.sh"), _ran("Failed", 1, "restart\nbind: address already in use"), *WELL],
        "codedeploy.hook-failed",
        "address already in use",
    ),
    Case(
        "deploy-ec2-script-not-in-the-artifact",
        "deploy-other",
        _subject("EC2", "No such file or directory", **TAGGED),
        [*_instances("running"), *_made("start.sh"), _ran("Failed", 127, "run.sh: No such file or directory"), *WELL],
        "codedeploy.hook-failed",
        "has no run.sh",
    ),
    Case(
        "deploy-appconfig-no-profile",
        "deploy-other",
        _subject("AppConfig", "Resource not found", **FLAGS),
        [absent("appconfig", "GetConfigurationProfile"), *WELL],
        "flow.structure-invalid",
        "configuration profile p1",
    ),
    Case(
        "deploy-appconfig-alarm",
        "deploy-other",
        _subject("AppConfig", "The deployment was rolled back", **FLAGS),
        [
            reply(
                "appconfig",
                "GetDeployment",
                {
                    "DeploymentNumber": 4,
                    "State": "ROLLED_BACK",
                    "EventLog": [
                        {
                            "EventType": "ROLLBACK_STARTED",
                            "TriggeredBy": "CLOUDWATCH_ALARM",
                            "Description": "errors-high",
                        }
                    ],
                },
            ),
            *WELL,
        ],
        "codedeploy.alarm-rollback",
        "alarm",
        proven=False,
    ),
    Case(
        "deploy-eks-no-chart",
        "deploy-other",
        _subject("EKS", "Error: path not found", ClusterName="shop", HelmChartLocation="charts/shop"),
        [*_made("app/Chart.yaml"), *WELL],
        "artifact.missing",
    ),
    Case(
        "deploy-eks-private-endpoint",
        "deploy-other",
        _subject("EKS", "Unable to connect to the server: dial tcp 10.0.0.4:443: i/o timeout", ClusterName="shop"),
        [
            reply(
                "eks",
                "DescribeCluster",
                {"cluster": {"status": "ACTIVE", "resourcesVpcConfig": {"endpointPublicAccess": False}}},
            ),
            *WELL,
        ],
        "eks.deploy-failed",
        "Subnets",
    ),
    Case(
        "deploy-s3-acl",
        "deploy-other",
        _subject(
            "S3",
            "The bucket does not allow ACLs (Service: Amazon S3; Status Code: 400; Error Code: "
            "AccessControlListNotSupported)",
            BucketName="site",
            CannedACL="public-read",
        ),
        [
            reply(
                "s3",
                "GetBucketOwnershipControls",
                {"OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}},
            ),
            *WELL,
        ],
        "s3deploy.denied",
        "CannedACL",
    ),
    Case(
        "deploy-s3-bucket-gone",
        "deploy-other",
        _subject("S3", "The specified bucket does not exist", BucketName="site"),
        [absent("s3", "GetBucketLocation", Bucket="site"), *WELL],
        "s3deploy.denied",
    ),
    Case(
        "deploy-lambda-update-failed",
        "deploy-other",
        _subject("Lambda", "The update of the function failed", FunctionName="notify"),
        [
            reply(
                "lambda",
                "GetFunctionConfiguration",
                {"State": "Active", "LastUpdateStatus": "Failed", "LastUpdateStatusReason": "image is not valid"},
            ),
            *WELL,
        ],
        "lambda.invoke-failed",
        "image is not valid",
    ),
    Case(
        "deploy-beanstalk-failed",
        "deploy-other",
        _subject("ElasticBeanstalk", "Deployment failed. The environment is degraded", **BEANSTALK),
        [
            reply(
                "elasticbeanstalk",
                "DescribeEvents",
                {
                    "Events": [
                        {"EventDate": NOW - 60, "Severity": "ERROR", "Message": "Failed to deploy application."},
                        {"EventDate": NOW - 90, "Severity": "ERROR", "Message": "Instance i-1: npm install failed"},
                    ]
                },
            ),
            *WELL,
        ],
        "beanstalk.deploy-failed",
        "npm install",
    ),
    Case(
        "deploy-eks-no-entry",
        "deploy-other",
        _subject("EKS", "error: You must be logged in to the server (Unauthorized)", ClusterName="shop"),
        [absent("eks", "DescribeAccessEntry"), *WELL],
        "eks.deploy-failed",
        "create-access-entry",
    ),
    Case(
        "deploy-eks-gone",
        "deploy-other",
        _subject("EKS", "No cluster found for name: shop", ClusterName="shop"),
        [absent("eks", "DescribeCluster"), *WELL],
        "eks.deploy-failed",
    ),
    Case(
        "deploy-beanstalk-not-allowed-to-look",
        "deploy-other",
        _subject("ElasticBeanstalk", "Deployment to the Elastic Beanstalk environment shop-prod failed", **BEANSTALK),
        [denied("elasticbeanstalk", "DescribeEnvironments"), *WELL],
        "beanstalk.deploy-failed",
        proven=False,
    ),
]
