"""What AWS writes as parquet: flow logs, CloudFront, Security Lake, Cost and Usage, S3 Inventory."""

import datetime

import parquet
import pyarrow
from cases import Service, stands_for
from services import aws_edge, aws_flow, aws_reports

ACCOUNT = "111122223333"
TEXT, INT, LONG, BOOL, DOUBLE = pyarrow.string(), pyarrow.int32(), pyarrow.int64(), pyarrow.bool_(), pyarrow.float64()
TIME = pyarrow.timestamp("ms", "UTC")
MAP = pyarrow.map_(TEXT, TEXT)


def service(name, tag, schema, rows, keys, elsewhere):
    """The testdata of a service: keys are those of two good objects, an empty and a damaged one."""
    s = Service(name)
    records = [(tag, parquet.record(schema, row)) for row in rows]
    rows = [{k: list(v.items()) if (k, MAP) in schema else v for k, v in row.items()} for row in rows]
    s.case("first", keys[0], parquet.write(schema, rows), records)
    s.case("second", keys[1], parquet.write(schema, rows[1:], "gzip"), records[1:])
    s.case("empty", keys[2], parquet.write(schema, []), [])
    s.case("damaged", keys[3], parquet.write(schema, rows)[:-9], [], "no footer")
    s.elsewhere(*elsewhere)
    return s


# https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html
ECS = f"arn:aws:ecs:eu-west-1:{ACCOUNT}"
VPC = {
    "version": 11,
    "account_id": ACCOUNT,
    "interface_id": "eni-0a1b2c3d4e5f60718",
    "srcaddr": "192.0.2.10",
    "dstaddr": "198.51.100.20",
    "srcport": 49152,
    "dstport": 443,
    "protocol": 6,
    "packets": 12,
    "bytes": 2**40,
    "start": 1795410000,
    "end": 1795410058,
    "action": "ACCEPT",
    "log_status": "OK",
    "vpc_id": "vpc-0a1b2c3d4e5f60718",
    "subnet_id": "subnet-0a1b2c3d4e5f60718",
    "instance_id": "i-0a1b2c3d4e5f60718",
    "tcp_flags": 19,
    "type": "IPv4",
    "pkt_srcaddr": "192.0.2.10",
    "pkt_dstaddr": "198.51.100.20",
    "region": "eu-west-1",
    "az_id": "euw1-az2",
    "sublocation_type": "wavelength",
    "sublocation_id": "sub-1",
    "pkt_src_aws_service": "S3",
    "pkt_dst_aws_service": "EC2",
    "flow_direction": "egress",
    "traffic_path": 8,
    "ecs_cluster_arn": f"{ECS}:cluster/shop",
    "ecs_cluster_name": "shop",
    "ecs_container_instance_arn": f"{ECS}:container-instance/shop/0a1b",
    "ecs_container_instance_id": "0a1b",
    "ecs_container_id": "0a1b-1",
    "ecs_second_container_id": "0a1b-2",
    "ecs_service_name": "orders",
    "ecs_task_definition_arn": f"{ECS}:task-definition/orders:7",
    "ecs_task_arn": f"{ECS}:task/shop/9f8e",
    "ecs_task_id": "9f8e",
    "reject_reason": "BPA",
    "resource_id": "eni-0a1b2c3d4e5f60718",
    "encryption_status": 1,
    "instance_tag": "shop%20web",
    "instance_tag_2": "blue",
    "interface_tag": "front",
    "interface_tag_2": "caf%C3%A9",
    "asg_tag": "web",
    "asg_tag_2": "eu",
    "interface_type": "nat_gateway",
    "next_hop_interface_id": "eni-0a1b2c3d4e5f6071a",
    "next_hop_subnet_id": "subnet-0a1b2c3e",
    "next_hop_az_id": "euw1-az3",
    "next_hop_vpc_id": "vpc-0a1b2c3e",
    "next_hop_interface_type": "transit_gateway",
}
BIG = ("packets", "bytes", "start", "end")
NODATA = dict.fromkeys(["srcaddr", "dstaddr", "srcport", "dstport", "protocol", "packets", "bytes", "action"]) | {
    "log_status": "NODATA"
}
NAME = f"{ACCOUNT}_vpcflowlogs_eu-west-1_fl-0a1b2c3d4e5f60718_20261123T0500Z_9f8e7d6c.log.parquet"
DAY = f"AWSLogs/{ACCOUNT}/vpcflowlogs/eu-west-1/2026/11/23"
service(
    "aws_vpc_parquet",
    "my.app.aws.vpc_flow",
    [(k, TEXT if isinstance(v, str) else LONG if k in BIG else INT) for k, v in VPC.items()],
    [VPC, VPC | {"action": "REJECT", "traffic_path": None}, VPC | NODATA],
    [f"{DAY}/{NAME}", f"net/{aws_flow.HIVE}/hour=05/{NAME}", f"{aws_flow.HIVE}/{NAME}", f"{DAY}/05/{NAME}"],
    [f"{DAY}/{NAME.replace('parquet', 'gz')}", f"{DAY.replace('vpcflowlogs', 'other')}/{NAME}", f"vpcflowlogs/{NAME}"],
)

