"""Cloudflare Logpush: HTTP requests and audit logs."""

from cases import UNPARSED, Service, compact, jsonl, tagged

FILE = "20261123/20261123T050000Z_20261123T050500Z_9f8e7d6c.log.gz"

# https://developers.cloudflare.com/logs/logpush/logpush-job/datasets/zone/http_requests/
request = {
    "BotDetectionIDs": [33554817],
    "BotDetectionTags": ["api"],
    "BotScore": 99,
    "BotScoreSrc": "Machine Learning",
    "BotTags": ["bing"],
    "CacheCacheStatus": "hit",
    "CacheReserveUsed": False,
    "CacheResponseBytes": 1024,
    "CacheResponseStatus": 200,
    "CacheTieredFill": False,
    "ClientASN": 64500,
    "ClientCity": "Nowhere",
    "ClientCountry": "xx",
    "ClientDeviceType": "desktop",
    "ClientIP": "203.0.113.9",
    "ClientIPClass": "noRecord",
    "ClientLatitude": "0.1",
    "ClientLongitude": "0.2",
    "ClientMTLSAuthCertFingerprint": "",
    "ClientMTLSAuthStatus": "unknown",
    "ClientRegionCode": "XX",
    "ClientRequestBytes": 512,
    "ClientRequestHost": "shop.example.com",
    "ClientRequestMethod": "GET",
    "ClientRequestPath": "/a",
    "ClientRequestProtocol": "HTTP/2",
    "ClientRequestReferer": "https://www.example.com/",
    "ClientRequestScheme": "https",
    "ClientRequestSource": "eyeball",
    "ClientRequestURI": '/a?b="1"',
    "ClientRequestUserAgent": "Mozilla/5.0 {é]",
    "ClientSSLCipher": "AEAD-AES128-GCM-SHA256",
    "ClientSSLProtocol": "TLSv1.3",
    "ClientSrcPort": 40000,
    "ClientTCPRTTMs": 11,
    "ClientXRequestedWith": "",
    "ContentScanObjResults": [],
    "ContentScanObjSizes": [],
    "ContentScanObjTypes": [],
    "Cookies": {"a": "b"},
    "EdgeCFConnectingO2O": False,
    "EdgeColoCode": "XXX",
    "EdgeColoID": 7,
    "EdgeEndTimestamp": "2026-11-23T05:00:01Z",
    "EdgePathingOp": "wl",
    "EdgePathingSrc": "macro",
    "EdgePathingStatus": "nr",
    "EdgeRequestHost": "shop.example.com",
    "EdgeResponseBodyBytes": 900,
    "EdgeResponseBytes": 1024,
    "EdgeResponseCompressionRatio": 1.5,
    "EdgeResponseContentType": "text/html",
    "EdgeResponseStatus": 200,
    "EdgeServerIP": "198.51.100.7",
    "EdgeStartTimestamp": "2026-11-23T05:00:00Z",
    "EdgeTimeToFirstByteMs": 12,
    "JA3Hash": "0123456789abcdef0123456789abcdef",
    "JA4": "t13d1516h2_8daaf6152771_e5627efa2ab1",
    "JSDetectionPassed": "passed",
    "LeakedCredentialCheckResult": "clean",
    "OriginDNSResponseTimeMs": 1,
    "OriginIP": "192.0.2.10",
    "OriginRequestHeaderSendDurationMs": 0,
    "OriginResponseBytes": 0,
    "OriginResponseDurationMs": 5,
    "OriginResponseHTTPExpires": "",
    "OriginResponseHTTPLastModified": "",
    "OriginResponseHeaderReceiveDurationMs": 4,
    "OriginResponseStatus": 200,
    "OriginResponseTime": 5000000,
    "OriginSSLProtocol": "TLSv1.3",
    "OriginTCPHandshakeDurationMs": 1,
    "OriginTLSHandshakeDurationMs": 2,
    "ParentRayID": "00",
    "PayPerCrawlStatus": "",
    "RayID": "9f8e7d6c5b4a3928",
    "RequestHeaders": {},
    "ResponseHeaders": {},
    "SecurityAction": "",
    "SecurityActions": [],
    "SecurityRuleDescription": "",
    "SecurityRuleID": "",
    "SecurityRuleIDs": [],
    "SecuritySources": [],
    "SmartRouteColoID": 0,
    "UpperTierColoID": 0,
    "WAFAttackScore": 80,
    "WAFFlags": "0",
    "WAFMatchedVar": "",
    "WAFRCEAttackScore": 81,
    "WAFSQLiAttackScore": 82,
    "WAFXSSAttackScore": 83,
    "WorkerCPUTime": 0,
    "WorkerScriptName": "",
    "WorkerStatus": "unknown",
    "WorkerSubrequest": False,
    "WorkerSubrequestCount": 0,
    "WorkerWallTimeUs": 0,
    "ZoneName": "example.com",
}
chosen = {  # only the fields that a job asks for
    "RayID": "9f8e7d6c5b4a3929",
    "EdgeStartTimestamp": 1795410000000000000,
    "ClientRequestHost": "www.example.com",
    "ClientRequestMethod": "POST",
    "EdgeResponseStatus": 403,
}

