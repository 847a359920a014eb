"""JSON of applications: API Gateway, SES, Bedrock, WorkMail, whatever Firehose wrote."""

from cases import UNPARSED, Service, compact, jsonl, lines, tagged

ACCOUNT = "111122223333"
REQUEST = "0a1b2c3d-0000-4000-8000-0a1b2c3d4e5f"
FILE = f"to-s3-1-2026-11-23-05-00-12-{REQUEST}"

# The format is the customer's; this has the variables that the console suggests, and some more.
s = Service("aws_apigateway_access")
TAG = "my.app.aws.apigateway"
call = {
    "requestId": REQUEST,
    "extendedRequestId": "0a1b2c3d4e5f60718=",
    "ip": "192.0.2.10",
    "caller": "-",
    "user": "-",
    "requestTime": "23/Nov/2026:05:00:12 +0000",
    "httpMethod": "GET",
    "resourcePath": "/orders/{id}",
    "status": "200",
    "protocol": "HTTP/1.1",
    "responseLength": "512",
    "userAgent": 'curl/8 "é"',
    "integrationError": "-",
    "authorizerError": "-",
    "wafResponseCode": "WAF_ALLOW",
}
refused = call | {"status": "403", "wafResponseCode": "WAF_BLOCK"}
s.case("lines", f"apigateway/2026/11/23/05/{FILE}", jsonl([call, refused]), tagged(TAG, [call, refused]))
s.case(
    "concatenated",
    f"logs/apigateway/api=shop/{FILE}.gz",
    compact(call) + compact(refused),
    tagged(TAG, [call, refused]),
)
s.case("empty", f"apigateway/2026/11/23/06/{FILE}", "", [])
s.case(
    "damaged",
    f"apigateway/2026/11/23/07/{FILE}",
    jsonl([call]) + '{ "requestId":"a"b" }\n{"requestId":\n' + jsonl([refused]),
    [(TAG, compact(call)), (UNPARSED, '{ "requestId":"a"b" }'), (UNPARSED, '{"requestId":'), (TAG, compact(refused))],
)
s.elsewhere(f"api-gateway/2026/11/23/05/{FILE}", f"my.apigateway/2026/11/23/05/{FILE}")

# https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-firehose-contents.html
s = Service("aws_ses")
TAG = "my.app.aws.ses"
mail = {
    "timestamp": "2026-11-23T05:00:12.344Z",
    "messageId": "0a1b2c3d4e5f6071-0a1b2c3d",
    "source": "shop@example.com",
    "sourceArn": f"arn:aws:ses:eu-west-1:{ACCOUNT}:identity/example.com",
    "sendingAccountId": ACCOUNT,
    "destination": ["alice@example.com"],
    "headersTruncated": False,
    "headers": [{"name": "Subject", "value": "Your order é"}],
    "commonHeaders": {
        "from": ["shop@example.com"],
        "to": ["alice@example.com"],
        "messageId": "0a1b",
        "subject": "Your order é",
    },
    "tags": {"ses:configuration-set": ["shop"], "ses:source-ip": ["192.0.2.10"]},
}
AT = "2026-11-23T05:00:14.001Z"
BROWSER = {"ipAddress": "192.0.2.10", "timestamp": AT, "userAgent": 'Mozilla/5.0 "x"', "isBotEvent": "Unlikely"}
PARTS = {
    "Send": {},
    "Delivery": {
        "timestamp": AT,
        "processingTimeMillis": 1657,
        "recipients": mail["destination"],
        "smtpResponse": "250 OK",
        "reportingMTA": "mta.example.com",
        "remoteMtaIp": "198.51.100.20",
    },
    "Bounce": {
        "bounceType": "Permanent",
        "bounceSubType": "General",
        "bouncedRecipients": [
            {"emailAddress": "bob@example.com", "action": "failed", "status": "5.1.1", "diagnosticCode": "smtp; 550"}
        ],
        "timestamp": AT,
        "feedbackId": "f-1",
        "reportingMTA": "dns; mta.example.com",
    },
    "Complaint": {
        "complainedRecipients": [{"emailAddress": "bob@example.com"}],
        "timestamp": AT,
        "feedbackId": "f-2",
        "complaintSubType": None,
        "userAgent": "x",
        "complaintFeedbackType": "abuse",
        "arrivalDate": AT,
    },
    "Reject": {"reason": "Bad content"},
    "Open": BROWSER,
    "Click": BROWSER | {"link": "https://www.example.com/?a={b}", "linkTags": {"kind": ["order"]}},
    "Rendering Failure": {"errorMessage": "Attribute 'x' is not present", "templateName": "t"},
    "DeliveryDelay": {
        "timestamp": AT,
        "delayType": "TransientCommunicationFailure",
        "expirationTime": AT,
        "reportingMTA": "198.51.100.20",
        "delayedRecipients": [{"emailAddress": "bob@example.com", "status": "4.4.1", "diagnosticCode": "smtp; 421 4.4.1"}],
    },
    "Subscription": {
        "contactList": "shop",
        "timestamp": AT,
        "source": "UnsubscribeHeader",
        "newTopicPreferences": {
            "unsubscribeAll": True,
            "topicSubscriptionStatus": [{"topicName": "news", "subscriptionStatus": "OptOut"}],
        },
        "oldTopicPreferences": {
            "unsubscribeAll": False,
            "topicSubscriptionStatus": [{"topicName": "news", "subscriptionStatus": "OptIn"}],
            "topicDefaultSubscriptionStatus": [{"topicName": "news", "subscriptionStatus": "OptIn"}],
        },
    },
}
MEMBERS = {"Rendering Failure": "failure", "DeliveryDelay": "deliveryDelay"}
events = [{"eventType": kind, "mail": mail, MEMBERS.get(kind, kind.lower()): part} for kind, part in PARTS.items()]
s.case("lines", f"ses/2026/11/23/05/{FILE}", jsonl(events[:5]), tagged(TAG, events[:5]))
s.case("concatenated", f"mail/ses/set=shop/{FILE}.gz", "".join(map(compact, events[5:])), tagged(TAG, events[5:]))
s.case("empty", f"ses/2026/11/23/06/{FILE}", "", [])
s.case(
    "damaged",
    f"ses/2026/11/23/07/{FILE}",
    jsonl(events[:1]) + '{"eventType":\n' + jsonl(events[1:2]),
    [(TAG, compact(events[0])), (UNPARSED, '{"eventType":'), (TAG, compact(events[1]))],
)
s.elsewhere(f"courses/2026/11/23/05/{FILE}", f"mail/2026/11/23/05/{FILE}")
s.ignored("ses/AMAZON_SES_SETUP_NOTIFICATION", "AMAZON_SES_SETUP_NOTIFICATION")

