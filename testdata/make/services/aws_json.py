"""JSON that AWS services write themselves: Config, WAF, Route 53 Resolver."""

from cases import UNPARSED, Service, compact, jsonl, tagged

# --- AWS Config: https://docs.aws.amazon.com/config/latest/developerguide/config-item-table.html

items = [
    {
        "relatedEvents": [],
        "relationships": [{"resourceId": "vpc-0a1b2c3d", "resourceType": "AWS::EC2::VPC", "resourceName": "main", "name": "Is contained in Vpc"}],
        "configuration": {"description": "the shop's", "groupName": "shop", "ipPermissions": [{"fromPort": 443, "ipRanges": ["192.0.2.0/24"]}]},
        "supplementaryConfiguration": {"Policy": '{"Version":"2012-10-17"}'},
        "tags": {"Name": "shop"},
        "configurationItemVersion": "1.3",
        "configurationItemCaptureTime": "2026-11-23T05:00:00.123Z",
        "configurationStateId": 1795410000123,
        "configurationStateMd5Hash": "",
        "configurationItemDeliveryTime": "2026-11-23T05:00:05.000Z",
        "recordingFrequency": "CONTINUOUS",
        "awsAccountId": "111122223333",
        "configurationItemStatus": "OK",
        "resourceType": "AWS::EC2::SecurityGroup",
        "resourceId": "sg-0a1b2c3d",
        "resourceName": "shop",
        "ARN": "arn:aws:ec2:eu-west-1:111122223333:security-group/sg-0a1b2c3d",
        "awsRegion": "eu-west-1",
        "availabilityZone": "Not Applicable",
        "resourceCreationTime": "2026-01-01T00:00:00.000Z",
    },
    {
        "relationships": [],
        "configuration": None,
        "configurationItemVersion": "1.3",
        "configurationItemCaptureTime": "2026-11-23T05:00:01.123Z",
        "configurationStateId": 1795410001123,
        "awsAccountId": "111122223333",
        "configurationItemStatus": "ResourceDeleted",
        "resourceType": "AWS::S3::Bucket",
        "resourceId": "example-old",
        "ARN": "arn:aws:s3:::example-old",
        "awsRegion": "eu-west-1",
    },
]
CONFIG = "cloud.aws.configlogs.events"
HISTORY = "AWSLogs/111122223333/Config/eu-west-1/2026/11/3/ConfigHistory/111122223333_Config_eu-west-1_ConfigHistory_AWS::EC2::SecurityGroup_20261103T050000Z_20261103T060000Z_"


def history(text):
    return '{"fileVersion":"1.0","requestId":"0a1b2c3d-0000-4000-8000-0a1b2c3d4e5f","configurationItems":' + text + "}"


s = Service("aws_sqs_config")
s.case("history", HISTORY + "1.json.gz", history(compact(items)), tagged(CONFIG, items))
s.case(
    "snapshot_govcloud",
    "org/AWSLogs/o-exampleorg1/444455556666/Config/us-gov-west-1/2026/11/23/ConfigSnapshot/"
    "444455556666_Config_us-gov-west-1_ConfigSnapshot_20261123T050000Z_0a1b2c3d-0000-4000-8000-0a1b2c3d4e5f.json.gz",
    compact({"fileVersion": "1.0", "configSnapshotId": "0a1b2c3d-0000-4000-8000-0a1b2c3d4e5f", "configurationItems": items[:1]}),
    tagged(CONFIG, items[:1]),
)
s.case("empty", HISTORY + "2.json.gz", history("[]"), [])
s.case("damaged", HISTORY + "3.json.gz", history(compact(items))[:-40], tagged(CONFIG, items[:1]), error="truncated")
s.elsewhere(
    "AWSLogs/111122223333/CloudTrail/eu-west-1/2026/11/23/111122223333_CloudTrail_eu-west-1_20261123T0500Z_Mu0KsOhtH1ar15ZZ.json.gz",
    "AWSLogs/111122223333/Config/eu-west-1/",
)
OVERSIZED = "AWSLogs/111122223333/Config/%s/2026/11/3/OversizedChangeNotification/%s/111122223333_Config_%s_ChangeNotification_%s_20261103T050000Z_1795410000123.json.gz"
s.ignored(
    "AWSLogs/111122223333/Config/ConfigWritabilityCheckFile",
    "org/AWSLogs/o-exampleorg1/444455556666/Config/ConfigWritabilityCheckFile",
    OVERSIZED % ("eu-west-1", "AWS::EC2::SecurityGroup/sg-0a1b2c3d", "eu-west-1", "AWS::EC2::SecurityGroup_sg-0a1b2c3d"),
    "p/" + OVERSIZED % ("global", "AWS::IAM::Policy", "global", "AWS::IAM::Policy_ANPAEXAMPLEPOLICYID"),
)

# --- WAF: https://docs.aws.amazon.com/waf/latest/developerguide/logging-fields.html

