"""Services whose logs reach S3 by CloudWatch Logs and Firehose."""

import cloudwatch
from cases import compact

TO_S3 = "to-s3-1-2026-11-23-05-00-12-0a1b2c3d-0000-4000-8000-0a1b2c3d4e5f"

# https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/query-logs.html#query-logs-format
cloudwatch.service(
    "aws_route53_public",
    "route53-public",
    "my.app.aws.route53_public",
    "/aws/route53/example.com",
    [
        (
            "Z0A1B2C3D4E5F6/AMS50-C1",
            [
                "1.0 2026-11-23T05:00:12Z Z0A1B2C3D4E5F6 www.example.com A NOERROR UDP AMS50-C1 192.0.2.10 198.51.100.0/24",
                "1.0 2026-11-23T05:00:13Z Z0A1B2C3D4E5F6 nosuch.example.com AAAA NXDOMAIN TCP AMS50-C1 2001:db8::1 -",
            ],
        ),
        (
            "Z0A1B2C3D4E5F6/FRA50-C2",
            ["1.0 2026-11-23T05:00:14Z Z0A1B2C3D4E5F6 example.com MX NOERROR UDP FRA50-C2 192.0.2.11 -"],
        ),
    ],
    [f"AWSLogs/111122223333/vpcdnsquerylogs/vpc-0a1b/2026/11/23/{TO_S3}.log.gz", f"route53/2026/11/23/05/{TO_S3}"],
)

# https://kubernetes.io/docs/reference/config-api/apiserver-audit.v1/
audited = {
    "kind": "Event",
    "apiVersion": "audit.k8s.io/v1",
    "level": "RequestResponse",
    "auditID": "0a1b2c3d-0000-4000-8000-0a1b2c3d4e5f",
    "stage": "ResponseComplete",
    "requestURI": "/api/v1/namespaces/shop/pods?limit=1",
    "verb": "create",
    "user": {
        "username": "alice",
        "uid": "u-1",
        "groups": ["system:authenticated"],
        "extra": {"arn": ["arn:aws:iam::111122223333:user/alice"]},
    },
    "impersonatedUser": {"username": "bob"},
    "sourceIPs": ["192.0.2.10"],
    "userAgent": 'kubectl/1.33 "é"',
    "objectRef": {"resource": "pods", "namespace": "shop", "name": "orders", "apiVersion": "v1"},
    "responseStatus": {"metadata": {}, "code": 201},
    "requestObject": {"kind": "Pod"},
    "responseObject": {"kind": "Pod", "status": {}},
    "requestReceivedTimestamp": "2026-11-23T05:00:12.344000Z",
    "stageTimestamp": "2026-11-23T05:00:12.351000Z",
    "annotations": {"authorization.k8s.io/decision": "allow", "authorization.k8s.io/reason": ""},
}
cloudwatch.service(
    "aws_eks_audit",
    "eks-audit",
    lambda stream: (
        "my.app.aws.eks_audit" if stream.startswith("kube-apiserver-audit-") else "my.app.aws.eks_controlplane"
    ),
    "/aws/eks/shop/cluster",
    [
        ("kube-apiserver-audit-0a1b2c3d", [audited, {**audited, "verb": "get", "level": "Metadata"}]),
        (
            "authenticator-0a1b2c3d",
            ['time="2026-11-23T05:00:12Z" level=info msg="access granted" arn="arn:aws:iam::111122223333:user/alice"'],
        ),
        ("kube-apiserver-audit-9f8e7d6c", [{**audited, "verb": "delete"}]),
    ],
    [f"eks/2026/11/23/05/{TO_S3}"],
)

