"""Mimecast and Proofpoint: what happens to mail."""

from cases import Service, compact, stands_for
from shapes import finish, json_lines

# https://developer.services.mimecast.com/siem-tutorial-cg
MAIL = {
    "processingId": "processingId-0a1b2c3d",
    "aggregateId": "aggregateId-0a1b2c3d_1795410001",
    "accountId": "C0A1B2",
    "timestamp": 1795410001123,
    "messageId": "<0a1b2c3d@mail.example.com>",
    "subject": 'Größe und "Preis"',
    "senderEnvelope": "ada@example.org",
    "senderHeader": "ada@example.org",
    "senderIp": "203.0.113.95",
    "recipients": "zoe@example.com",
    "direction": "Inbound",
    "subtype": "Acc",
    "_offset": 4711,
    "_partition": 3,
}
KINDS = [
    {
        "type": "receipt",
        "action": "Acc",
        "spamScore": "3",
        "spamDetectionLevel": "low",
        "spamProcessingDetail": {"spf": {"info": "ALLOW", "allow": True}, "dkim": {"info": "UNKNOWN", "allow": True}},
        "spamInfo": "[]",
        "tlsVersion": "TLSv1.3",
        "tlsCipher": "TLS_AES_256_GCM_SHA384",
        "rejectionType": None,
        "rejectionCode": None,
        "rejectionInfo": None,
        "virusFound": None,
        "receiptErrors": None,
        "numberAttachments": "1",
    },
    {
        "type": "process",
        "action": "Hld",
        "holdReason": "Spm",
        "attachments": "größe.pdf",
        "totalSizeAttachments": "20480",
        "emailSize": "40960",
    },
    {
        "type": "delivery",
        "delivered": "true",
        "deliveryTime": "711",
        "deliveryAttempts": "1",
        "deliveryErrors": None,
        "destinationIp": "198.51.100.95",
        "Hostname": "mx.example.com",
        "route": "Mimecast Exchange Route",
        "tlsUsed": "Yes",
    },
    {
        "type": "av",
        "virusFound": "EICAR",
        "fileName": "größe.pdf",
        "fileExtension": "pdf",
        "sha256": "9f86d081",
        "md5": "098f6bcd",
    },
    {
        "type": "attachment protect",
        "subtype": None,
        "fileName": "größe.zip",
        "fileExtension": "zip",
        "md5": "098f6bcd",
        "sha1": "a94a8fe5",
        "sha256": "9f86d081",
    },
    {
        "type": "internal email protect",
        "monitoredDomainSource": None,
        "similarDomain": None,
        "route": "Internal",
        "scanResults": "Blocked URL Category",
        "urlCategory": "Compromised",
    },
    {"type": "journal", "direction": "Internal", "subtype": None},
    {"type": "spam", "senderDomain": "example.org"},
    {
        "type": "url protect",
        "url": "https://www.example.org/a",
        "urlCategory": "Phishing",
        "scanResults": "malicious",
        "blockReason": "malicious",
        "analysis": "Blocked URL category",
    },
    {
        "type": "impersonation protect",
        "taggedExternal": "false",
        "taggedMalicious": "true",
        "similarInternalDomain": "true",
        "policyDefinition": "Colleagues",
    },
]
mails = [MAIL | k for k in KINDS]
json_lines(
    "mimecast",
    lambda e: "my.app.mimecast." + e["type"].replace(" ", "_"),
    {
        "all": ("mimecast/2026/11/23/05/batch-1.ndjson.gz", mails),
        "receipts": ("mail/mimecast-siem/receipt_20261123T0500Z.json", mails[:1]),
    },
    ["mail/siem/receipt_20261123T0500Z.json", "mimecast"],
)