TRANSIT = {k.replace("-", "_"): v for k, v in aws_flow.TRANSIT.items()}
s = service(
    "aws_transit_gateway_flow_parquet",
    "my.app.aws.transit_gateway_flow",
    [(k, TEXT if isinstance(v, str) else LONG if k in BIG or k.startswith("packets_") else INT) for k, v in TRANSIT.items()],
    [TRANSIT, TRANSIT | {"srcport": None, "dstport": None, "log_status": "SKIPDATA"}],
    [
        f"transit-gateway/{DAY}/{NAME}",
        f"logs/tgw/{aws_flow.HIVE}/{NAME}",
        f"tgw/{DAY}/05/{NAME}",
        f"tgw/{DAY}/06/{NAME}",
    ],
    [f"{DAY}/{NAME}", f"tgw/{DAY}/{NAME.replace('parquet', 'gz')}"],
)
stands_for("aws_transit_gateway_flow", aws_flow.transit, s, elsewhere=[f"{DAY}/{NAME}", f"{DAY}/{NAME.replace('parquet', 'gz')}"])

# As tables for Athena name them; CloudFront's own list has the names of the text.
FIELDS = [f.replace("(", "_").replace(")", "").replace("-", "_").lower() for f in aws_edge.FIELDS]
BELOW, HIVE = aws_edge.BELOW + ".parquet", f"cdn/{aws_edge.HIVE}/hour=05/E1A2B3C4D5E6F7.2026-11-23-05.0a1b2c3d.parquet"
s = service(
    "aws_cloudfront_v2_parquet",
    "my.app.aws.cloudfront",
    [(f, TEXT) for f in FIELDS],
    [dict(zip(FIELDS, aws_edge.VALUES)), dict(zip(FIELDS, aws_edge.MISS)) | {"cs_referer": None}],
    [BELOW, HIVE, BELOW.replace("23-05", "23-06"), BELOW.replace("23-05", "23-07")],
    [aws_edge.BELOW + ".gz", "cdn/E1A2B3C4D5E6F7.2026-11-23-05.0a1b2c3d.parquet"],
)
LEGACY = "cdn/E1A2B3C4D5E6F7.2026-11-23-05.0a1b2c3d"
stands_for("aws_cloudfront_v2", aws_edge.v2, s, elsewhere=[LEGACY + ".gz", LEGACY + ".parquet"])