# https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html, as text and as JSON, and of an environment's life
# https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
REQUEST = "0a1b2c3d-0000-4000-8000-0a1b2c3d4e5f"
cloudwatch.service(
    "aws_lambda_logs",
    "lambda-logs",
    "my.app.aws.lambda",
    "/aws/lambda/orders",
    [
        (
            "2026/11/23/[$LATEST]0a1b2c3d4e5f60718",
            [
                "INIT_START Runtime Version: python:3.13.v1\tRuntime Version ARN: arn:aws:lambda:eu-west-1::runtime:0a1b2c3d\n",
                "EXTENSION\tName: example\tState: Ready\tEvents: [INVOKE, SHUTDOWN]\n",
                "INIT_REPORT Init Duration: 1236.04 ms\tPhase: init\tStatus: timeout\n",
                f"START RequestId: {REQUEST} Version: $LATEST\n",
                f"2026-11-23T05:00:12.344Z\t{REQUEST}\tINFO\torder é taken\n",
                f"END RequestId: {REQUEST}\n",
                f"REPORT RequestId: {REQUEST}\tDuration: 12.34 ms\tBilled Duration: 13 ms\tMemory Size: 128 MB\tMax Memory Used: 64 MB\tInit Duration: 84.00 ms\tStatus: error\tError Type: Runtime.ExitError\n",
            ],
        ),
        (
            "2026/11/23/orders[7]9f8e7d6c",
            [
                {
                    "time": "2026-11-23T05:00:12.344Z",
                    "type": "platform.start",
                    "record": {"requestId": REQUEST, "version": "7"},
                },
                {"timestamp": "2026-11-23T05:00:12.350Z", "level": "ERROR", "message": "a\\b", "requestId": REQUEST},
                {"timestamp": "2026-11-23T05:00:12.351Z", "level": "INFO", "message": "é", "AWSrequestId": REQUEST},
            ],
        ),
    ],
    [f"lambda/2026/11/23/05/{TO_S3}"],
)

# https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_LogAccess.Concepts.PostgreSQL.overview.parameter-groups.html, and by the
# other prefix that Aurora has
cloudwatch.service(
    "aws_rds_postgres",
    "rds-postgres",
    "my.app.aws.rds_postgres",
    "/aws/rds/instance/shop/postgresql",
    [
        (
            "shop.0",
            [
                "2026-11-23 05:00:12 UTC:192.0.2.10(49152):alice@shop:[4711]:LOG:  connection authorized: user=alice database=shop",
                '2026-11-23 05:00:13 UTC:192.0.2.10(49152):alice@shop:[4711]:ERROR:  relation "é" does not exist at character 15',
                "2026-11-23 05:00:13 UTC:192.0.2.10(49152):alice@shop:[4711]:STATEMENT:  select *\n\tfrom é\n",
            ],
        ),
        (
            "shop.1",
            [
                "2026-11-23 05:00:14 UTC::@:[512]:LOG:  checkpoint starting: time",
                '2026-11-23 05:00:15 UTC:192.0.2.11(49153):bob@shop:[4712]:LOG:  AUDIT: SESSION,1,1,READ,SELECT,TABLE,public.orders,"select 1",<none>',
                "2026-11-23 05:00:16 UTC:2001:db8::11(49154):bob@shop:[4713]:LOG:  statement: commit",
                "2026-11-23 05:00:17.344 UTC:192.0.2.11(49155):bob@shop:[4714]:3:00000:2026-11-23 05:00:12 UTC:3/42:0:0a1b2c3d.126a:psqlLOG:  duration: 0.1 ms",
            ],
        ),
    ],
    [f"rds/2026/11/23/05/{TO_S3}"],
)

