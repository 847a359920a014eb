"""Log groups through Firehose: any, databases' audits, Kubernetes."""

import cloudwatch
from cases import tagged

NAME = "to-s3-1-2026-11-23-05-00-12-0a1b2c3d-0000-4000-8000-0a1b2c3d4e5f"

any_group = cloudwatch.service(
    "aws_sqs_cloudwatch",
    "cloudwatch",
    "cloud.aws.cloudwatch.logs",
    "/example/shop",
    [
        ("web/0a1b2c3d", ["GET /a 200", "first line\nsecond line\\", {"level": "info", "text": "é"}]),
        ("worker/0a1b2c3e", ["done\t7"]),
    ],
)
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters-AccountLevel.html, with the system fields of centralized logs
batch = cloudwatch.envelope("/example/shop", "web/9f8e7d6c", ["GET /b 404", "é"])
for event in batch["logEvents"]:
    event["extractedFields"] = {"@aws.account": "444455556666", "@aws.region": "us-gov-west-1"}
any_group.case(
    "account_policy",
    f"cloudwatch/2026/11/23/08/{NAME}",
    cloudwatch.members({**batch, "policyLevel": "ACCOUNT_LEVEL_POLICY"}),
    tagged("cloud.aws.cloudwatch.logs", ["GET /b 404", "é"]),
)
any_group.elsewhere(f"kubernetes/2026/11/23/05/{NAME}", f"my-cloudwatch/2026/11/23/05/{NAME}")

cloudwatch.service(
    "aws_sqs_rds",
    "rds",
    "cloud.aws.rds.audit",
    "/aws/rds/cluster/shop/audit",
    [
        (
            "shop-1.audit.log.0",
            [
                "1795410000000000,shop-1,app,192.0.2.10,7,42,QUERY,shop,'SELECT name\nFROM goods WHERE note = \\'a,b\\'',0",
                "1795410000000001,shop-1,app,192.0.2.10,7,43,READ,shop,goods,",
                "1795410000000002,shop-1,app,192.0.2.10,7,0,DISCONNECT,shop,,0",
                "1795410000000003,shop-1,app,2001:db8::10,8,0,CONNECT,shop,,0",
            ],
        ),
        ("shop-2.audit.log.0", [
                "20261123 05:00:00,shop-2,admin,198.51.100.4,9,0,FAILED_CONNECT,,,1045",
                # The audit plugin of RDS for MySQL, which adds the connection's type.
                "20261123 05:00:01,shop-2,app,198.51.100.4,10,43,QUERY,shop,'UPDATE goods SET name = \\'é\\'',0,SSL/TLS",
            ],),
    ],
)

cloudwatch.service(
    "aws_sqs_kubernetes",
    "kubernetes",
    "my.app.kubernetes.events",
    "/aws/containerinsights/shop/application",
    [
        (
            "ip-192-0-2-10.eu-west-1.compute.internal-application.var.log.containers.web",
            [
                {
                    "log": "GET /a 200",
                    "stream": "stdout",
                    "kubernetes": {
                        "pod_name": "web-7d9c",
                        "namespace_name": "shop",
                        "pod_id": "0a1b2c3d-0000-4000-8000-0a1b2c3d4e5f",
                        "labels": {"app": "web"},
                        "host": "ip-192-0-2-10.eu-west-1.compute.internal",
                        "container_name": "web",
                        "docker_id": "9f8e7d6c",
                        "container_hash": "example/web@sha256:9f8e",
                        "container_image": "example/web:7",
                    },
                },
            ],
        ),
        ("kubelet", ["I1123 05:00:00.123456    1234 kubelet.go:2345] SyncLoop (PLEG): event for pod web-7d9c"]),
    ],
)
