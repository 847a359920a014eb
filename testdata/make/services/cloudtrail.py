"""CloudTrail: trails' objects, and events through EventBridge and Firehose."""

import json

from cases import UNPARSED, Service, compact, jsonl, tagged


def key(region="eu-west-1", prefix="", org="", kind="CloudTrail", account="111122223333", unique="Mu0KsOhtH1ar15ZZ"):
    return f"{prefix}AWSLogs/{org}{account}/{kind}/{region}/2026/11/23/{account}_{kind}_{region}_20261123T0500Z_{unique}.json.gz"


def tag(account="111122223333", region="eu-west-1"):
    return f"cloud.aws.cloudtrail.events.{account}.{region}"


# Every field of an event and of its userIdentity that trails have: eventContext is of event data stores alone.
full = {
    "eventVersion": "1.11",
    "userIdentity": {
        "type": "AssumedRole",
        "principalId": "AROAEXAMPLEROLEID:session",
        "arn": "arn:aws:sts::111122223333:assumed-role/app/session",
        "accountId": "111122223333",
        "accessKeyId": "ASIAEXAMPLEKEYID0001",
        "userName": "app",
        "sessionContext": {
            "sessionIssuer": {
                "type": "Role",
                "principalId": "AROAEXAMPLEROLEID",
                "arn": "arn:aws:iam::111122223333:role/app",
                "accountId": "111122223333",
                "userName": "app",
            },
            "webIdFederationData": {"federatedProvider": "arn:aws:iam::111122223333:oidc-provider/idp.example.com", "attributes": {}},
            "attributes": {"creationDate": "2026-11-23T04:00:00Z", "mfaAuthenticated": "true"},
            "sourceIdentity": "jane",
            "ec2RoleDelivery": "2.0",
            "assumedRoot": "false",
        },
        "inScopeOf": {
            "sourceArn": "arn:aws:lambda:eu-west-1:111122223333:function:f",
            "sourceAccount": "111122223333",
            "issuerType": "AWS::Lambda::Function",
            "credentialsIssuedTo": "arn:aws:lambda:eu-west-1:111122223333:function:f",
        },
        "invokedBy": "cloudformation.amazonaws.com",
        "invokedByDelegate": {"accountId": "444455556666"},
        "identityProvider": "idp.example.com",
        "onBehalfOf": {"userId": "0a1b2c3d-1111", "identityStoreArn": "arn:aws:identitystore::111122223333:identitystore/d-0123456789"},
        "credentialId": "EXAMPLECREDENTIAL",
    },
    "eventTime": "2026-11-23T05:00:01Z",
    "eventSource": "s3.amazonaws.com",
    "eventName": "PutObject",
    "awsRegion": "eu-west-1",
    "sourceIPAddress": "203.0.113.9",
    "userAgent": '[aws-cli/2.27 "quoted" é]}',
    "errorCode": "AccessDenied",
    "errorMessage": "Access Denied\nfor this \\ key",
    "requestParameters": {"bucketName": "example-shop", "Records": [{"nested": [1, 2.50, {"x": "]}"}]}], "key": "a/b c"},
    "responseElements": None,
    "additionalEventData": {"SignatureVersion": "SigV4", "bytesTransferredIn": 0},
    "requestID": "EXAMPLE123456789",
    "eventID": "5a0f1c5e-0000-4000-8000-000000000001",
    "readOnly": False,
    "resources": [{"type": "AWS::S3::Object", "ARN": "arn:aws:s3:::example-shop/a/b c", "accountId": "111122223333"}],
    "eventType": "AwsApiCall",
    "apiVersion": "2006-03-01",
    "managementEvent": False,
    "recipientAccountId": "111122223333",
    "serviceEventDetails": {"state": "x"},
    "sharedEventID": "5a0f1c5e-0000-4000-8000-0000000000aa",
    "vpcEndpointId": "vpce-0a1b2c3d",
    "vpcEndpointAccountId": "111122223333",
    "eventCategory": "Data",
    "addendum": {"reason": "UPDATED_DATA", "updatedFields": "responseElements", "originalRequestID": "EXAMPLE123456788", "originalEventID": "5a0f1c5e-0000-4000-8000-000000000000"},
    "sessionCredentialFromConsole": "true",
    "edgeDeviceDetails": "snow",
    "tlsDetails": {"tlsVersion": "TLSv1.3", "cipherSuite": "TLS_AES_128_GCM_SHA256", "clientProvidedHostHeader": "s3.eu-west-1.amazonaws.com"},
}

