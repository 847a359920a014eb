"""Akamai DataStream 2, Fastly, Vercel and Cloudflare Gateway: what goes through a provider's edge."""

from cases import compact
from shapes import json_lines, text_lines

# https://techdocs.akamai.com/datastream2/v3/docs/data-set-parameters
AKAMAI = {
    "version": 2,
    "streamId": "48211",
    "cp": "810023",
    "reqId": "1b2c3d4e",
    "reqTimeSec": "1795410000.123",
    "bytes": "5127",
    "cliIP": "203.0.113.28",
    "statusCode": "206",
    "proto": "HTTPS",
    "reqHost": "shop.example.com",
    "reqMethod": "GET",
    "reqPath": "cart%2Fpay",
    "reqPort": "443",
    "rspContentLen": "5120",
    "rspContentType": "text/html",
    "UA": "Mozilla%2F5.0%20(X11%3B%20Linux%20x86_64)",
    "tlsOverheadTimeMSec": "0",
    "tlsVersion": "TLSv1.3",
    "objSize": "1311",
    "uncompressedSize": "2622",
    "overheadBytes": "377",
    "totalBytes": "5504",
    "queryStr": "a=1&b=2",
    "fileSizeBucket": "1KB-10KB",
    "accLang": "de-CH",
    "cookie": "session%3Dabc",
    "range": "100-4095",
    "referer": "https%3A%2F%2Fwww.example.com%2F",
    "xForwardedFor": "198.51.100.9",
    "maxAgeSec": "600",
    "reqEndTimeMSec": "2",
    "errorCode": "ERR_CONNECT_TIMEOUT|origin",
    "turnAroundTimeMSec": "9",
    "transferTimeMSec": "118",
    "dnsLookupTimeMSec": "12",
    "timeToFirstByte": "7",
    "startupError": "0",
    "prefetchMidgressHits": "0",
    "customField": "order=17",
    "cacheStatus": "1",
    "cacheable": "1",
    "cacheRefreshSource": "origin",
    "breadcrumbs": "//BC/%5Ba=192.0.2.7,c=o,k=2,l=4%5D",
    "lastByte": "1",
    "edgeAttempts": "2",
    "isMidgress": "0",
    "asn": "64500",
    "country": "CH",
    "state": "Zurich",
    "city": "ZURICH",
    "serverCountry": "DE",
    "billingRegion": "8",
    "edgeIP": "192.0.2.80",
    "ewUsageInfo": "//9001/1.2/1/-/0/7/#3",
    "ewExecutionInfo": "c:9001:3::1:0:0",
    "deliveryType": "web",
    "deliveryFormat": "json",
    "mediaEncryption": "0",
    "contentProtectionInfo": "-",
    "securityRules": "pol1_1234|a:b|c",
}


def akamai():
    refused = AKAMAI | {"statusCode": "403", "reqId": "1b2c3d4f", "cliIP": "2001:db8::28"}
    structured = [" ".join(str(v).replace(" ", "%20") for v in e.values()) for e in (AKAMAI, refused)]
    text_lines(
        "akamai_datastream2",
        "my.app.akamai.datastream2",
        {
            "json": ("cdn/2026/11/23/ak-0a1b2c3d-1795410000-4e5f60-ds.gz", [compact(AKAMAI), compact(refused)]),
            "structured": ("akamai/shop/2026-11-23-0a1b2c3d-1795410030-1f2e3d-log", structured),
        },
        ["cdn/2026/11/23/break-0a1b2c3d-1795410000-4e5f60-ds.gz", "2026/11/23/shop-1-2026-11-23-05-00-00-0a1b2c3d"],
        ["akamai/akamai_write_test_2147483647.txt", "cdn/akamai_write_test_1795410000.txt"],
    )


# https://docs.fastly.com/en/guides/log-streaming-amazon-s3#example-format
FASTLY = {
    "timestamp": "2026-11-23T05:00:01",
    "client_ip": "203.0.113.40",
    "geo_country": "switzerland",
    "geo_city": "zürich",
    "host": "www.example.com",
    "url": '/search?q="tea"',
    "request_method": "GET",
    "request_protocol": "HTTP/2",
    "request_referer": "https://www.example.com/",
    "request_user_agent": "curl/8.9",
    "response_state": "HIT-CLUSTER",
    "response_status": 200,
    "response_reason": "OK",
    "response_body_size": 1811,
    "fastly_server": "cache-fra-etou8220012-FRA",
    "fastly_is_edge": True,
}


