"""What stands in front of services: NLB, VPC Lattice, Verified Access, CloudFront, Network Firewall."""

from cases import UNPARSED, Service, compact, jsonl, lines, packed, tagged

ACCOUNT = "111122223333"
CERT = f"arn:aws:acm:eu-west-1:{ACCOUNT}:certificate/0a1b2c3d-0000-4000-8000-0a1b2c3d4e5f"
AGENT = 'Mozilla/5.0 (X11; "quoted" é)'

# https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-access-logs.html#access-log-entry-format
s = Service("aws_nlb")
TAG = "my.app.aws.nlb"
FOLDER = f"AWSLogs/{ACCOUNT}/elasticloadbalancing/eu-west-1/2026/11/23"
NAME = f"{ACCOUNT}_elasticloadbalancing_eu-west-1_net.my-nlb-2.0a1b2c3d4e5f6071_20261123T0505Z_9f8e7d6c.log.gz"
records = [
    "tls 2.0 2026-11-23T05:03:12 net/my-nlb-2/0a1b2c3d4e5f6071 6f5e4d3c2b1a0918 192.0.2.10:49152 198.51.100.20:443"
    f" 5 2 98 246 - {CERT} - ECDHE-RSA-AES128-SHA tlsv12 - shop.example.com h2 h2 "
    '"h2","http/1.1" 2026-11-23T05:03:07',
    "tls 2.0 2026-11-23T05:03:13 net/my-nlb-2/0a1b2c3d4e5f6071 6f5e4d3c2b1a0918 192.0.2.11:49153 198.51.100.21:443"
    f" 50 - 0 0 40 {CERT} 0a:1b - - x25519 - - - - 2026-11-23T05:03:12",
]
s.case("tls", f"{FOLDER}/{NAME}", lines(records), tagged(TAG, records))
s.case(
    "govcloud",
    f"lb/logs/{FOLDER}/{NAME}".replace("eu-west-1", "us-gov-east-1"),
    lines(records[1:]),
    tagged(TAG, records[1:]),
)
s.case("empty", f"{FOLDER}/{NAME.replace('0505', '0510')}", "", [])
s.case(
    "damaged", f"{FOLDER}/{NAME.replace('0505', '0515')}", packed(lines(records))[:-6], tagged(TAG, records), "corrupt"
)
s.elsewhere(
    f"{FOLDER}/{NAME.replace('_net.', '_app.')}",
    f"{FOLDER}/{ACCOUNT}_elasticloadbalancing_eu-west-1_classic_20261123T0505Z_192.0.2.1_9f8e7d6c.log",
    f"{FOLDER}/conn_log_{NAME.replace('_net.', '_app.')}",
)
s.ignored(f"AWSLogs/{ACCOUNT}/ELBAccessLogTestFile", f"lb/AWSLogs/{ACCOUNT}/ELBAccessLogTestFile")