login = {
    "eventVersion": "1.11",
    "userIdentity": {"type": "Root", "principalId": "111122223333", "arn": "arn:aws:iam::111122223333:root", "accountId": "111122223333"},
    "eventTime": "2026-11-23T05:00:02Z",
    "eventSource": "signin.amazonaws.com",
    "eventName": "ConsoleLogin",
    "awsRegion": "eu-west-1",
    "sourceIPAddress": "2001:db8::9",
    "userAgent": "Mozilla/5.0",
    "requestParameters": None,
    "responseElements": {"ConsoleLogin": "Success"},
    "eventID": "5a0f1c5e-0000-4000-8000-000000000002",
    "readOnly": False,
    "eventType": "AwsConsoleSignIn",
    "managementEvent": True,
    "recipientAccountId": "111122223333",
    "eventCategory": "Management",
}


def insight(state, number):
    return {
        "eventVersion": "1.11",
        "eventTime": f"2026-11-23T05:0{number}:00Z",
        "awsRegion": "us-gov-west-1",
        "eventID": f"5a0f1c5e-0000-4000-8000-0000000001{number:02}",
        "eventType": "AwsCloudTrailInsight",
        "recipientAccountId": "444455556666",
        "sharedEventID": "5a0f1c5e-0000-4000-8000-0000000000bb",
        "insightDetails": {
            "state": state,
            "eventSource": "autoscaling.amazonaws.com",
            "eventName": "CompleteLifecycleAction",
            "insightType": "ApiErrorRateInsight",
            "errorCode": "Throttling",
            "insightContext": {
                "statistics": {"baseline": {"average": 9.8e-05}, "insight": {"average": 5.0}, "insightDuration": 1, "baselineDuration": 10181},
                "attributions": [
                    {
                        "attribute": attribute,
                        "insight": [{"value": value, "average": 5.0}],
                        "baseline": [{"value": value, "average": 9.8e-05}],
                    }
                    for attribute, value in (
                        ("userIdentityArn", "arn:aws:sts::444455556666:assumed-role/scaler"),
                        ("userAgent", "autoscaling.amazonaws.com"),
                        ("errorCode", "null"),
                        ("resourceArn", "arn:aws:s3:::example-shop"),
                    )
                ],
            },
        },
        "eventCategory": "Insight",
    }


s = Service("aws_sqs_cloudtrail")
events = [full, login]
s.case("trail", key(), compact({"Records": events}), tagged(tag(), events))

pretty = json.dumps({"Records": events}, indent=2, ensure_ascii=False)
between = pretty[pretty.index("[") + 1 : pretty.rindex("]")]
# An element is sent as it stands, its line breaks as spaces.
first, second = between.strip().split(",\n    {", 1)
s.case(
    "organization_indented",
    key(prefix="org logs/", org="o-exampleorg1/", region="us-east-1", unique="9fXQp2kLmN0aBcDe"),
    pretty,
    [(tag(region="us-east-1"), text.replace("\n", " ")) for text in (first, "{" + second)],
)
insights = [insight("Start", 1), insight("End", 2)]
govcloud = {"region": "us-gov-west-1", "account": "444455556666"}
s.case("insight_govcloud", key(kind="CloudTrail-Insight", **govcloud), compact({"Records": insights}), tagged(tag("444455556666", "us-gov-west-1"), insights))
network = {**login, "eventType": "AwsVpceEvents", "eventCategory": "NetworkActivity", "vpcEndpointId": "vpce-0a1b2c3d", "awsRegion": "cn-north-1"}
s.case(
    "network_activity_china",
    key(kind="CloudTrail-NetworkActivity", region="cn-north-1"),
    compact({"Records": [network]}),
    tagged(tag(region="cn-north-1"), [network]),
)
s.case(
    "by_event_source",
    key(unique="bYeVeNtSoUrCe000"),
    compact({"Records": [full, {**login, "eventSource": "waf-regional.amazonaws.com"}]}),
    tagged("cloud.aws.cloudtrail.s3", [full]) + tagged("cloud.aws.cloudtrail.waf_regional", [{**login, "eventSource": "waf-regional.amazonaws.com"}]),
    routing="by_event_source",
)
s.case("empty", key(unique="eMpTy00000000000"), '{"Records":[]}', [])
s.case(
    "damaged",
    key(unique="dAmAgEd000000000"),
    '{"Records":[' + compact(login) + "," + compact(full)[:-20] + "," + compact(login) + "]}",
    tagged(tag(), [login]),
    error="corrupt",
)
s.elsewhere(
    "AWSLogs/111122223333/Config/eu-west-1/2026/11/23/ConfigHistory/111122223333_Config_eu-west-1_ConfigHistory_AWS::S3::Bucket_20261123T050000Z_1.json.gz",
    "myAWSLogs/111122223333/CloudTrail/eu-west-1/2026/11/23/x.json.gz",
    key(kind="CloudTrail-Aggregated"),
    "cloudtrail/2026/11/23/05/trail-1-2026-11-23-05-00-00-0a1b2c3d-0000-4000-8000-0a1b2c3d4e5f",
)
s.ignored(
    key(kind="CloudTrail-Digest").replace("_20261123T0500Z", "_t_eu-west-1_20261123T050000Z"),
    key(kind="CloudTrail-Digest", prefix="p/", org="o-exampleorg1/"),
    key(kind="CloudTrail-Digest").replace("_20261123T0500Z_Mu0KsOhtH1ar15ZZ", "_t_eu-west-1_20261123T050000Z_backfill"),
)


