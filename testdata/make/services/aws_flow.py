"""Flow logs as text: Transit Gateway and Global Accelerator."""

from cases import UNPARSED, Service, compact, lines

# https://docs.aws.amazon.com/vpc/latest/tgw/tgw-flow-logs.html#flow-log-records
TRANSIT = dict(
    zip(
        "version resource-type account-id tgw-id tgw-attachment-id tgw-src-vpc-account-id tgw-dst-vpc-account-id"
        " tgw-src-vpc-id tgw-dst-vpc-id tgw-src-subnet-id tgw-dst-subnet-id tgw-src-eni tgw-dst-eni tgw-src-az-id"
        " tgw-dst-az-id tgw-pair-attachment-id srcaddr dstaddr srcport dstport protocol packets bytes start end"
        " log-status type packets-lost-no-route packets-lost-blackhole packets-lost-mtu-exceeded"
        " packets-lost-ttl-expired tcp-flags region flow-direction pkt-src-aws-service pkt-dst-aws-service".split(),
        [
            6, "TransitGateway", "111122223333", "tgw-0a1b2c3d4e5f60718", "tgw-attach-0a1b2c3d4e5f60718",
            "111122223333", "444455556666", "vpc-0a1b2c3d4e5f60718", "vpc-0b1b2c3d4e5f60718",
            "subnet-0a1b2c3d4e5f60718", "subnet-0b1b2c3d4e5f60718", "eni-0a1b2c3d4e5f60718", "eni-0b1b2c3d4e5f60718",
            "euw1-az1", "euw1-az3", "tgw-attach-0b1b2c3d4e5f60718", "192.0.2.10", "198.51.100.20", 49152, 443, 6, 12,
            3400, 1795410000, 1795410058, "OK", "IPv4", 0, 1, 0, 2, 19, "eu-west-1", "ingress", "-", "S3",
        ],
    )
)  # fmt: skip


def table(rows):
    """Rows as lines with a header, spaces between."""
    return lines([" ".join(rows[0]), *(" ".join(map(str, row.values())) for row in rows)])


def texts(rows):
    """Rows as JSON, every value text."""
    return [compact({k: str(v) for k, v in row.items()}) for row in rows]


HIVE = "AWSLogs/aws-account-id=111122223333/aws-service=vpcflowlogs/aws-region=eu-west-1/year=2026/month=11/day=23"

s = transit = Service("aws_transit_gateway_flow_text")
TAG = "my.app.aws.transit_gateway_flow"
NAME = "111122223333_vpcflowlogs_us-gov-west-1_fl-0a1b2c3d4e5f60718_20261123T0500Z_9f8e7d6c.log.gz"
FOLDER = "transit-gateway/AWSLogs/111122223333/vpcflowlogs/us-gov-west-1/2026/11/23"
rows = [
    TRANSIT,
    TRANSIT | {"srcaddr": "2001:db8::1", "dstaddr": "2001:db8::2", "type": "IPv6", "log-status": "SKIPDATA"},
]
s.case("default", f"{FOLDER}/{NAME}", table(rows), [(TAG, text) for text in texts(rows)])
few = [{k: row[k] for k in ("tgw-id", "dstaddr", "srcaddr", "bytes", "log-status")} for row in rows]
s.case(
    "hive_custom",
    f"logs/tgw/{HIVE.replace('eu-west-1', 'cn-north-1')}/hour=05/{NAME}",
    table(few),
    [(TAG, text) for text in texts(few)],
)
bare = table(rows).partition("\n")[2]
s.case("no_header", f"{FOLDER}/07/{NAME}", bare, [(UNPARSED, text) for text in bare.splitlines()])
s.case("joined", f"{FOLDER}/08/{NAME}", table(rows) + table(few), [(TAG, text) for text in texts(rows) + texts(few)])
s.case("empty", f"{FOLDER}/05/{NAME}", lines([" ".join(TRANSIT)]), [])
s.case(
    "damaged",
    f"{FOLDER}/06/{NAME}",
    table(few) + "tgw-0a1b2c3d4e5f60718 198.51.100.20\n" + table(few).splitlines()[1] + "\n",
    [*((TAG, text) for text in texts(few)), (UNPARSED, "tgw-0a1b2c3d4e5f60718 198.51.100.20"), (TAG, texts(few)[0])],
)
s.elsewhere(
    f"AWSLogs/111122223333/vpcflowlogs/us-gov-west-1/2026/11/23/{NAME}",
    f"{FOLDER}/{NAME.replace('gz', 'parquet')}",
    "transit-gateway/AWSLogs/111122223333/CloudTrail/eu-west-1/2026/11/23/x.log.gz",
)

s = Service("aws_global_accelerator")
TAG = "my.app.aws.global_accelerator"
NAME = "111122223333_globalaccelerator_0a1b2c3d-0000-4000-8000-0a1b2c3d4e5f_20261123T0505Z_9f8e7d6c.log.gz"
FOLDER = "AWSLogs/111122223333/globalaccelerator/us-west-2/2026/11/23"
ACCELERATED = dict(
    zip(
        "version aws_account_id accelerator_id client_ip client_port accelerator_ip accelerator_port endpoint_ip"
        " endpoint_port protocol ip_address_type packets bytes start_time end_time action log-status"
        " globalaccelerator_source_ip globalaccelerator_source_port endpoint_region globalaccelerator_region direction"
        " vpc_id reject_reason".split(),
        [
            "2.0", "111122223333", "0a1b2c3d-0000-4000-8000-0a1b2c3d4e5f", "192.0.2.10", 40001, "203.0.113.7", 443,
            "198.51.100.20", 443, "TCP", "IPV4", 10, 3400, 1795410000, 1795410010, "ACCEPT", "OK", "203.0.113.9", 5001,
            "eu-west-1", "AMS50-1", "INGRESS", "vpc-0a1b2c3d4e5f60718", "-",
        ],
    )
)  # fmt: skip
rows = [ACCELERATED, ACCELERATED | {"direction": "EGRESS", "action": "REJECT", "reject_reason": "endpoint-unhealthy"}]
records = [(TAG, text) for text in texts(rows)]
s.case("version_2", f"{FOLDER}/{NAME}", table(rows), records)
# The header of objects names three columns otherwise than the documentation does.
WRITTEN = {"accelerator_ip": "gip", "accelerator_port": "gip_port", "log-status": "log_status"}
first = [
    {WRITTEN.get(k, k): v for k, v in ACCELERATED.items() if k not in ("vpc_id", "reject_reason")} | {"version": "1.0"}
]
s.case(
    "version_1",
    f"edge/logs/{FOLDER.replace('us-west-2', 'eu-west-1')}/{NAME}",
    table(first),
    [(TAG, t) for t in texts(first)],
)
s.case("joined", f"{FOLDER}/{NAME.replace('0505', '0520')}", table(rows) + table(first), records + [(TAG, t) for t in texts(first)])
s.case("empty", f"{FOLDER}/{NAME.replace('0505', '0510')}", lines([" ".join(ACCELERATED)]), [])
s.case(
    "damaged",
    f"{FOLDER}/{NAME.replace('0505', '0515')}",
    table(rows[:1]) + "2.0 111122223333 0a1b2c3d\n" + table(rows[1:]).splitlines()[1] + "\n",
    [records[0], (UNPARSED, "2.0 111122223333 0a1b2c3d"), records[1]],
)
s.elsewhere(
    f"AWSLogs/111122223333/vpcflowlogs/us-west-2/2026/11/23/{NAME}",
    f"{FOLDER}/{NAME.replace('log.gz', 'json.gz')}",
    f"globalaccelerator/{NAME}",
)