# https://docs.aws.amazon.com/vpc-lattice/latest/ug/monitoring-access-logs.html#monitoring-access-logs-contents
s = Service("aws_vpc_lattice")
TAG = "my.app.aws.vpc_lattice"
LATTICE = f"arn:aws:vpc-lattice:eu-west-1:{ACCOUNT}"
FOLDER = f"AWSLogs/{ACCOUNT}/VpcLattice/AccessLogs/eu-west-1/2026/11/23/sn-0a1b2c3d4e5f60718"
NAME = f"{ACCOUNT}_VpcLatticeAccessLogs_eu-west-1_sn-0a1b2c3d4e5f60718_20261123T0505Z_9f8e7d6c.json.gz"
request = {
    "serviceNetworkArn": f"{LATTICE}:servicenetwork/sn-0a1b2c3d4e5f60718",
    "resolvedUser": f"arn:aws:sts::{ACCOUNT}:assumed-role/orders/i-0a1b",
    "listenerType": "HTTPS",
    "authDeniedReason": "-",
    "targetGroupArn": f"{LATTICE}:targetgroup/tg-0a1b2c3d4e5f60718",
    "sourceVpcArn": f"arn:aws:ec2:eu-west-1:{ACCOUNT}:vpc/vpc-0a1b2c3d4e5f60718",
    "destinationVpcId": "vpc-0b1b2c3d4e5f60718",
    "sourceIpPort": "192.0.2.10:49152",
    "listenerId": "listener-0a1b2c3d4e5f60718",
    "targetIpPort": "198.51.100.20:8080",
    "failureReason": "-",
    "serviceArn": f"{LATTICE}:service/svc-0a1b2c3d4e5f60718",
    "sourceVpcId": "vpc-0a1b2c3d4e5f60718",
    "startTime": "2026-11-23T05:03:12Z",
    "requestMethod": "POST",
    "requestPath": "/orders?é=1",
    "protocol": "HTTP/2",
    "responseCode": 201,
    "bytesReceived": 512,
    "bytesSent": 128,
    "duration": 23,
    "userAgent": AGENT,
    "hostHeader": "orders.example.com",
    "serverNameIndication": "orders.example.com",
    "requestToTargetDuration": 21,
    "responseFromTargetDuration": 1,
    "grpcResponseCode": 0,
    "sslCipher": "ECDHE-RSA-AES128-GCM-SHA256",
    "tlsVersion": "TLSv1.3",
    "callerPrincipal": f"arn:aws:sts::{ACCOUNT}:assumed-role/orders/i-0a1b",
    "callerPrincipalOrgID": "o-exampleorg1",
    "callerX509IssuerOU": "-",
    "callerX509SubjectCN": "-",
    "callerX509SANNameCN": "-",
    "callerX509SANDNS": "-",
    "callerX509SANURI": "-",
    "callerPrincipalTags": '{"team":"shop é"}',
    "requestId": "0a1b2c3d-0000-4000-8000-0a1b2c3d4e5f",
}
denied = request | {
    "responseCode": 403,
    "authDeniedReason": "Service",
    "failureReason": "ClientAccessDenied",
    "targetIpPort": "-",
}
resource = {
    "eventTimestamp": "2026-11-23T05:03:12.000Z",
    "serviceNetworkArn": request["serviceNetworkArn"],
    "serviceNetworkResourceAssociationId": "snra-0a1b2c3d4e5f60718",
    "vpcEndpointId": "vpce-0a1b2c3d4e5f60718",
    "sourceVpcArn": request["sourceVpcArn"],
    "resourceConfigurationArn": f"{LATTICE}:resourceconfiguration/rcfg-0a1b2c3d4e5f60718",
    "protocol": "tcp",
    "sourceIpPort": "192.0.2.10:49152",
    "destinationIpPort": "198.51.100.20:5432",
    "gatewayIpPort": "198.51.100.9:20000",
    "resourceIpPort": "198.51.100.20:5432",
}
s.case("requests", f"{FOLDER}/{NAME}", jsonl([request, denied]), tagged(TAG, [request, denied]))
RESOURCES = (
    f"AWSLogs/{ACCOUNT}/VpcLattice/ResourceAccessLogs/cn-north-1/2026/11/23/rcfg-0a1b2c3d4e5f60718/"
    f"{ACCOUNT}_VpcLatticeResourceAccessLogs_cn-north-1_rcfg-0a1b2c3d4e5f60718_20261123T0505Z_9f8e7d6c.json.gz"
)
s.case("resources", f"net/{RESOURCES}", jsonl([resource, resource]), tagged(TAG, [resource, resource]))
s.case("empty", f"{FOLDER}/{NAME.replace('0505', '0510')}", "", [])
s.case(
    "damaged",
    f"{FOLDER}/{NAME.replace('0505', '0515')}",
    jsonl([request]) + '{"serviceNetworkArn":"arn\n' + jsonl([denied]),
    [(TAG, compact(request)), (UNPARSED, '{"serviceNetworkArn":"arn'), (TAG, compact(denied))],
)
s.elsewhere(
    f"AWSLogs/{ACCOUNT}/vpcflowlogs/eu-west-1/2026/11/23/{NAME}",
    f"{FOLDER}/{NAME.replace('json.gz', 'parquet')}",
    f"{FOLDER.replace('AccessLogs', 'OtherLogs')}/{NAME}",
    f"VpcLattice/{NAME}",
)

