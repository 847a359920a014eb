"""VPC flow logs as text, from S3 and through CloudWatch Logs."""

import cloudwatch
from cases import Service, lines, packed, tagged, truncated

TAG = "cloud.aws.vpc.flow"
NAME = "111122223333_vpcflowlogs_eu-west-1_fl-0a1b2c3d4e5f60718_20261123T0500Z_9f8e7d6c.log.gz"

default = "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status"
rows = [
    "2 111122223333 eni-0a1b2c3d4e5f60718 192.0.2.10 198.51.100.7 49152 443 6 12 3450 1795410000 1795410060 ACCEPT OK",
    "2 111122223333 eni-0a1b2c3d4e5f60718 203.0.113.9 192.0.2.10 51234 22 6 1 40 1795410000 1795410060 REJECT OK",
    "2 111122223333 eni-0a1b2c3d4e5f60719 - - - - - - - 1795410000 1795410060 - NODATA",
]

# Versions 3 to 11, in an order of their own.
custom = {
    "vpc-id": "vpc-0a1b2c3d",
    "version": "11",
    "subnet-id": "subnet-0a1b2c3d",
    "instance-id": "i-0a1b2c3d4e5f60718",
    "tcp-flags": "19",
    "type": "IPv6",
    "pkt-srcaddr": "2001:db8::10",
    "pkt-dstaddr": "2001:db8:1::7",
    "region": "us-gov-west-1",
    "az-id": "usgw1-az2",
    "sublocation-type": "wavelength",
    "sublocation-id": "usgw1-wl1",
    "pkt-src-aws-service": "S3",
    "pkt-dst-aws-service": "-",
    "flow-direction": "egress",
    "traffic-path": "8",
    "ecs-cluster-arn": "arn:aws-us-gov:ecs:us-gov-west-1:444455556666:cluster/shop",
    "ecs-cluster-name": "shop",
    "ecs-container-instance-arn": "arn:aws-us-gov:ecs:us-gov-west-1:444455556666:container-instance/shop/0a1b",
    "ecs-container-instance-id": "0a1b",
    "ecs-container-id": "2c3d",
    "ecs-second-container-id": "4e5f",
    "ecs-service-name": "web",
    "ecs-task-definition-arn": "arn:aws-us-gov:ecs:us-gov-west-1:444455556666:task-definition/web:7",
    "ecs-task-arn": "arn:aws-us-gov:ecs:us-gov-west-1:444455556666:task/shop/6071",
    "ecs-task-id": "6071",
    "reject-reason": "BPA",
    "resource-id": "nat-0a1b2c3d",
    "encryption-status": "1",
    "instance-tag": "shop%20web",
    "instance-tag-2": "-",
    "interface-tag": "front",
    "interface-tag-2": "caf%C3%A9",
    "asg-tag": "web",
    "asg-tag-2": "-",
    "interface-type": "nat_gateway",
    "next-hop-interface-id": "eni-0a1b2c3d4e5f6071a",
    "next-hop-subnet-id": "subnet-0a1b2c3e",
    "next-hop-az-id": "usgw1-az3",
    "next-hop-vpc-id": "vpc-0a1b2c3e",
    "next-hop-interface-type": "transit_gateway",
    "action": "ACCEPT",
    "log-status": "OK",
}
other = [" ".join(custom.values()), " ".join("-" if i else "vpc-0a1b2c3e" for i in range(len(custom)))]

s = Service("aws_sqs_vpc")
s.case("default", "AWSLogs/111122223333/vpcflowlogs/eu-west-1/2026/11/23/" + NAME, lines([default, *rows]), tagged(TAG, rows))
s.case(
    "custom_hive_hourly",
    "net/AWSLogs/aws-account-id=444455556666/aws-service=vpcflowlogs/aws-region=us-gov-west-1/year=2026/month=11/day=23/hour=05/"
    "444455556666_vpcflowlogs_us-gov-west-1_fl-0a1b2c3d4e5f60719_20261123T0500Z_1a2b3c4d.log.gz",
    lines([" ".join(custom), *other]),
    tagged(TAG, other),
)
s.case("hourly_china", "AWSLogs/111122223333/vpcflowlogs/cn-north-1/2026/11/23/05/" + NAME, lines([default, rows[0]]), tagged(TAG, rows[:1]))
# Objects that somebody wrote without a header, or joined from two of the same or of different columns.
EDGE = "AWSLogs/111122223333/vpcflowlogs/eu-west-1/2026/11/24/" + NAME
s.case("no_header", EDGE, lines([*rows[:2], " ".join(custom), other[0]]), tagged(TAG, [*rows[:2], other[0]]))
s.case("joined", EDGE.replace("9f8e7d6c", "0a0a0a0a"), packed(lines([default, rows[0]])) + packed(lines([default, rows[1]])), tagged(TAG, rows[:2]))
s.case("joined_custom", EDGE.replace("9f8e7d6c", "0b0b0b0b"), lines([default, rows[0], " ".join(custom), other[0], "vpc-id", "vpc-0a1b2c3e"]), tagged(TAG, [rows[0], other[0], "vpc-0a1b2c3e"]))
s.case("empty", "AWSLogs/111122223333/vpcflowlogs/eu-west-1/2026/11/23/" + NAME.replace("9f8e7d6c", "0e0e0e0e"), lines([default]), [])
s.case(
    "damaged",
    "AWSLogs/111122223333/vpcflowlogs/eu-west-1/2026/11/23/" + NAME.replace("9f8e7d6c", "0d0d0d0d"),
    truncated(lines([default, *rows]), len(default) + 1 + len(rows[0]) + 1 + 30),
    tagged(TAG, rows[:1]),
    error="truncated gzip",
)
s.elsewhere(
    "AWSLogs/111122223333/vpcflowlogs/eu-west-1/2026/11/23/" + NAME.replace(".log.gz", ".log.parquet"),
    "AWSLogs/aws-account-id=111122223333/aws-service=other/aws-region=eu-west-1/year=2026/month=11/day=23/" + NAME,
    "AWSLogs/111122223333/vpcdnsquerylogs/vpc-0a1b2c3d/2026/11/23/vpc-0a1b2c3d_vpcdnsquerylogs_111122223333_20261123T0500Z_9f8e7d6c.log.gz",
)

cloudwatch.service(
    "aws_sqs_cloudwatch_vpc",
    "vpc",
    TAG,
    "/vpc/flow",
    [("eni-0a1b2c3d4e5f60718-all", rows[:2]), ("eni-0a1b2c3d4e5f60719-all", rows[2:])],
    elsewhere=["AWSLogs/111122223333/vpcflowlogs/eu-west-1/2026/11/23/" + NAME],
)