s = Service("aws_sqs_cloudflare_logpush")
HTTP = "cloud.cloudflare.logpush.http"
s.case("all_fields", "http_requests/" + FILE, jsonl([request, chosen]), tagged(HTTP, [request, chosen]))
s.case("zone_folder", "logs/http_requests/example.com/" + FILE.replace(".gz", ""), jsonl([chosen]), tagged(HTTP, [chosen]))
s.case("empty", "http_requests/" + FILE.replace("9f8e7d6c", "0e0e0e0e"), "", [])
torn = compact(request)[:77]
s.case("damaged", "http_requests/" + FILE.replace("9f8e7d6c", "0d0d0d0d"), f"{torn}\n" + jsonl([chosen]), [(UNPARSED, torn)] + tagged(HTTP, [chosen]))
s.elsewhere("audit_logs/" + FILE, "gateway_dns/" + FILE, "http_requests/x.log.gz")
s.ignored("http_requests/20261123/ownership-challenge-9f8e7d6c.txt", "logs/http_requests/ownership-challenge-00000000.txt")

# https://developers.cloudflare.com/logs/logpush/logpush-job/datasets/account/audit_logs/
audits = [
    {
        "ActionResult": True,
        "ActionType": "token_create",
        "ActorEmail": "jane@example.com",
        "ActorID": "0a1b2c3d4e5f60718293a4b5c6d7e8f9",
        "ActorIP": "203.0.113.9",
        "ActorType": "user",
        "ID": "0a1b2c3d-0000-4000-8000-0a1b2c3d4e5f",
        "Interface": "UI",
        "Metadata": {"token_name": "for \"logs\""},
        "NewValue": {"a": 1},
        "OldValue": {"a": 0},
        "OwnerID": "9f8e7d6c5b4a39281706f5e4d3c2b1a0",
        "ResourceID": "0a1b2c3d",
        "ResourceType": "account",
        "When": "2026-11-23T05:00:00Z",
    },
    {
        "ActionResult": False,
        "ActionType": "login",
        "ActorEmail": "",
        "ActorID": "",
        "ActorIP": "2001:db8::9",
        "ActorType": "system",
        "ID": "0a1b2c3d-0000-4000-8000-0a1b2c3d4e60",
        "Interface": "API",
        "Metadata": {},
        "NewValue": {},
        "OldValue": {},
        "OwnerID": "9f8e7d6c5b4a39281706f5e4d3c2b1a0",
        "ResourceID": "",
        "ResourceType": "user",
        "When": "2026-11-23T05:00:01Z",
    },
]
s = Service("aws_sqs_cloudflare_audit")
AUDIT = "cloud.aws.cloudflare.audit"
s.case("daily", "audit_logs/" + FILE, jsonl(audits), tagged(AUDIT, audits))
s.case("flat", "cf/audit_logs/" + FILE.split("/")[1], jsonl(audits[1:]), tagged(AUDIT, audits[1:]))
s.case("empty", "audit_logs/" + FILE.replace("9f8e7d6c", "0e0e0e0e"), "", [])
s.case("damaged", "audit_logs/" + FILE.replace("9f8e7d6c", "0d0d0d0d"), jsonl(audits[:1]) + '{"ActionResult":tru\n', tagged(AUDIT, audits[:1]) + [(UNPARSED, '{"ActionResult":tru')])
s.elsewhere("http_requests/" + FILE, "audit_logs/report.csv")
s.ignored("audit_logs/ownership-challenge-9f8e7d6c.txt")