# https://docs.aws.amazon.com/verified-access/latest/ug/ocsfv01-examples.html and ocsfv1-examples.html
s = Service("aws_verified_access")
TAG = "my.app.aws.verified_access"
FOLDER = f"AWSLogs/{ACCOUNT}/verifiedaccess/eu-west-1/2026/11/23"
NAME = f"{ACCOUNT}_verifiedaccess_eu-west-1_vai-0a1b2c3d4e5f60718_20261123T0505Z_9f8e7d6c.log.gz"
granted = {
    "activity": "Access Granted",
    "activity_id": "1",
    "category_name": "Application Activity",
    "category_uid": "8",
    "class_name": "Access Logs",
    "class_uid": "208001",
    "device": {"ip": "192.0.2.10", "type": "Unknown", "type_id": 0, "uid": None},
    "duration": "0.017",
    "end_time": "1795410000344",
    "time": "1795410000340",
    "http_request": {
        "http_method": "GET",
        "url": {
            "hostname": "wiki.example.com",
            "path": "/é",
            "port": 443,
            "scheme": "https",
            "text": "https://wiki.example.com:443/é",
        },
        "user_agent": AGENT,
        "version": "HTTP/2.0",
    },
    "http_response": {"code": 200},
    "identity": {
        "authorizations": [{"decision": "Allow", "policy": {"name": "inline"}}],
        "idp": {"name": "user", "uid": "vatp-0a1b2c3d4e5f60718"},
        "user": {"email_addr": "alice@example.com", "name": "Alice", "uid": "alice@example.com", "uuid": "u-1"},
    },
    "message": "",
    "metadata": {
        "uid": "Root=1-0a1b2c3d-0a1b2c3d4e5f607180a1b2c3",
        "logged_time": 1795410083141,
        "version": "0.1",
        "product": {"name": "Verified Access", "vendor_name": "AWS"},
    },
    "ref_time": "2026-11-23T05:00:00.344948Z",
    "proxy": {"ip": "198.51.100.20", "port": 443, "svc_name": "Verified Access", "uid": "vai-0a1b2c3d4e5f60718"},
    "severity": "Informational",
    "severity_id": "1",
    "src_endpoint": {"ip": "192.0.2.10", "port": "49152"},
    "start_time": "1795410000340",
    "status_code": "100",
    "status_details": "Access Granted",
    "status_id": "1",
    "status": "Success",
    "type_uid": "20800101",
    "type_name": "AccessLogs: Access Granted",
    "unmapped": {"context": {"identity": {"groups": ["staff"]}}},
}
refused = granted | {
    "activity": "Access Denied",
    "activity_id": "2",
    "status": "Failure",
    "http_response": {"code": 403},
}
s.case("old_version", f"{FOLDER}/{NAME}", jsonl([granted, refused]), tagged(TAG, [granted, refused]))
OLD = ("activity", "identity", "status_details", "unmapped")
CONTEXT = {"oidc": {"email": "alice@example.com", "additional_user_context": {"groups": ["staff"]}}}
newer = {k: v for k, v in granted.items() if k not in OLD} | {
    "activity_name": "Access Grant",
    "actor": granted["identity"] | {"invoked_by": "", "process": {}, "session": {}},
    "category_name": "Audit Activity",
    "category_uid": "3",
    "class_name": "Access Activity",
    "class_uid": "3006",
    "metadata": granted["metadata"] | {"version": "1.0.0-rc.2"},
    "status_detail": "Access Granted",
    "type_uid": "300601",
    "type_name": "Access Activity: Access Grant",
    "data": {"context": CONTEXT | {"http_request": {"x_forwarded_for": "192.0.2.10", "port": "443"}}},
}
# An endpoint that is a network has flows in place of requests.
HTTP = ("actor", "http_request", "http_response", "message", "proxy", "ref_time", "src_endpoint", "status_detail")
flow = {k: v for k, v in newer.items() if k not in HTTP} | {
    "activity_name": "Assign Privileges",
    "class_name": "Authorization",
    "class_uid": "3003",
    "type_uid": "300301",
    "type_name": "Authorization: Assign Privileges",
    "data": {
        "endpoint_type": "cidr",
        "protocol": "tcp",
        "access_path": "public",
        "idp": granted["identity"]["idp"],
        "authorizations": granted["identity"]["authorizations"],
        "context": CONTEXT
        | {"tcp_flow": {"destination_ip": "198.51.100.20", "destination_port": 22, "client_ip": "192.0.2.10"}},
    },
    "count": 1,
    "dst_endpoint": {"ip": "203.0.113.7", "port": 22},
    "privileges": ["vae-0a1b2c3d4e5f60718"],
    "user": granted["identity"]["user"],
}
s.case(
    "new_version",
    f"zt/{FOLDER.replace('verifiedaccess', 'VerifiedAccess')}/05/{NAME}",
    jsonl([newer, flow]),
    tagged(TAG, [newer, flow]),
)
s.case("empty", f"{FOLDER}/{NAME.replace('0505', '0510')}", "", [])
s.case(
    "damaged",
    f"{FOLDER}/{NAME.replace('0505', '0515')}",
    jsonl([granted]) + "not JSON\n" + jsonl([refused]),
    [(TAG, compact(granted)), (UNPARSED, "not JSON"), (TAG, compact(refused))],
)
s.elsewhere(f"AWSLogs/{ACCOUNT}/VpcLattice/eu-west-1/{NAME}", f"verifiedaccess/{NAME}", f"{FOLDER}/{NAME}.tmp")