def fastly():
    missed = FASTLY | {"response_state": "MISS", "client_ip": "2001:db8::40"}
    header = "<134>2026-11-23T05:00:01Z cache-zrh11723 s3-logs[482110]: "
    combined = header + '203.0.113.40 "-" "-" 23/Nov/2026:05:00:01 +0000 "GET / HTTP/1.1" 200 1811'
    text_lines(
        "fastly",
        "my.app.fastly.access",
        {
            "json": (
                "shop/2026/11/2026-11-23T05:00:00.000-qZ3mPx7TfWk2Rb0AAAAA.log.gz",
                [compact(FASTLY), compact(missed)],
            ),
            "classic": ("2026-11-23T06:00:00.000-r_4nQy-8UgXl3Sc1AAAA.log", [combined, header + compact(FASTLY)]),
        },
        [
            "shop/2026-11-23-05-00-00-0A1B2C3D4E5F6071",
            "shop/2026-11-23T05:00:00Z-qZ3mPx7TfWk2Rb0AAAAA.log",
            "shop/2026-11-23T05:00:00.000.log",
        ],
    )


# https://vercel.com/docs/drains/reference/logs
VERCEL = {
    "id": "1795410000123456789012345",
    "deploymentId": "dpl_9xExampleShopAbCdEfGh",
    "source": "lambda",
    "host": "shop-git-main.example.com",
    "timestamp": 1795410000123,
    "projectId": "prj_ExampleShop0815",
    "level": "warning",
    "message": "payment 17\ntook 1.2 s",
    "buildId": "bld_shop0815",
    "entrypoint": "api/pay.js",
    "destination": "https://origin.example.com",
    "path": "/api/pay",
    "type": "stdout",
    "statusCode": 200,
    "requestId": "0c0a1b2d-0000-4000-8000-0a1b2c3d4e5f",
    "environment": "production",
    "branch": "main",
    "ja3Digest": "771,4865-4866,0-23",
    "ja4Digest": "t13d0000h2_0a1b2c3d4e5f_0f1e2d3c4b5a",
    "edgeType": "edge-function",
    "projectName": "shop",
    "executionRegion": "fra1",
    "traceId": "0a1b2c3d4e5f60718293a4b5c6d7e8f9",
    "trace.id": "0a1b2c3d4e5f60718293a4b5c6d7e8f9",
    "spanId": "0f1e2d3c4b5a6978",
    "span.id": "0f1e2d3c4b5a6978",
    "proxy": {
        "timestamp": 1795410000100,
        "method": "POST",
        "host": "shop.example.com",
        "path": "/api/pay",
        "userAgent": ["curl/8.9"],
        "region": "fra1",
        "referer": "https://www.example.com",
        "statusCode": 200,
        "clientIp": "203.0.113.50",
        "scheme": "https",
        "responseByteSize": 1024,
        "cacheId": "fra1::abcde-1795410000090-0a1b2c3d4e5f",
        "pathType": "func",
        "pathTypeVariant": "api",
        "vercelId": "fra1::vwxyz-1795410000100-0a1b2c3d4e5f",
        "vercelCache": "MISS",
        "lambdaRegion": "fra1",
        "wafAction": "log",
        "wafRuleId": "rule_Example0815",
    },
}


def vercel():
    build = {
        k: VERCEL[k] for k in ("id", "deploymentId", "source", "host", "timestamp", "projectId", "level", "message")
    }
    build |= {"source": "build", "level": "info", "message": "fetching packages"}
    s = json_lines(
        "vercel",
        lambda e: f"my.app.vercel.{e['source']}",
        {"ndjson": ("drains/vercel/2026/11/23/05/0c0a1b2d.ndjson.gz", [VERCEL, build])},
        ["drains/2026/11/23/05/0c0a1b2d.json", "vercel.json"],
    )
    s.case(
        "array",
        "vercel-logs/post-1795410000.json",
        "[" + compact(VERCEL) + ",\n" + compact(build) + "]\n",
        [("my.app.vercel.lambda", compact(VERCEL)), ("my.app.vercel.build", compact(build))],
    )


