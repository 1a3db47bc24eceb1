"""A small interpreter of the CloudWatch Logs Insights query language: parsed with positions, run over log events.

Commands: ``fields``, ``display``, ``filter``, ``sort``, ``limit``, ``stats … by``, ``parse``, ``dedup``.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html
"""