# https://docs.aws.amazon.com/vpn/latest/clientvpn-admin/connection-logging.html
connected = {
    "connection-log-type": "connection-attempt",
    "connection-attempt-status": "successful",
    "connection-reset-status": "NA",
    "connection-attempt-failure-reason": "NA",
    "connection-id": "cvpn-connection-0a1b2c3d4e5f60718",
    "client-vpn-endpoint-id": "cvpn-endpoint-0a1b2c3d4e5f60718",
    "transport-protocol": "udp",
    "connection-start-time": "2026-11-23 05:00:12",
    "connection-last-update-time": "2026-11-23 05:00:12",
    "client-ip": "198.51.100.20",
    "client-ip-v6": "NA",
    "common-name": "laptop.example.com",
    "device-type": "linux",
    "device-ip": "192.0.2.10",
    "port": "49152",
    "ingress-bytes": "0",
    "egress-bytes": "0",
    "ingress-packets": "0",
    "egress-packets": "0",
    "connection-end-time": "NA",
    "connection-duration-seconds": "0",
    "posture-compliance-statuses": ["compliant"],
    "authorization-policy-evaluation": {
        "result": "permit",
        "evaluation-type": "connection-attempt",
        "shadow-mode": "disabled",
        "device-token-status": {"example": {"status": "validated"}},
        "context": {"user": {"groups": ["staff"]}},
    },
    "username": "alice",
}
cloudwatch.service(
    "aws_client_vpn",
    "client-vpn",
    "vpn.aws.client",
    "/vpn/clients",
    [
        (
            "cvpn-endpoint-0a1b2c3d4e5f60718-eu-west-1-2026/11/23",
            [
                connected,
                {
                    **connected,
                    "connection-attempt-status": "failed",
                    "connection-attempt-failure-reason": "authorization-policy-deny",
                    "authorization-policy-evaluation": {
                        "result": "deny",
                        "evaluation-type": "connection-attempt",
                        "shadow-mode": "disabled",
                        "reason": "policy-deny",
                        "device-token-status": {"example": {"status": "failed", "reason": "token-expired"}},
                    },
                },
            ],
        ),
        (
            "cvpn-endpoint-9f8e7d6c-eu-west-1-2026/11/23",
            [
                {
                    **connected,
                    "connection-log-type": "connection-reset",
                    "connection-reset-status": "successful",
                    "connection-duration-seconds": "61",
                }
            ],
        ),
    ],
    [f"vpn/2026/11/23/05/{TO_S3}", f"site-to-site-vpn/2026/11/23/05/{TO_S3}"],
)

# https://docs.aws.amazon.com/vpn/latest/s2svpn/monitoring-logs.html#log-contents
tunnel = {
    "event_timestamp": 1795410012,
    "timestamp": "2026-11-23 05:00:12.344Z",
    "details": "AWS tunnel processed request (id=7) for CREATE_CHILD_SA",
    "dpd_enabled": True,
    "nat_t_detected": False,
    "ike_phase1_state": "established",
    "ike_phase2_state": "down",
}
route = {
    "resource_id": "vpn-0a1b2c3d4e5f60718_203.0.113.7",
    "event_timestamp": 1795410013,
    "timestamp": "2026-11-23 05:00:13.344Z",
    "type": "RouteStatus",
    "status": "ADVERTISED",
    "message": {"prefix": "198.51.100.0/24", "asPath": "64496"},
}
cloudwatch.service(
    "aws_site_to_site_vpn",
    "site-to-site-vpn",
    "my.app.aws.site_to_site_vpn",
    "/aws/vendedlogs/vpn",
    [
        ("vpn-0a1b2c3d4e5f60718-203.0.113.7", [tunnel, {**tunnel, "ike_phase2_state": "established"}]),
        (
            "vpn-0a1b2c3d4e5f60718-203.0.113.7-bgp",
            [route, {**route, "type": "BGPStatus", "status": "DOWN", "message": "session é"}],
        ),
    ],
    [f"vpn/2026/11/23/05/{TO_S3}", f"client-vpn/2026/11/23/05/{TO_S3}"],
)

# https://docs.opensearch.org/latest/security/audit-logs/field-reference/
searched = {
    "audit_cluster_name": "111122223333:shop",
    "audit_category": "INDEX_EVENT",
    "audit_format_version": 4,
    "audit_node_name": "node-1",
    "audit_node_id": "0a1b2c3d",
    "audit_node_host_address": "198.51.100.20",
    "audit_node_host_name": "198.51.100.20",
    "audit_request_layer": "TRANSPORT",
    "audit_request_origin": "REST",
    "audit_request_initiating_user": "alice",
    "audit_request_effective_user": "alice",
    "audit_request_effective_user_is_admin": False,
    "audit_request_privilege": "indices:data/read/search",
    "audit_request_remote_address": "192.0.2.10",
    "audit_request_body": '{"query":{"match":{"é":1}}}',
    "audit_rest_request_method": "POST",
    "audit_rest_request_path": "/orders/_search",
    "audit_rest_request_params": {"index": "orders"},
    "audit_rest_request_headers": {"content-type": ["application/json"]},
    "audit_transport_headers": {"_opendistro_security_initial_action_class_header": "SearchRequest"},
    "audit_transport_request_type": "SearchRequest",
    "audit_transport_action": "indices:data/read/search",
    "audit_trace_task_id": "t:1",
    "audit_trace_task_parent_id": "t:0",
    "audit_trace_doc_id": "1",
    "audit_trace_doc_types": ["_doc"],
    "audit_trace_indices": ["orders"],
    "audit_trace_resolved_indices": ["orders-2026"],
    "audit_trace_shard_id": 0,
    "audit_compliance_operation": "UPDATE",
    "audit_compliance_doc_version": 2,
    "audit_compliance_diff_is_noop": False,
    "audit_compliance_diff_content": '[{"op":"replace","path":"/é","value":2}]',
    "@timestamp": "2026-11-23T05:00:12.344+00:00",
}
cloudwatch.service(
    "aws_opensearch_audit",
    "opensearch-audit",
    "my.app.aws.opensearch_audit",
    "/aws/OpenSearchService/domains/shop/audit-logs",
    [
        (
            "111122223333:shop-0a1b",
            [searched, {**searched, "audit_category": "FAILED_LOGIN", "audit_request_layer": "REST"}],
        ),
        ("111122223333:shop-9f8e", [{**searched, "audit_category": "AUTHENTICATED"}, {**searched, "audit_category": "COMPLIANCE_DOC_WRITE"}]),
    ],
    [f"opensearch/2026/11/23/05/{TO_S3}"],
)