requests = [
    {
        "timestamp": 1795410000123,
        "formatVersion": 1,
        "webaclId": "arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/shop/0a1b2c3d-0000-4000-8000-0a1b2c3d4e5f",
        "terminatingRuleId": "no-sql",
        "terminatingRuleType": "REGULAR",
        "action": "BLOCK",
        "terminatingRuleMatchDetails": [{"conditionType": "SQL_INJECTION", "sensitivityLevel": "HIGH", "location": "HEADER", "matchedData": ["10", "AND", "1"]}],
        "httpSourceName": "ALB",
        "httpSourceId": "111122223333-app/shop/0a1b2c3d4e5f6071",
        "ruleGroupList": [
            {
                "ruleGroupId": "AWS#AWSManagedRulesCommonRuleSet",
                "terminatingRule": None,
                "nonTerminatingMatchingRules": [
                    {"ruleId": "NoUserAgent_HEADER", "action": "COUNT", "overriddenAction": "BLOCK", "ruleMatchDetails": []},
                ],
                "excludedRules": [{"exclusionType": "EXCLUDED_AS_COUNT", "ruleId": "SizeRestrictions_BODY"}],
                "customerConfig": None,
            },
            {
                "ruleGroupId": "arn:aws:wafv2:eu-west-1:111122223333:regional/rulegroup/own/0a1b2c3d-0000-4000-8000-0a1b2c3d4e61",
                "terminatingRule": {
                    "ruleId": "no-sql",
                    "action": "BLOCK",
                    "ruleMatchDetails": [{"conditionType": "XSS", "sensitivityLevel": None, "location": "BODY", "matchedData": ["<", "script"]}],
                },
                "nonTerminatingMatchingRules": [],
                "excludedRules": None,
                "customerConfig": None,
            },
        ],
        "rateBasedRuleList": [{"rateBasedRuleId": "r", "rateBasedRuleName": "flood", "limitKey": "IP", "maxRateAllowed": 100, "evaluationWindowSec": 300, "limitValue": "203.0.113.9"}, {"rateBasedRuleId": "k", "rateBasedRuleName": "by-key", "limitKey": "CUSTOMKEYS", "maxRateAllowed": 50, "evaluationWindowSec": 60, "customValues": [{"key": "HEADER", "name": "x-key", "value": "a"}, {"key": "METHOD", "value": "GET"}]}],
        "nonTerminatingMatchingRules": [{"ruleId": "count", "action": "COUNT", "ruleMatchDetails": []}],
        "requestHeadersInserted": [{"name": "x-waf", "value": "1"}],
        "responseCodeSent": 403,
        "httpRequest": {
            "clientIp": "203.0.113.9",
            "country": "XX",
            "headers": [{"name": "Host", "value": "shop.example.com"}, {"name": "x", "value": 'a"}\\]'}],
            "uri": "/a",
            "args": "b=1 or 1=1",
            "httpVersion": "HTTP/2.0",
            "httpMethod": "GET",
            "requestId": "1-6922a1d0-0a1b2c3d4e5f607182930415",
            "fragment": "top",
            "scheme": "https",
            "host": "shop.example.com",
        },
        "labels": [{"name": "awswaf:managed:aws:core-rule-set:NoUserAgent"}],
        "captchaResponse": {"responseCode": 405, "failureReason": "TOKEN_MISSING"},
        "challengeResponse": {"responseCode": 202, "failureReason": "TOKEN_MISSING", "solveTimestamp": 1795409000},
        "ja3Fingerprint": "0123456789abcdef0123456789abcdef",
        "ja4Fingerprint": "t13d1516h2_8daaf6152771_e5627efa2ab1",
        "oversizeFields": ["REQUEST_BODY"],
        "requestBodySize": 20000,
        "requestBodySizeInspectedByWAF": 8192,
        "clientAsn": 64500,
        "forwardedAsn": 64501,
    },
    {
        "timestamp": 1795410000456,
        "formatVersion": 1,
        "webaclId": "arn:aws:wafv2:us-east-1:111122223333:global/webacl/site/0a1b2c3d-0000-4000-8000-0a1b2c3d4e60",
        "terminatingRuleId": "Default_Action",
        "terminatingRuleType": "REGULAR",
        "action": "ALLOW",
        "terminatingRuleMatchDetails": [],
        "httpSourceName": "CF",
        "cfDistributionTenantId": "dt_0a1b2c3d4e5f60718293a4b5c6d",
        "httpSourceId": "E2EXAMPLE1234",
        "ruleGroupList": [],
        "rateBasedRuleList": [],
        "nonTerminatingMatchingRules": [],
        "requestHeadersInserted": None,
        "responseCodeSent": None,
        "httpRequest": {"clientIp": "2001:db8::9", "country": "XX", "headers": [], "uri": "/", "args": "", "httpVersion": "HTTP/1.1", "httpMethod": "GET", "requestId": "aGVsbG8="},
    },
]
WAF = "cloud.aws.waf.logs"
ACL = "AWSLogs/111122223333/WAFLogs/eu-west-1/shop/2026/11/23/05/00/111122223333_waflogs_eu-west-1_shop_20261123T0500Z_"

