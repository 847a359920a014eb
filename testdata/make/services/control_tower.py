"""Control Tower's bucket: objects of four services, each by its key."""

from cases import Service, compact, lines, tagged
from services.aws_json import CONFIG, history, items
from services.cloudtrail import full, key, login, tag
from services.vpc_flow import NAME, TAG, default, rows

ORG = "o-exampleorg1/AWSLogs/o-exampleorg1/111122223333/"

s = Service("aws_sqs_control_tower")
s.case("cloudtrail", key(prefix="o-exampleorg1/", org="o-exampleorg1/"), compact({"Records": [full, login]}), tagged(tag(), [full, login]))
s.case(
    "config",
    ORG + "Config/eu-west-1/2026/11/23/ConfigSnapshot/111122223333_Config_eu-west-1_ConfigSnapshot_20261123T050000Z_0a1b2c3d-0000-4000-8000-0a1b2c3d4e5f.json.gz",
    history(compact(items)),
    tagged(CONFIG, items),
)
s.case("vpc_flow", "o-exampleorg1/AWSLogs/111122223333/vpcflowlogs/eu-west-1/2026/11/23/" + NAME, lines([default, *rows]), tagged(TAG, rows))
columns = "date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status x-edge-result-type x-edge-request-id x-host-header"
hits = ["2026-11-23\t05:00:00\tAMS50-P1\t2390\t192.0.2.10\tGET\td0a1b2c3d4e5f6.cloudfront.net\t/a%20b\t200\tHit\t0a1b2c==\twww.example.com"]
s.case(
    "cloudfront",
    "cdn/E9Z8Y7X6W5V4U.2026-11-23-05.A1B2C3D4.gz",
    lines(["#Version: 1.0", "#Fields: " + columns, *hits]),
    tagged("cloud.aws.cloudfront.web_1", hits),
)
s.case("empty", key(prefix="o-exampleorg1/", org="o-exampleorg1/", unique="eMpTy00000000000"), '{"Records":[]}', [])
s.case(
    "damaged",
    key(prefix="o-exampleorg1/", org="o-exampleorg1/", unique="dAmAgEd000000000"),
    compact({"Records": [login, full]})[:-50],
    tagged(tag(), [login]),
    error="truncated JSON",
)
s.elsewhere(ORG + "GuardDuty/eu-west-1/2026/11/23/x.jsonl.gz", "2026-11-23-05-00-00-E568B2907131C0C0")
s.ignored(
    key(kind="CloudTrail-Digest", prefix="o-exampleorg1/", org="o-exampleorg1/"),
    "o-exampleorg1/AWSLogs/o-exampleorg1/111122223333/Config/ConfigWritabilityCheckFile",
)