# https://help.proofpoint.com/Threat_Insight_Dashboard/API_Documentation/SIEM_API
CLICK = {
    "url": "https://www.example.org/?b=größe",
    "classification": "MALWARE",
    "clickTime": "2026-11-23T05:00:01.000Z",
    "threatTime": "2026-11-23T05:00:00.000Z",
    "userAgent": "Mozilla/5.0",
    "campaignId": "6a1b2c3d-0000-4000-8000-0a1b2c3d4e5f",
    "id": "7a1b2c3d-0000-4000-8000-0a1b2c3d4e5f",
    "clickIP": "203.0.113.96",
    "sender": "ada@example.org",
    "recipient": "zoe@example.com",
    "senderIP": "198.51.100.96",
    "GUID": "8a1b2c3d-0000-4000-8000-0a1b2c3d4e5f",
    "threatID": "0a1b2c3d4e5f60718293a4b5c6d7e8f9",
    "threatURL": "https://threatinsight.example.com/0a1b",
    "threatStatus": "active",
    "messageID": "<0a1b2c3d@example.org>",
}
TAP_MESSAGE = {
    "spamScore": 12,
    "phishScore": 71,
    "impostorScore": 0.0,
    "malwareScore": 93,
    "threatsInfoMap": [
        {
            "threatID": "1a1b2c3d4e5f60718293a4b5c6d7e8f9",
            "threatStatus": "active",
            "classification": "MALWARE",
            "threatUrl": "https://threatinsight.example.com/1a1b",
            "threatTime": "2026-11-23T05:00:00.000Z",
            "threat": "9f86d081884c7d65",
            "campaignID": "6a1b2c3d-0000-4000-8000-0a1b2c3d4e5f",
            "threatType": "ATTACHMENT",
        }
    ],
    "messageTime": "2026-11-23T05:00:01.000Z",
    "messageID": "<0a1b2c3d@example.org>",
    "messageSize": 20480,
    "messageParts": [
        {
            "contentType": "text/plain",
            "disposition": "inline",
            "filename": "text.txt",
            "oContentType": "text/plain",
            "sandboxStatus": "unsupported",
            "md5": "0a1b2c3d",
            "sha256": "9f86d081",
        }
    ],
    "GUID": "9a1b2c3d-0000-4000-8000-0a1b2c3d4e5f",
    "QID": "q0EXAMPLE00001",
    "sender": "ada@example.org",
    "senderIP": "198.51.100.96",
    "recipient": ["zoe@example.com"],
    "ccAddresses": [],
    "toAddresses": ["zoe@example.com"],
    "fromAddress": ["ada@example.org"],
    "headerFrom": '"Ada" <ada@example.org>',
    "headerReplyTo": None,
    "replyToAddress": [],
    "subject": 'Your "order" of größe 7',
    "xmailer": "Examplemail 1.0",
    "cluster": "example_hosted",
    "completelyRewritten": True,
    "modulesRun": ["pdr", "sandbox", "spam", "urldefense"],
    "policyRoutes": ["default_inbound"],
    "quarantineFolder": "Held",
    "quarantineRule": "module.sandbox.threat",
}
POD = {
    "ts": "2026-11-23T05:00:01.123456+0000",
    "metadata": {
        "origin": {"data": {"agent": "m0000815.ppops.example.com", "cid": "example_hosted", "version": "9.1.0"}}
    },
}
POD_MESSAGE = POD | {
    "guid": "ExampleGuid000000000000000000001",
    "connection": {
        "country": "ch",
        "helo": "mx.example.org",
        "host": "mx.example.org",
        "ip": "198.51.100.96",
        "protocol": "smtp:smtp",
        "resolveStatus": "ok",
        "sid": "1sEXAMPLE1",
        "tls": {"inbound": {"version": "TLSv1.3"}},
    },
    "envelope": {"from": "ada@example.org", "rcpts": ["zoe@example.com"]},
    "filter": {
        "disposition": "continue",
        "qid": "0qEXAMPLE1",
        "routeDirection": "inbound",
        "verified": {"rcpts": ["zoe@example.com"]},
        "modules": {"spam": {"version": {"engine": "9.2.0"}}},
    },
    "msg": {"header": {"from": ["Ada <ada@example.org>"], "subject": ["Größe"]}, "lang": "de", "sizeBytes": 5120},
    "msgParts": [{"detectedName": "text.txt", "isVirtual": False, "sha256": "9f86d081", "sizeDecodedBytes": 17}],
}
POD_MAILLOG = POD | {
    "id": "ExampleId0000000000000001",
    "data": "2026-11-23T05:00:01.123456+00:00 m0000815 sendmail[811]: 1sEXAMPLE1: stat=Sent",
    "pps": {"agent": "m0000815.ppops.example.com", "cid": "example_hosted"},
    "sm": {
        "qid": "1sEXAMPLE1",
        "stat": "Sent",
        "relay": "mx.example.com. [198.51.100.97]",
        "delay": "00:00:01",
        "dsn": "2.0.0",
        "from": "<ada@example.org>",
        "to": ["<zoe@example.com>"],
        "tls": {"verify": "FAIL"},
    },
}


def proofpoint_tag(event):
    kinds = {"sm": "pod_maillog", "clickTime": "tap_click", "messageTime": "tap_message"}
    return "my.app.proofpoint." + next((kind for field, kind in kinds.items() if field in event), "pod_message")


events = json_lines(
    "proofpoint_events",
    proofpoint_tag,
    {
        "tap": ("proofpoint/tap/2026/11/23/0500.jsonl.gz", [CLICK, TAP_MESSAGE]),
        "on_demand": ("mail/proofpoint-pod/2026-11-23.json", [POD_MESSAGE, POD_MAILLOG]),
    },
    ["mail/tap/2026/11/23/0500.jsonl.gz", "proofpoint/readme.txt"],
)


def tap():
    """Answers of the SIEM API as a job stores them."""
    of = {
        "clicksPermitted": ("my.app.proofpoint.tap_click_permitted", [CLICK, CLICK | {"threatStatus": "cleared"}]),
        "clicksBlocked": ("my.app.proofpoint.tap_click_blocked", [CLICK]),
        "messagesDelivered": ("my.app.proofpoint.tap_message_delivered", [TAP_MESSAGE]),
        "messagesBlocked": ("my.app.proofpoint.tap_message_blocked", [TAP_MESSAGE | {"malwareScore": 100}]),
    }

    def answer(*kinds):
        return {"queryEndTime": "2026-11-23T05:05:00Z"} | {kind: of[kind][1] if kind in kinds else [] for kind in of}

    def records(*kinds):
        return [(of[kind][0], compact(event)) for kind in kinds for event in of[kind][1]]

    key, whole = "proofpoint/siem/2026/11/23/0500.json", compact(answer(*of))
    s = Service("proofpoint_tap")
    s.case("answer", key, whole, records(*of))
    s.case(
        "answers",
        "mail/proofpoint-tap/siem/2026-11-23.json.gz",
        compact(answer("messagesBlocked")) + "\n" + compact(answer("clicksBlocked", "messagesDelivered")),
        records("messagesBlocked", "clicksBlocked", "messagesDelivered"),
    )
    s.case("empty", key, compact(answer()), [])
    s.case("damaged", key, whole[: whole.index(',"messagesDelivered"')], records("clicksPermitted", "clicksBlocked"), error="truncated")
    finish(s, ["mail/siem/2026-11-23.json.gz", "proofpoint/siem.json", "proofpoint/siem/readme.txt"], [])
    stands_for("proofpoint", s, events, elsewhere=["mail/tap/2026/11/23/0500.jsonl.gz", "proofpoint/readme.txt"])


tap()