s = Service("aws_sqs_waf")
s.case("regional", ACL + "9f8e7d6c.log.gz", jsonl(requests[:1]), tagged(WAF, requests[:1]))
s.case(
    "cloudfront_with_a_prefix",
    "waf/AWSLogs/111122223333/WAFLogs/cloudfront/site/2026/11/23/05/05/111122223333_waflogs_cloudfront_site_20261123T0505Z_1a2b3c4d.log.gz",
    jsonl(requests[1:] * 2),
    tagged(WAF, requests[1:] * 2),
)
s.case(
    "firehose",
    "2026/11/23/05/aws-waf-logs-shop-1-2026-11-23-05-00-12-0a1b2c3d-0000-4000-8000-0a1b2c3d4e5f",
    "".join(compact(r) for r in requests),
    tagged(WAF, requests),
)
s.case("empty", ACL + "0e0e0e0e.log.gz", "", [])
torn = compact(requests[0])[:500]
s.case("damaged", ACL + "0d0d0d0d.log.gz", jsonl(requests[1:]) + torn + "\n" + jsonl(requests[:1]), tagged(WAF, requests[1:]) + [(UNPARSED, torn)] + tagged(WAF, requests[:1]))
s.elsewhere(
    "AWSLogs/111122223333/elasticloadbalancing/eu-west-1/2026/11/23/111122223333_elasticloadbalancing_eu-west-1_app.shop.0a1b2c3d4e5f6071_20261123T0500Z_192.0.2.20_20sg8hgm.log.gz",
    "2026/11/23/05/other-1-2026-11-23-05-00-12-0a1b2c3d-0000-4000-8000-0a1b2c3d4e5f",
    "AWSLogs/111122223333/WAFLogs/eu-west-1/shop/",
)

# --- Route 53 Resolver: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resolver-query-logs-format.html

queries = [
    {
        "version": "1.100000",
        "account_id": "111122223333",
        "region": "eu-west-1",
        "vpc_id": "vpc-0a1b2c3d",
        "query_timestamp": "2026-11-23T05:00:00Z",
        "query_name": "shop.example.com.",
        "query_type": "A",
        "query_class": "IN",
        "rcode": "NOERROR",
        "answers": [{"Rdata": "192.0.2.10", "Type": "A", "Class": "IN"}, {"Rdata": "web.example.com.", "Type": "CNAME", "Class": "IN"}],
        "srcaddr": "192.0.2.11",
        "srcport": "40000",
        "transport": "UDP",
        "srcids": {"instance": "i-0a1b2c3d", "resolver_endpoint": "rslvr-in-0a1b", "resolver_network_interface": "rni-0a1b"},
        "firewall_rule_action": "ALERT",
        "firewall_rule_group_id": "rslvr-frg-0a1b",
        "firewall_domain_list_id": "rslvr-fdl-0a1b",
        "additional_properties": {"is_delayed": "true"},
    },
    {
        "version": "1.100000",
        "account_id": "111122223333",
        "region": "eu-west-1",
        "vpc_id": "vpc-0a1b2c3d",
        "query_timestamp": "2026-11-23T05:00:01Z",
        "query_name": "no.example.com.",
        "query_type": "AAAA",
        "query_class": "IN",
        "rcode": "NXDOMAIN",
        "answers": [],
        "srcaddr": "2001:db8::11",
        "srcport": "40001",
        "transport": "TCP",
        "srcids": {"instance": "i-0a1b2c3d"},
    },
]
DNS = "dns.aws.route53"
VPC = "AWSLogs/111122223333/vpcdnsquerylogs/vpc-0a1b2c3d/2026/11/23/vpc-0a1b2c3d_vpcdnsquerylogs_111122223333_20261123T0500Z_"

s = Service("aws_sqs_route53")
s.case("queries", VPC + "9f8e7d6c.log.gz", jsonl(queries), tagged(DNS, queries))
s.case(
    "with_a_prefix",
    "dns/all/AWSLogs/444455556666/vpcdnsquerylogs/vpc-0a1b2c3e/2026/11/23/vpc-0a1b2c3e_vpcdnsquerylogs_444455556666_20261123T0505Z_1a2b3c4d.log.gz",
    jsonl(queries[1:]),
    tagged(DNS, queries[1:]),
)
s.case("empty", VPC + "0e0e0e0e.log.gz", "", [])
s.case("damaged", VPC + "0d0d0d0d.log.gz", '{"version":"1.1\n' + jsonl(queries[:1]), [(UNPARSED, '{"version":"1.1')] + tagged(DNS, queries[:1]))
s.elsewhere(
    "AWSLogs/111122223333/vpcflowlogs/eu-west-1/2026/11/23/111122223333_vpcflowlogs_eu-west-1_fl-0a1b2c3d4e5f60718_20261123T0500Z_9f8e7d6c.log.gz",
    "AWSLogs/111122223333/vpcdnsquerylogs/vpc-0a1b2c3d/2026/11/23/",
)