# https://docs.aws.amazon.com/network-firewall/latest/developerguide/firewall-logging-contents.html
s = Service("aws_network_firewall")
FOLDER = f"AWSLogs/{ACCOUNT}/network-firewall/%s/eu-west-1/edge-1/2026/11/23/05"
NAME = f"{ACCOUNT}_network-firewall_%s_eu-west-1_edge-1_202611230505_9f8e7d6c.log.gz"
packet = {
    "timestamp": "2026-11-23T05:03:12.271828+0000",
    "flow_id": 1701234567890123,
    "src_ip": "192.0.2.10",
    "src_port": 49152,
    "dest_ip": "198.51.100.20",
    "dest_port": 443,
    "proto": "TCP",
}


def logged(**event):
    return {
        "firewall_name": "edge-1",
        "availability_zone": "eu-west-1b",
        "event_timestamp": "1795410192",
        "event": packet | event,
    }


def key(kind, prefix=""):
    return f"{prefix}{FOLDER % kind}/{NAME % kind}"


alert = {"action": "blocked", "signature_id": 5, "rev": 1, "signature": "no é", "category": "", "severity": 1}
alerts = [
    logged(event_type="alert", alert=alert, verdict={"action": "drop"}),
    logged(
        event_type="alert",
        alert=alert | {"action": "allowed"},
        tls_inspected=True,
        app_proto="http",
        http={
            "hostname": "shop.example.com",
            "url": "/",
            "http_user_agent": AGENT,
            "http_method": "GET",
            "protocol": "HTTP/1.1",
            "length": 0,
        },
    ),
    logged(
        event_type="alert",
        aws_category='["Online Shopping"]',
        tx_id=2,
        app_proto="http2",
        alert=alert,
        verdict={"action": "drop"},
        http={
            "version": "2",
            "request_headers": [{"name": ":authority", "value": "shop.example.com"}],
            "http_user_agent": AGENT,
            "url": "/",
            "http_method": "GET",
            "http2": {"stream_id": 1, "request": {}, "response": {}},
        },
        tls={"sni": "shop.example.com", "version": "UNDETERMINED"},
        pkt_src="geneve encapsulation",
        direction="to_server",
    ),
]
netflow = {
    "pkts": 3,
    "bytes": 180,
    "start": packet["timestamp"],
    "end": packet["timestamp"],
    "age": 12,
    "min_ttl": 62,
    "max_ttl": 62,
}
flows = [
    logged(
        event_type="netflow",
        app_proto="tls",
        netflow=netflow,
        tcp={"tcp_flags": "1b", "syn": True, "fin": True, "psh": True, "ack": True},
    )
]
# What the TLS engine writes itself has its ports as text, its time in Z, and no type of event.
checked = {
    "timestamp": "2026-11-23T05:03:12.271828Z",
    "src_ip": "192.0.2.10",
    "src_port": "49152",
    "dest_ip": "198.51.100.20",
    "dest_port": "443",
}
tls = [
    {"firewall_name": "edge-1", "availability_zone": "eu-west-1b", "event_timestamp": 1795410192, "event": checked | event}
    for event in (
        {"sni": "old.example.com", "tls_error": {"error_message": "SNI: old.example.com does not match é"}},
        {"sni": "shop.example.com", "revocation_check": {"leaf_cert_fpr": "0a1b2c3d", "status": "REVOKED", "action": "DROP"}},
    )
]
s.case("alert", key("alert"), jsonl(alerts), tagged("cloud.aws.firewall.alert", alerts))
s.case(
    "flow",
    key("flow", "fw/").replace("eu-west-1", "us-gov-west-1"),
    jsonl(flows),
    tagged("cloud.aws.firewall.netflow", flows),
)
s.case("tls", key("tls", "a/b/"), jsonl(tls), tagged("my.app.aws.firewall_tls", tls))
s.case("empty", key("flow").replace("0505_", "0510_"), "", [])
s.case(
    "damaged",
    key("alert").replace("0505_", "0515_"),
    jsonl(alerts[:1]) + '{"firewall_name":"edge-1",\n' + jsonl(alerts[1:2]),
    [
        ("cloud.aws.firewall.alert", compact(alerts[0])),
        (UNPARSED, '{"firewall_name":"edge-1",'),
        ("cloud.aws.firewall.alert", compact(alerts[1])),
    ],
)
s.elsewhere(
    key("other"),
    f"AWSLogs/{ACCOUNT}/WAFLogs/eu-west-1/alert/2026/11/23/05/{NAME % 'alert'}",
    f"network-firewall/{NAME % 'flow'}",
)

# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logs-reference.html
FIELDS = (
    "date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) cs(User-Agent) cs-uri-query"
    " cs(Cookie) x-edge-result-type x-edge-request-id x-host-header cs-protocol cs-bytes time-taken x-forwarded-for ssl-protocol"
    " ssl-cipher x-edge-response-result-type cs-protocol-version fle-status fle-encrypted-fields c-port time-to-first-byte"
    " x-edge-detailed-result-type sc-content-type sc-content-len sc-range-start sc-range-end"
).split()
VALUES = (
    "2026-11-23 05:03:12 AMS50-P1 2390 192.0.2.10 GET d0a1b2c3d4e5f6.cloudfront.net /caf%C3%A9 200 https://www.example.com/ "
    "Mozilla/5.0%20(X11) q=1 - Hit 0a1b2c3d4e5f60718== www.example.com https 23 0.001 198.51.100.20 TLSv1.3 "
    "TLS_AES_128_GCM_SHA256 Hit HTTP/2.0 Processed 1 49152 0.001 Hit text/html 78 - -"
).split()
MISS = (
    "2026-11-23 05:03:13 AMS50-P1 919 2001:db8::1 POST d0a1b2c3d4e5f6.cloudfront.net / 502".split()
    + ["-"] * 4
    + VALUES[13:]
)
HEADER = ["#Version: 1.0", "#Fields: " + " ".join(FIELDS)]
s = Service("aws_cloudfront")
TAG = "cloud.aws.cloudfront.web_1"
hits = ["\t".join(VALUES), "\t".join(MISS)]
s.case("root", "E1A2B3C4D5E6F7.2026-11-23-05.0a1b2c3d.gz", lines(HEADER + hits), tagged(TAG, hits))
old = ["\t".join(VALUES[:26])]  # before 2019 there were fewer
s.case(
    "prefix",
    "AWSlogs-cdn/AWS-cdn/E9Z8Y7X6W5V4U.2026-11-23-05.A1B2C3D4E5F.gz",
    lines([HEADER[0], "#Fields: " + " ".join(FIELDS[:26]), *old]),
    tagged(TAG, old),
)
s.case("empty", "cdn/E1A2B3C4D5E6F7.2026-11-23-06.0a1b2c3d.gz", lines(HEADER), [])
s.case(
    "damaged",
    "cdn/E1A2B3C4D5E6F7.2026-11-23-07.0a1b2c3d.gz",
    lines([*HEADER, hits[0], "2026-11-23\t05:03:14\tAMS50-P1", hits[1]]),
    [(TAG, hits[0]), (UNPARSED, "2026-11-23\t05:03:14\tAMS50-P1"), (TAG, hits[1])],
)
BELOW = f"AWSLogs/{ACCOUNT}/CloudFront/E1A2B3C4D5E6F7/2026/11/23/05/E1A2B3C4D5E6F7.2026-11-23-05.0a1b2c3d"
s.elsewhere(
    BELOW + ".gz",
    "p/" + BELOW + ".gz",
    "cdn/E1A2B3C4D5E6F7.2026-11-23-05.0a1b2c3d.parquet",
    "cdn/report.2026-11-23-05.0a1b2c3d.gz",
)

s = v2 = Service("aws_cloudfront_v2_text")
TAG = "my.app.aws.cloudfront"
MORE = {
    "timestamp": "1795410192",
    "DistributionId": "E1A2B3C4D5E6F7",
    "timestamp(ms)": "1795410192344",
    "origin-fbl": "0.010",
    "origin-lbl": "0.011",
    "asn": "64496",
    "c-country": "NL",
    "cache-behavior-path-pattern": "*",
    "distribution-tenant-id": "-",
    "connection-id": "0a1b2c3d",
    "viewer-request-log-data": "variant%3Da",
    "viewer-response-log-data": "-",
}
HIVE = f"AWSLogs/aws-account-id={ACCOUNT}/CloudFront/DistributionId=E1A2B3C4D5E6F7/year=2026/month=11/day=23"
found = [dict(zip(FIELDS, VALUES)), dict(zip(FIELDS, MISS))]
s.case("folders", BELOW + ".gz", jsonl(found), tagged(TAG, found))
every = [f | MORE for f in found]
s.case("hive", f"cdn/{HIVE}/hour=05/E1A2B3C4D5E6F7.2026-11-23-05.0a1b2c3d.gz", jsonl(every), tagged(TAG, every))
s.case("w3c", "cdn/" + BELOW + ".gz", lines(HEADER + hits), tagged(TAG, found))
# CreateDelivery's fieldDelimiter, of up to five characters, is between the names, too; Plain has them in its first line.
few = [{k: f[k] for k in ("date", "time", "x-edge-location", "c-ip", "cs-method", "cs(User-Agent)", "sc-status", "x-edge-result-type", "x-edge-request-id", "x-host-header")} for f in found]