# https://docs.aws.amazon.com/appsync/latest/devguide/monitoring.html, Log type reference
summary = {
    "logType": "RequestSummary",
    "requestId": REQUEST,
    "graphQLAPIId": "0a1b2c3d4e5f60718",
    "statusCode": 200,
    "latency": 12000000,
}
cloudwatch.service(
    "aws_appsync",
    "appsync",
    "my.app.aws.appsync",
    "/aws/appsync/apis/0a1b2c3d4e5f60718",
    [
        (
            "0a1b2c3d4e5f60718",
            [
                f"{REQUEST} Begin Request",
                f"{REQUEST} GraphQL Query: query Orders {{ orders {{ id }} }}, Operation: null, Variables: {{}}",
                {
                    "logType": "ExecutionSummary",
                    "requestId": REQUEST,
                    "graphQLAPIId": "0a1b2c3d4e5f60718",
                    "startTime": "2026-11-23T05:00:12.344Z",
                    "endTime": "2026-11-23T05:00:12.356Z",
                    "duration": 1,
                    "version": 1,
                    "parsing": {"startOffset": 4, "duration": 2},
                    "validation": {"startOffset": 6, "duration": 3},
                },
                summary,
                f"{REQUEST} Tokens Consumed: 1",
                f"{REQUEST} End Request",
            ],
        ),
        (
            "9f8e7d6c",
            [
                {
                    "logType": "Tracing",
                    "requestId": REQUEST,
                    "graphQLAPIId": "0a1b2c3d4e5f60718",
                    "path": ["orders", 0],
                    "fieldName": "id",
                    "parentType": "Order",
                    "returnType": "ID!",
                    "startOffset": 1,
                    "duration": 7,
                    "resolverArn": "arn:aws:appsync:example",
                    "errors": [],
                },
                {
                    "logType": "RequestMapping",
                    "fieldInError": False,
                    "transformedTemplate": "{\n}",
                    "context": {"arguments": {"é": 1}},
                },
            ],
        ),
    ],
    [f"my/appsync.d/{TO_S3}"],
)

# https://docs.aws.amazon.com/sagemaker/latest/dg/logging-cloudwatch.html: whatever the model's container writes
cloudwatch.service(
    "aws_sagemaker",
    "sagemaker",
    "my.app.aws.sagemaker",
    "/aws/sagemaker/Endpoints/orders",
    [
        (
            "AllTraffic/i-0a1b2c3d4e5f60718",
            [
                '192.0.2.10 - - [23/Nov/2026:05:00:12 +0000] "GET /ping HTTP/1.1" 200 0 "-" "AHC/2.0"',
                '192.0.2.10 - - [23/Nov/2026:05:00:13 +0000] "POST /invocations HTTP/1.1" 200 12 "-" "AHC/2.0"',
            ],
        ),
        (
            "variant-2/i-9f8e7d6c",
            [
                '192.0.2.11 - - [23/Nov/2026:05:00:14 +0000] "POST /invocations HTTP/1.1" 500 0 "-" "é"',
                compact({"level": "error", "at": "GET /ping HTTP/1.1"}),
            ],
        ),
    ],
    [f"endpoints/sagemaker.d/{TO_S3}"],
)