# https://schema.ocsf.io/1.1.0/classes/api_activity, as far as Security Lake fills it for CloudTrail
group = pyarrow.struct
USER = group([("type", TEXT), ("name", TEXT), ("uid_alt", TEXT), ("uid", TEXT), ("credential_uid", TEXT)])
OWNER = group([("account", group([("uid", TEXT)]))])
PRODUCT = group([("version", TEXT), ("name", TEXT), ("vendor_name", TEXT), ("feature", group([("name", TEXT)]))])
API = [
    ("response", group([("error", TEXT), ("message", TEXT), ("data", TEXT)])),
    ("operation", TEXT),
    ("version", TEXT),
    ("service", group([("name", TEXT)])),
    ("request", group([("data", TEXT), ("uid", TEXT)])),
]
OCSF = [
    (
        "metadata",
        group(
            [
                ("product", PRODUCT),
                ("event_code", TEXT),
                ("uid", TEXT),
                ("profiles", pyarrow.list_(TEXT)),
                ("version", TEXT),
            ]
        ),
    ),
    ("time", LONG),
    ("time_dt", TIME),
    ("cloud", group([("region", TEXT), ("account", group([("uid", TEXT)])), ("provider", TEXT)])),
    ("api", group(API)),
    ("actor", group([("user", USER), ("session", group([("created_time_dt", TIME), ("is_mfa", BOOL)]))])),
    ("http_request", group([("user_agent", TEXT)])),
    ("src_endpoint", group([("uid", TEXT), ("ip", TEXT), ("domain", TEXT)])),
    ("resources", pyarrow.list_(group([("uid", TEXT), ("owner", OWNER), ("type", TEXT)]))),
    ("class_name", TEXT),
    ("class_uid", INT),
    ("category_name", TEXT),
    ("category_uid", INT),
    ("severity_id", INT),
    ("severity", TEXT),
    ("user", USER),
    ("activity_name", TEXT),
    ("activity_id", INT),
    ("type_uid", LONG),
    ("type_name", TEXT),
    ("status", TEXT),
    ("is_alert", BOOL),
    ("unmapped", MAP),
    ("accountid", TEXT),
    ("region", TEXT),
    ("asl_version", TEXT),
    ("observables", pyarrow.list_(group([("name", TEXT), ("value", TEXT), ("type_id", INT)]))),
]
WHEN = datetime.datetime(2026, 11, 23, 5, 3, 12, 344000, datetime.timezone.utc)
ALICE = {"type": "IAMUser", "name": "alice", "uid_alt": None, "uid": "AIDAEXAMPLE", "credential_uid": "AKIAEXAMPLE"}
PUT = {
    "metadata": {
        "product": {"version": "1.10", "name": "CloudTrail", "vendor_name": "AWS", "feature": {"name": "Management"}},
        "event_code": "AwsApiCall",
        "uid": "0a1b2c3d-0000-4000-8000-0a1b2c3d4e5f",
        "profiles": ["cloud", "datetime"],
        "version": "1.1.0",
    },
    "time": 1795410192344,
    "time_dt": WHEN,
    "cloud": {"region": "eu-west-1", "account": {"uid": ACCOUNT}, "provider": "AWS"},
    "api": {
        "response": {"error": None, "message": None, "data": '{"ok":true}'},
        "operation": "PutObject",
        "version": None,
        "service": {"name": "s3.amazonaws.com"},
        "request": {"data": '{"bucket":"é"}', "uid": "R1"},
    },
    "actor": {"user": ALICE, "session": {"created_time_dt": WHEN, "is_mfa": False}},
    "http_request": {"user_agent": "aws-cli/2"},
    "src_endpoint": {"uid": None, "ip": "192.0.2.10", "domain": None},
    "resources": [{"uid": "arn:aws:s3:::example", "owner": {"account": {"uid": ACCOUNT}}, "type": "AWS::S3::Bucket"}],
    "class_name": "API Activity",
    "class_uid": 6003,
    "category_name": "Application Activity",
    "category_uid": 6,
    "severity_id": 1,
    "severity": "Informational",
    "user": ALICE,
    "activity_name": "Create",
    "activity_id": 1,
    "type_uid": 600301,
    "type_name": "API Activity: Create",
    "status": "Success",
    "is_alert": None,
    "unmapped": {"recipientAccountId": ACCOUNT, "eventType": "AwsApiCall"},
    "accountid": ACCOUNT,
    "region": "eu-west-1",
    "asl_version": "2.0",
    "observables": [{"name": "src_endpoint.ip", "value": "192.0.2.10", "type_id": 2}],
}
# The same of source version 1: OCSF 1.0.0-rc.2, and products are named otherwise.
FIRST = PUT | {
    "metadata": PUT["metadata"] | {"version": "1.0.0-rc.2"},
    "class_name": "Account Change",
    "class_uid": 3001,
    "category_name": "Audit Activity",
    "category_uid": 3,
    "activity_name": "Create",
    "type_uid": 300101,
    "type_name": "Account Change: Create",
    "status": "Failure",
}
DAY = f"region=eu-west-1/accountId={ACCOUNT}/eventDay=20261123"
LAKE = f"{DAY}/0a1b2c3d4e5f60718.gz.parquet"
OUTSIDE = LAKE.replace("eu-west-1", "us-gov-west-1").replace(ACCOUNT, "external_example-7")
s = service(
    "aws_security_lake",
    "cloud.aws.security_lake.event",
    OCSF,
    [PUT, PUT | {"http_request": None, "user": None, "resources": [], "is_alert": True, "severity_id": 3}],
    [f"aws/CLOUD_TRAIL_MGMT/2.0/{LAKE}", f"ext/example-proxy/{OUTSIDE}", f"aws/VPC_FLOW/1.0/{LAKE}", f"aws/ROUTE53/2.0/{LAKE}"],
    [
        f"other/CLOUD_TRAIL_MGMT/2.0/{LAKE}",
        f"aws/CLOUD_TRAIL_MGMT/2.0/{LAKE.replace('eventDay', 'day')}",
        f"ext/example-proxy/1.0/{DAY}/",
    ],
)
s.ignored("aws/CLOUD_TRAIL_MGMT/2.0/metadata/0a1b2c3d.avro", "aws/VPC_FLOW/2.0/metadata/00007-0a1b2c3d.metadata.json")
s.case(
    "first_version",
    f"aws/CLOUD_TRAIL_MGMT/1.0/{LAKE}",
    parquet.write(OCSF, [{k: list(v.items()) if (k, MAP) in OCSF else v for k, v in FIRST.items()}]),
    [("cloud.aws.security_lake.event", parquet.record(OCSF, FIRST))],
)
s.case(
    "custom_version",
    f"ext/example_dns/2026-beta/{DAY}/part-0000",
    parquet.write(OCSF, [{k: list(v.items()) if (k, MAP) in OCSF else v for k, v in PUT.items()}], "gzip"),
    [("cloud.aws.security_lake.event", parquet.record(OCSF, PUT))],
)