def aggregated(number, primary, *others):
    def counted(dimension, names):
        return {"dimension": dimension, "statistics": [{"name": n, "value": v} for n, v in names], "aggregationType": "Count"}

    return {
        "eventVersion": "1.0",
        "accountId": "111122223333",
        "eventId": f"5a0f1c5e-0000-4000-8000-0000000002{number:02}",
        "eventCategory": "Aggregated",
        "eventType": "AwsAggregatedEvent",
        "awsRegion": "eu-west-1",
        "eventSource": "s3.amazonaws.com",
        "timeWindow": {"windowStart": "2026-11-23T05:00:00Z", "windowEnd": "2026-11-23T05:05:00Z", "windowSize": "PT5M"},
        "summary": {"primaryDimension": counted(*primary), "details": [counted(*o) for o in others]},
        "addendum": {"reason": "DELIVERY_DELAY"},
    }


CALLS = ("eventName", [("PutObject", 1200), ("GetObject", 7)])
BUCKETS = ("resourceARN", [("arn:aws:s3:::example-shop", 1207)])
CALLERS = ("userIdentity", [("AssumedRole:app é", 1207)])
FROM = ("userAgent", [("[aws-cli/2.27]", 1207)]), ("sourceIpAddress", [("203.0.113.9", 1207)])
sums = [
    aggregated(1, CALLS, BUCKETS, CALLERS, *FROM),
    aggregated(2, BUCKETS, CALLS, ("errorCodes", [("AccessDenied", 3)])),
    aggregated(3, CALLERS, CALLS, BUCKETS),
]
AGGREGATED = "my.app.aws.cloudtrail_aggregated"

a = Service("aws_cloudtrail_aggregated")
a.case("list", key(kind="CloudTrail-Aggregated"), compact(sums), tagged(AGGREGATED, sums))
a.case(
    "organization_china",
    key(kind="CloudTrail-Aggregated", prefix="org logs/", org="o-exampleorg1/", region="cn-north-1"),
    compact(sums[:1]),
    tagged(AGGREGATED, sums[:1]),
)
a.case("empty", key(kind="CloudTrail-Aggregated", unique="eMpTy00000000000"), "[]", [])
a.case("damaged", key(kind="CloudTrail-Aggregated", unique="dAmAgEd000000000"), compact(sums[:2])[:-20], tagged(AGGREGATED, sums[:1]), error="truncated")
a.elsewhere(key(), key(kind="CloudTrail-Insight"))

k = Service("aws_sqs_cloudtrail_kinesis")


def enveloped(event, number):
    return {
        "version": "0",
        "id": f"0a1b2c3d-0000-4000-8000-00000000000{number}",
        "detail-type": {"AwsConsoleSignIn": "AWS Console Signin via CloudTrail"}.get(event["eventType"], "AWS API Call via CloudTrail"),
        "source": "aws." + event["eventSource"].split(".")[0],
        "account": "111122223333",
        "time": event["eventTime"],
        "region": event["awsRegion"],
        "resources": [],
        "detail": event,
    }


pair = [enveloped(full, 1), enveloped(login, 2)]
name = "-1-2026-11-23-05-00-12-0a1b2c3d-0000-4000-8000-0a1b2c3d4e5f"
k.case("concatenated", "cloudtrail/2026/11/23/05/events" + name, "".join(compact(e) for e in pair), tagged(tag(), pair))
k.case("lines", "2026/11/23/05/prod-CloudTrail" + name + ".gz", jsonl(pair), tagged(tag(), pair))
k.case("bare", "logs/cloudtrail/year=2026/events" + name, "".join(compact(e) for e in events), tagged(tag(), events))
k.case(
    "by_event_source",
    "cloudtrail/2026/11/23/06/events" + name,
    "".join(compact(e) for e in pair),
    tagged("cloud.aws.cloudtrail.s3", pair[:1]) + tagged("cloud.aws.cloudtrail.signin", pair[1:]),
    routing="by_event_source",
)
k.case("empty", "cloudtrail/2026/11/23/07/events" + name, "", [])
torn = compact(pair[0])[:-30]
k.case(
    "damaged",
    "cloudtrail/2026/11/23/08/events" + name,
    compact(pair[1]) + "\n" + torn + "\n" + compact(pair[1]) + "\n",
    tagged(tag(), pair[1:]) + [(UNPARSED, torn)] + tagged(tag(), pair[1:]),
)
k.elsewhere(key(), "mycloudtrail/x.json", "2026/11/23/05/waf" + name)
