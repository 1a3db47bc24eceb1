"""Deployments to S3, Lambda, Elastic Beanstalk, AppConfig, EKS."""

from __future__ import annotations

from core.playbook import Subject
from tests.playbooks.corpus import Case
from tests.playbooks.recorded import absent, denied, reply
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
]

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
        _subject("AppConfig", status="Succeeded", Application="a1", Environment="e1"),
        [
            reply("appconfig", "ListDeployments", {"Items": [{"DeploymentNumber": 4}]}),
            reply("appconfig", "GetDeployment", {"DeploymentNumber": 4, "State": "COMPLETE"}),
            *WELL,
        ],
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