# https://docs.aws.amazon.com/bedrock/latest/userguide/model-invocation-logging.html#model-invocation-log-format
s = Service("aws_bedrock_invocation")
TAG = "my.app.aws.bedrock"
FOLDER = f"AWSLogs/{ACCOUNT}/BedrockModelInvocationLogs/eu-west-1/2026/11/23/05"
asked = {
    "schemaType": "ModelInvocationLog",
    "schemaVersion": "1.0",
    "timestamp": "2026-11-23T05:00:12Z",
    "accountId": ACCOUNT,
    "region": "eu-west-1",
    "requestId": REQUEST,
    "operation": "Converse",
    "modelId": "example.model-v1:0",
    "inferenceRegion": "eu-central-1",
    "identity": {"arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/orders/s-1"},
    "requestMetadata": {"team": "shop"},
    "input": {
        "inputContentType": "application/json",
        "inputBodyJson": {"messages": [{"role": "user", "content": [{"text": 'Wie geht\'s? {"a":[é]}\n'}]}]},
        "inputTokenCount": 25,
        "cacheReadInputTokenCount": 7,
        "cacheWriteInputTokenCount": 0,
    },
    "output": {
        "outputContentType": "application/json",
        "outputBodyJson": {"output": {"message": {"content": []}}},
        "outputTokenCount": 150,
    },
}
large = asked | {
    "operation": "InvokeModel",
    "input": {
        "inputContentType": "application/json",
        "inputBodyS3Path": f"s3://example/{FOLDER}/data/{REQUEST}_input.json.gz",
        "inputTokenCount": 90000,
    },
    "output": {
        "outputContentType": "application/json",
        "outputBodyS3Path": f"s3://example/{FOLDER}/data/{REQUEST}_output.json.gz",
        "outputTokenCount": 40000,
    },
    "errorCode": "ThrottlingException",
}
LOG = "20261123T050012344Z_0a1b2c3d4e5f6071.json.gz"
s.case("converse", f"{FOLDER}/{LOG}", jsonl([asked, large]), tagged(TAG, [asked, large]))
s.case("govcloud", f"ai/{FOLDER.replace('eu-west-1', 'us-gov-west-1')}/{LOG}", jsonl([asked]), tagged(TAG, [asked]))
s.case("empty", f"{FOLDER}/{LOG.replace('0500', '0510')}", "", [])
s.case(
    "damaged",
    f"{FOLDER}/{LOG.replace('0500', '0515')}",
    jsonl([asked]) + '{"schemaType":"Model\n' + jsonl([large]),
    [(TAG, compact(asked)), (UNPARSED, '{"schemaType":"Model'), (TAG, compact(large))],
)
s.elsewhere(
    f"AWSLogs/{ACCOUNT}/BedrockModelInvocationLogs/eu-west-1/{LOG}",
    f"AWSLogs/{ACCOUNT}/CloudTrail/eu-west-1/2026/11/23/05/{LOG}",
)
s.ignored(
    f"{FOLDER}/data/{REQUEST}_input.json.gz",
    f"ai/{FOLDER}/data/{REQUEST}_output.json.gz",
    f"AWSLogs/{ACCOUNT}/BedrockModelInvocationLogs/amazon-bedrock-logs-permission-check",
)