MONTH = datetime.datetime(2026, 11, 1, tzinfo=datetime.timezone.utc)
KINDS = {"date": (TIME, MONTH), "map": (MAP, {"team": "shop é"}), "amount": (DOUBLE, 0.0116), "text": (TEXT, "x")}
USED = {column: KINDS[aws_reports.usage_kind(column)][1] for column in aws_reports.USAGE}
COSTS = f"{aws_reports.DATA}/daily-0000%d.snappy.parquet"
s = service(
    "aws_cur_parquet",
    "my.app.aws.cur",
    [(column, KINDS[aws_reports.usage_kind(column)][0]) for column in aws_reports.USAGE],
    [USED, USED | {"line_item_line_item_type": "Tax", "line_item_resource_id": None, "line_item_unblended_cost": -1.5}],
    [
        COSTS % 1,
        "a/" + COSTS.replace("daily-", "2026-11-23T05:00:12.344Z-0a1b2c3d-0000-4000-8000-0a1b2c3d4e5f/daily-") % 2,
        COSTS % 3,
        COSTS % 4,
    ],
    [COSTS.replace("snappy.parquet", "csv.gz") % 1, COSTS.replace("BILLING_PERIOD", "date") % 1],
)
s.ignored(*aws_reports.BESIDE)
stands_for("aws_cur", aws_reports.cur, s, elsewhere=[COSTS.replace("BILLING_PERIOD", "date") % 1, COSTS.replace("parquet", "orc") % 1])

NAMES = [
    "e_tag" if n == "ETag" else "".join("_" + c.lower() if c.isupper() else c for c in n)[1:]
    for n in aws_reports.STORED
]
INVENTORY = aws_reports.INVENTORY + "/%da1b2c3d-0000-4000-8000-0a1b2c3d4e5f.parquet"


def column(name):
    if name.endswith("_date"):
        return TIME, lambda text: datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    if name.startswith("is_"):
        return BOOL, lambda text: text == "true"
    if name == "object_lock_event_hold_duration":
        return INT, int
    return (LONG, int) if name == "size" else (TEXT, str)


def row(values):
    return {name: column(name)[1](text) if text else None for name, text in zip(NAMES, values.values())}


s = service(
    "aws_s3_inventory_parquet",
    "my.app.aws.s3_inventory",
    [(name, column(name)[0]) for name in NAMES],
    [row(aws_reports.STORED), row(aws_reports.DELETED)],
    [INVENTORY % 0, f"inventories/{ACCOUNT}/{INVENTORY}" % 1, INVENTORY % 2, INVENTORY % 3],
    [(INVENTORY % 0).replace("parquet", "orc"), (INVENTORY % 0).replace("parquet", "csv.gz")],
)
s.ignored(*aws_reports.LISTS)
stands_for("aws_s3_inventory", aws_reports.inventory, s, elsewhere=[INVENTORY.replace("data", "x") % 0, INVENTORY.replace("parquet", "json") % 0])