def delimited(name, delimiter, before):
    text = lines([before + delimiter.join(few[0])] + [delimiter.join(f.values()) for f in few])
    s.case(name, BELOW.replace("23-05", "24-05").replace(".0", f".{name}0") + ".gz", text, tagged(TAG, few))


for name, delimiter in {"comma": ",", "five": "|~:~|", "spaces": " ", "tabs": "\t"}.items():
    delimited("w3c" + name, delimiter, "#Version: 1.0\n#Fields: ")
    delimited("plain" + name, delimiter, "")
# Raw names nothing: without names in the options nobody knows what is what.
raw = [",".join(f.values()) for f in few]
s.case("raw", BELOW.replace("23-05", "25-05") + ".gz", lines(raw), [(UNPARSED, r) for r in raw])
s.case("empty", BELOW.replace("23-05", "23-06") + ".gz", lines(HEADER), [])
s.case(
    "damaged",
    BELOW.replace("23-05", "23-07") + ".gz",
    jsonl(found[:1]) + '{"date":\n' + jsonl(found[1:]),
    [(TAG, compact(found[0])), (UNPARSED, '{"date":'), (TAG, compact(found[1]))],
)
s.elsewhere(
    "E1A2B3C4D5E6F7.2026-11-23-05.0a1b2c3d.gz",
    BELOW + ".parquet",
    BELOW.replace("/CloudFront/", "/CloudTrail/") + ".gz",
)

# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/real-time-logs.html#understand-real-time-log-config-fields
s = Service("aws_cloudfront_realtime")
TAG = "my.app.aws.cloudfront_realtime"
every = (
    "1795410192.344 192.0.2.10 198.51.100.30 0.002 200 16256 GET https www.example.com /caf%C3%A9 325 AMS50-P1 0a1b2c3d4e5f60718== www.example.com"
    " 0.002 HTTP/2.0 IPv4 Mozilla/5.0%20(X11) https://www.example.com/ id=1 q=1 Hit 198.51.100.20 TLSv1.3 TLS_AES_128_GCM_SHA256 Hit"
    " - Processed text/html 78 0 77 49152 Hit NL gzip */* * host:www.example.com%0Aaccept:*/* host%0Aaccept 2 E9Z8Y7X6W5V4U"
    " d0a1b2c3d4e5f6.cloudfront.net 0.010 0.011 64496"
    # Common Media Client Data, from the encoded bitrate to the version.
    " 3200 21300 false caf%C3%A9 4004 1500 25400 seg-2.m4s 0-4095 av 1 15000 d 0a1b2c3d v false 6000 1"
    # Origins that took over, the tenant, the connection, and what functions logged.
    " origin-2.example.com Failover:502 0 - 0a1b2c3d4e5f variant%3Da -"
).split()
records = ["\t".join(every), "\t".join(every[:1] + ["2001:db8::1"] + every[2:])]
FILE = "cf-1-2026-11-23-05-00-12-0a1b2c3d-0000-4000-8000-0a1b2c3d4e5f"
s.case("every_field", f"cloudfront-realtime/2026/11/23/05/{FILE}", lines(records), tagged(TAG, records))
few = ["\t".join(every[:5])]
s.case("few_fields", f"logs/cloudfront-realtime/distribution=E1/{FILE}.gz", lines(few), tagged(TAG, few))
s.case("empty", f"cloudfront-realtime/2026/11/23/06/{FILE}", "", [])
s.case(
    "damaged",
    f"cloudfront-realtime/2026/11/23/07/{FILE}.gz",
    packed(lines(records))[:-6],
    tagged(TAG, records),
    "corrupt",
)
s.elsewhere(f"cloudfront/2026/11/23/05/{FILE}", f"2026/11/23/05/cloudfront-realtime{FILE}")