# https://docs.aws.amazon.com/workmail/latest/adminguide/monitoring-audit-logging.html
s = Service("aws_workmail")
TAG = "my.app.aws.workmail"
FOLDER = f"AWSLogs/{ACCOUNT}/WorkMail/eu-west-1/AUTHENTICATION_LOGS/2026/11/23/05"
NAME = f"{ACCOUNT}_workmail_eu-west-1_m-0a1b2c3d_20261123T0505Z_9f8e7d6c.log.gz"
login = {
    "event_timestamp": 1795410012344,
    "request_id": REQUEST,
    "organization_arn": f"arn:aws:workmail:eu-west-1:{ACCOUNT}:organization/m-0a1b2c3d",
    "user_id": "u-1",
    "user": "alice@example.com",
    "protocol": "IMAP",
    "source_ip": "192.0.2.10",
    "user_agent": 'Mozilla/5.0 "x"',
    "method": "basic",
    "auth_successful": False,
    "auth_failed_reason": "INVALID_CREDENTIALS é",
    "personal_access_token_id": None,
}
SAME = ("event_timestamp", "request_id", "organization_arn", "user_id", "protocol", "source_ip")
control = {k: login[k] for k in SAME} | {
    "impersonator_id": None,
    "scope": "AccessControl",
    "rule_id": "r-1",
    "access_granted": True,
}
mailbox = {k: login[k] for k in SAME} | {
    "impersonator_id": "i-1",
    "user_agent": 'Mozilla/5.0 "x"',
    "action": "read_attachment",
    "owner_id": "u-2",
    "object_type": "Attachment",
    "item_id": "item-1",
    "folder_path": "Inbox/Orders é",
    "folder_id": "f-1",
    "attachment_path": "order.pdf",
    "action_allowed": True,
}
token = {k: login[k] for k in (*SAME, "user", "user_agent")} | {
    "protocol": "webapp",
    "action": "create",
    "name": "laptop",
    "expires_time": "2027-11-23T05:00:12Z",
    "scopes": ["IMAP"],
}
provider = {k: login[k] for k in SAME[:4]} | {
    "type": "LAMBDA",
    "domain": "example.com",
    "function_arn": f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:free-busy",
    "ews_endpoint": None,
    "error_message": "timeout",
    "availability_event_successful": False,
}
s.case(
    "logins",
    f"{FOLDER}/{NAME}",
    jsonl([login, login | {"auth_successful": True}]),
    tagged(TAG, [login, login | {"auth_successful": True}]),
)
s.case(
    "mailboxes",
    f"mail/{FOLDER.replace('AUTHENTICATION', 'MAILBOX_ACCESS')}/{NAME}",
    jsonl([control, mailbox, token, provider]),
    tagged(TAG, [control, mailbox, token, provider]),
)
s.case("empty", f"{FOLDER}/{NAME.replace('0505', '0510')}", "", [])
s.case(
    "damaged",
    f"{FOLDER}/{NAME.replace('0505', '0515')}",
    jsonl([login]) + "{\n" + jsonl([control]),
    [(TAG, compact(login)), (UNPARSED, "{"), (TAG, compact(control))],
)
s.elsewhere(f"AWSLogs/{ACCOUNT}/verifiedaccess/eu-west-1/{NAME}", f"workmail/{NAME}")

s = Service("aws_firehose_json")
TAG = "my.app.aws.firehose"
things = [
    {"kind": "order", "id": 7, "note": 'é "}{" \\'},
    {"kind": "refund", "lines": [{"sku": "a"}, None, 1.5e3]},
    {"kind": "order"},
]
s.case("concatenated", f"2026/11/23/05/{FILE}", "".join(map(compact, things)), tagged(TAG, things))
s.case("lines", f"shop/events/2026/11/23/05/{FILE}.gz", jsonl(things), tagged(TAG, things))
FLOW = "2 111122223333 eni-0a1 192.0.2.1 198.51.100.1 443 50001 6 5 300 1795410000 1795410060 ACCEPT OK"
s.case(
    "text",
    f"2026/11/23/05/{FILE}.txt",
    lines([FLOW, "plain words only here"]) + jsonl(things) + FLOW,
    [(UNPARSED, FLOW), (UNPARSED, "plain words only here"), *tagged(TAG, things), (UNPARSED, FLOW)],
)
s.case("own_extension", f"2026/11/23/05/{FILE}.v2-events.json", jsonl(things), tagged(TAG, things))
s.case("empty", f"2026/11/23/06/{FILE}", "", [])
s.case(
    "damaged", f"2026/11/23/07/{FILE}", compact(things[0]) + compact(things[1])[:-1], tagged(TAG, things[:1]), "corrupt"
)
s.elsewhere(
    f"2026/11/23/{FILE}", f"2026/11/23/05/{FILE}.JSON", "2026/11/23/05/orders.json", "2026/11/23/05/orders-2026-11-23-05-00-12-0A1B2C3D4E5F6071"
)
s.refused(f"2026/11/23/05/{FILE}.parquet", f"shop/2026/11/23/05/{FILE}.orc", f"2026/11/23/05/{FILE}.hsnappy")