GATEWAY = {
    "AccountID": "0a1b2c3d4e5f60718293a4b5c6d7e8f9",
    "ApplicationIDs": [17],
    "ApplicationNames": ["Example Drive"],
    "CategoryIDs": [7, 163],
    "CategoryNames": ["Photography", "Weather"],
    "Datetime": "2026-11-23T05:00:01Z",
    "DestinationIP": "198.51.100.80",
    "DestinationIPContinentCode": "EU",
    "DestinationIPCountryCode": "CH",
    "DestinationPort": 443,
    "DeviceID": "dad71818-0429-11ec-a0dc-0a1b2c3d4e5f",
    "DeviceName": "Laptop 0815",
    "Email": "ada@example.com",
    "PolicyID": "7bdc7a9c-81d3-4816-8e56-0a1b2c3d4e5f",
    "PolicyName": "Drives",
    "ProxyEndpoint": "",
    "RegistrationID": "1ad71818-0429-11ec-a0dc-0a1b2c3d4e5f",
    "SessionID": "2ad71818-0429-11ec-a0dc-0a1b2c3d4e5f",
    "SourceIP": "203.0.113.60",
    "SourceIPContinentCode": "EU",
    "SourceIPCountryCode": "DE",
    "SourceInternalIP": "192.0.2.60",
    "SourcePort": 50100,
    "TenantID": "",
    "UserID": "3ad71818-0429-11ec-a0dc-0a1b2c3d4e5f",
    "VirtualNetworkID": "4ad71818-0429-11ec-a0dc-0a1b2c3d4e5f",
    "VirtualNetworkName": "default",
}
# https://developers.cloudflare.com/logs/logpush/logpush-job/datasets/account/gateway_http/
GATEWAY_HTTP = GATEWAY | {
    "Action": "block",
    "AddedHeaders": ["x-example"],
    "AppControlInfo": {"operations": ["upload"]},
    "ApplicationStatuses": ["unreviewed"],
    "BlockedFileHash": "9f86d081884c7d65",
    "BlockedFileName": "tool.exe",
    "BlockedFileReason": "virus",
    "BlockedFileSize": 4096,
    "BlockedFileType": "exe",
    "DeletedHeaders": [],
    "DownloadMatchedDlpProfileEntries": [],
    "DownloadMatchedDlpProfiles": ["cards"],
    "DownloadedFileNames": ["tool.exe"],
    "FileInfo": {"files": []},
    "ForensicCopyStatus": "none",
    "HTTPHost": "drive.example.com",
    "HTTPMethod": "GET",
    "HTTPStatusCode": 403,
    "HTTPVersion": "HTTP/2",
    "IsIsolated": False,
    "PrivateAppAUD": "",
    "Quarantined": False,
    "RedirectTargetURI": "",
    "Referer": "https://www.example.com/",
    "RequestID": "0f0f0f0f0f0f0f0f",
    "SetHeaders": [],
    "URL": "https://drive.example.com/tool.exe",
    "UntrustedCertificateAction": "none",
    "UploadMatchedDlpProfileEntries": [],
    "UploadMatchedDlpProfiles": [],
    "UploadedFileNames": [],
    "UserAgent": "Mozilla/5.0",
    "Warnings": [],
}
# https://developers.cloudflare.com/logs/logpush/logpush-job/datasets/account/gateway_network/
GATEWAY_NETWORK = GATEWAY | {
    "Action": "allowedOnNoRuleMatch",
    "DetectedProtocol": "tls",
    "OverrideIP": "",
    "OverridePort": 0,
    "SNI": "drive.example.com",
    "Transport": "tcp",
    "TransportProtocol": "tcp",
}
# https://developers.cloudflare.com/logs/logpush/logpush-job/datasets/account/gateway_dns/
GATEWAY_DNS = {
    k: GATEWAY[k]
    for k in (
        "AccountID",
        "Datetime",
        "DeviceID",
        "DeviceName",
        "Email",
        "PolicyID",
        "PolicyName",
        "RegistrationID",
        "TenantID",
        "UserID",
    )
} | {
    "ApplicationID": 0,
    "ApplicationName": "",
    "AppliedMaxTTL": 0,
    "AuthoritativeNameServerIPs": ["198.51.100.53"],
    "CNAMECategoryIDs": [7],
    "CNAMECategoryNames": ["Photography"],
    "CNAMEs": ["alias.example.com"],
    "CNAMEsReversed": ["com.example.alias"],
    "ColoCode": "ZRH",
    "ColoID": 46,
    "CustomResolveDurationMs": 0,
    "CustomResolverAddress": "",
    "CustomResolverPolicyID": "",
    "CustomResolverPolicyName": "",
    "CustomResolverResponse": "",
    "DoHSubdomain": "abc123",
    "DoTSubdomain": "",
    "DstIP": "192.0.2.53",
    "DstPort": 443,
    "EDEErrors": [2, 3],
    "InitialCategoryIDs": [12],
    "InitialCategoryNames": ["Weather"],
    "InitialResolvedIPs": ["198.51.100.80"],
    "InternalDNSDurationMs": 0,
    "InternalDNSFallbackStrategy": "",
    "InternalDNSRCode": 0,
    "InternalDNSViewID": "",
    "InternalDNSZoneID": "",
    "IsResponseCached": True,
    "Location": "Büro Zürich",
    "LocationID": "5ad71818-0429-11ec-a0dc-0a1b2c3d4e5f",
    "MatchedCategoryIDs": [],
    "MatchedCategoryNames": [],
    "MatchedIndicatorFeedIDs": [],
    "MatchedIndicatorFeedNames": [],
    "Policy": "",
    "Protocol": "https",
    "QueryApplicationIDs": [],
    "QueryApplicationNames": [],
    "QueryCategoryIDs": [7, 12],
    "QueryCategoryNames": ["Photography", "Weather"],
    "QueryID": "6ad71818-0429-11ec-a0dc-0a1b2c3d4e5f",
    "QueryIndicatorFeedIDs": [],
    "QueryIndicatorFeedNames": [],
    "QueryName": "drive.example.com",
    "QueryNameReversed": "com.example.drive",
    "QuerySize": 151,
    "QueryType": 1,
    "QueryTypeName": "A",
    "RCode": 0,
    "RData": [{"type": "1", "data": "BWRyaXZl"}],
    "RedirectTargetURI": "",
    "RequestContextCategoryIDs": [],
    "RequestContextCategoryNames": [],
    "ResolvedIPCategoryIDs": [],
    "ResolvedIPCategoryNames": [],
    "ResolvedIPContinentCodes": ["EU"],
    "ResolvedIPCountryCodes": ["CH"],
    "ResolvedIPs": ["198.51.100.80"],
    "ResolverDecision": "allowedOnNoPolicyMatch",
    "ResolverPolicyID": "",
    "ResolverPolicyName": "",
    "ResourceRecords": [{"type": "1", "data": "BWRyaXZl"}],
    "ResourceRecordsJSON": '[{"name":"drive.example.com","type":"A","class":"IN","ttl":60,"rdata":"198.51.100.80"}]',
    "ResponseTimeMs": 4,
    "SrcIP": "203.0.113.60",
    "SrcIPContinentCode": "EU",
    "SrcIPCountryCode": "DE",
    "SrcPort": 0,
    "TimeZone": "",
    "TimeZoneInferredMethod": "",
    "UpstreamRecordTTLs": [60],
}


def gateway_tag(event):
    kind = "dns" if "QueryName" in event else "http" if "HTTPMethod" in event else "network"
    return f"my.app.cloudflare.gateway_{kind}"


def gateway():
    file = "20261123T050000Z_20261123T050500Z_0a1b2c3d.log"
    json_lines(
        "cloudflare_gateway",
        gateway_tag,
        {
            "http": (f"logs/gateway_http/20261123/{file}.gz", [GATEWAY_HTTP, GATEWAY_HTTP | {"Action": "allow"}]),
            "dns": (f"gateway-dns/{file}.gz", [GATEWAY_DNS, GATEWAY_DNS | {"QueryName": "www.example.net"}]),
            "network": (f"cf/zt-gateway/network/{file}", [GATEWAY_NETWORK]),
        },
        [f"logs/http_requests/20261123/{file}.gz", f"{file}.gz", "gateway_http/20261123/other.log.gz"],
        [
            "logs/gateway_http/20261123/ownership-challenge-0a1b2c3d.txt",
            "gateway_dns/test.txt.gz",
        ],
    )


akamai()
fastly()
vercel()
gateway()
