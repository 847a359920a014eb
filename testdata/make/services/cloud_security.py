"""Sysdig, Teleport, Tenable and Wiz: what watches over clouds."""

import io
import json
import textwrap
from datetime import datetime, timezone

from cases import Service, compact
from shapes import finish, json_documents, json_lines

# https://docs.sysdig.com/en/event-forwarding/
POLICY = {
    "id": "0a1b2c3d4e5f60718293a4b5c6d7e8f9",
    "type": "policy",
    "timestamp": 1795410001123456789,
    "timestampRFC3339Nano": "2026-11-23T05:00:01.123456789Z",
    "originator": "policy",
    "category": "runtime",
    "source": "syscall",
    "rawEventOriginator": "linuxAgent",
    "rawEventCategory": "runtime",
    "sourceDetails": {"sourceType": "workload", "sourceSubType": "host"},
    "engine": "falco",
    "name": "Files of the system",
    "description": 'Someone wrote to "/etc"',
    "severity": 3,
    "agentId": 711,
    "containerId": "",
    "machineId": "00:00:5e:00:53:01",
    "actions": [
        {
            "type": "POLICY_ACTION_CAPTURE",
            "successful": True,
            "token": "1a1b2c3d",
            "afterEventNs": 5000000000,
            "beforeEventNs": 5000000000,
        }
    ],
    "content": {
        "policyId": 815,
        "baselineId": "",
        "ruleName": "Write below etc",
        "ruleType": "RULE_TYPE_FALCO",
        "ruleSubType": 0,
        "ruleTags": ["NIST", "ISO"],
        "output": "File below /etc opened (user=zoë)",
        "fields": {"fd.name": "/etc/größe", "proc.aname[2]": "su", "user.name": "zoë"},
        "falsePositive": False,
        "matchedOnDefault": False,
        "policyVersion": 2,
        "policyOrigin": "Sysdig",
    },
    "labels": {"host.hostName": "node-7", "process.name": "touch /etc/größe"},
}
COMMAND = {
    "id": "1a1b2c3d4e5f60718293a4b5c6d7e8f9",
    "agentId": 711,
    "cmdline": "ls -l",
    "comm": "ls",
    "pcomm": "bash",
    "containerId": "0a1b2c3d4e5f",
    "count": 1,
    "customerId": 1,
    "cwd": "/",
    "hostname": "node-7",
    "loginShellDistance": 1,
    "loginShellId": 2,
    "pid": 2911,
    "ppid": 2910,
    "procExepath": "/usr/bin/ls",
    "rxTimestamp": 1795410002000000000,
    "timestamp": 1795410001123456789,
    "timestampRFC3339Nano": "2026-11-23T05:00:01.123456789Z",
    "tty": 34816,
    "type": "command",
    "uid": 0,
    "username": "root",
    "userLoginUid": 4294967295,
    "userLoginName": "<NA>",
    "labels": {"aws.accountId": "111122223333", "kubernetes.pod.name": "shop-0"},
}
CONNECTION = {
    "id": "2a1b2c3d4e5f60718293a4b5c6d7e8f9",
    "agentId": 711,
    "clientIpv4": 3221225985,
    "clientIpv4Dot": "192.0.2.1",
    "clientPort": 50100,
    "comm": "curl",
    "containerId": "0a1b2c3d4e5f",
    "customerId": 1,
    "direction": "out",
    "dnsDomains": ["www.example.com"],
    "errorCode": 0,
    "hostname": "node-7",
    "l4protocol": 6,
    "pid": 2911,
    "processName": "curl",
    "rxTimestamp": 0,
    "serverIpv4": 3325256833,
    "serverIpv4Dot": "198.51.100.129",
    "serverPort": 443,
    "timestamp": 1795410001123456789,
    "timestampRFC3339Nano": "2026-11-23T05:00:01.123456789Z",
    "type": "connection",
    "tty": 34816,
    "labels": {"kubernetes.cluster.name": "shop"},
}
FILE = {
    "id": "3a1b2c3d4e5f60718293a4b5c6d7e8f9",
    "agentId": 711,
    "containerId": "0a1b2c3d4e5f",
    "directory": "/etc/",
    "filename": "größe",
    "hostname": "node-7",
    "permissions": "w",
    "pid": 2912,
    "comm": "touch",
    "timestamp": 1795410001123456789,
    "timestampRFC3339Nano": "2026-11-23T05:00:01.123456789Z",
    "type": "fileaccess",
    "labels": {"container.name": "shop"},
}
json_documents(
    "sysdig",
    lambda e: f"my.app.sysdig.{e['type']}",
    {
        "stream": (
            "sysdig/2026/11/23/05/sysdig-1-2026-11-23-05-00-00-0a1b2c3d-0000-4000-8000-0a1b2c3d4e5f",
            [POLICY, COMMAND],
        ),
        "audit": ("k8s/sysdig-secure/activity-1795410001.json.gz", [CONNECTION, FILE]),
    },
    ["k8s/secure/activity-1795410001.json.gz", "sysdig.json"],
)


# https://goteleport.com/docs/reference/backends/
def teleport():
    import pyarrow
    from pyarrow import parquet

    schema = pyarrow.schema(
        [
            ("event_type", pyarrow.string()),
            ("event_time", pyarrow.timestamp("ms", tz="UTC")),
            ("uid", pyarrow.string()),
            ("session_id", pyarrow.string()),
            ("user", pyarrow.string()),
            ("event_data", pyarrow.string()),
        ]
    )
    login = {
        "cluster_name": "example",
        "code": "T1000I",
        "event": "user.login",
        "ei": 0,
        "method": "sso",
        "success": True,
        "user": "zoë",
    }
    start = {
        "cluster_name": "example",
        "code": "T2000I",
        "event": "session.start",
        "ei": 7,
        "login": "root",
        "sid": "1a1b2c3d",
    }
    events = [
        {
            "event_type": data["event"],
            "event_time": datetime(2026, 11, 23, 5, 0, second, 123000, tzinfo=timezone.utc),
            "uid": f"0a1b2c3d-0000-4000-8000-0a1b2c3d4e{second:02}",
            "session_id": data.get("sid", ""),
            "user": data.get("user", "ada"),
            "event_data": compact(data),
        }
        for second, data in enumerate((login, start))
    ]

    def packed(rows):
        out = io.BytesIO()
        parquet.write_table(pyarrow.Table.from_pylist(rows, schema=schema), out, compression="snappy")
        return out.getvalue()

    def record(event):
        text = event | {"event_time": event["event_time"].strftime("%Y-%m-%dT%H:%M:%S.123Z")}
        return "my.app.teleport." + event["event_type"].replace(".", "_"), compact(text)

    key = "events/2026-11-23/0a1b2c3d-0000-7000-8000-0a1b2c3d4e5f.parquet"
    s = Service("teleport")
    s.case("cloud", key, packed(events), [record(e) for e in events])
    s.case("prefix", "teleport-longterm/" + key, packed(events[1:]), [record(events[1])])
    s.case("empty", key, packed([]), [])
    s.case("damaged", key, packed(events)[:-4], [], error="no footer")
    finish(
        s,
        [
            "sessions/0a1b2c3d-0000-7000-8000-0a1b2c3d4e5f.tar",
            "events/0a1b2c3d-0000-7000-8000-0a1b2c3d4e5f.parquet",
            "results/2026-11-23/0a1b2c3d.csv",
        ],
        [],
    )


# https://docs.tenable.com/vulnerability-management/Content/Settings/data-stream/findings-payload-files.htm
FINDING = {
    "finding_id": "0a1b2c3d-0000-5000-8000-0a1b2c3d4e5f",
    "asset": {
        "agent_uuid": None,
        "bios_uuid": None,
        "device_type": "general-purpose",
        "fqdn": "host.example.com",
        "hostname": "host.example.com",
        "uuid": "1a1b2c3d-0000-4000-8000-0a1b2c3d4e5f",
        "ipv4": "198.51.100.140",
        "ipv6": "2001:db8::140",
        "last_authenticated_results": None,
        "last_unauthenticated_results": None,
        "last_scan_target": "host.example.com",
        "mac_address": None,
        "netbios_name": None,
        "netbios_workgroup": [],
        "operating_system": ["Linux"],
        "network_id": "00000000-0000-0000-0000-000000000000",
        "tracked": True,
    },
    "output": "Path : /usr/lib/größe\nVersion : 1",
    "plugin": {
        "id": 81500,
        "name": "Example < 2.0",
        "family": "General",
        "cve": ["CVE-2026-0001"],
        "cvss4_base_score": 8.6,
        "risk_factor": "high",
    },
    "port": {"port": 443, "protocol": "TCP", "service": "www"},
    "scan": {
        "completed_at": "2026-11-23T05:00:00.000Z",
        "schedule_uuid": "template-0a1b2c3d",
        "started_at": "2026-11-23T04:00:00.000Z",
        "uuid": "2a1b2c3d",
    },
    "severity": "high",
    "severity_id": 3,
    "severity_default_id": 3,
    "severity_modification_type": "NONE",
    "first_found": "2026-11-20T05:00:00.000Z",
    "last_found": "2026-11-23T05:00:00.000Z",
    "last_fixed": None,
    "indexed": "2026-11-23T05:00:01.123Z",
    "state": "OPEN",
    "source": "NESSUS",
}
# https://docs.tenable.com/vulnerability-management/Content/Settings/data-stream/assets-payload-files.htm
ASSET = {
    "id": "1a1b2c3d-0000-4000-8000-0a1b2c3d4e5f",
    "has_agent": False,
    "has_plugin_results": True,
    "created_at": "2026-11-20T05:00:00.000Z",
    "terminated_at": None,
    "terminated_by": None,
    "updated_at": "2026-11-23T05:00:00.000Z",
    "deleted_at": None,
    "deleted_by": None,
    "first_seen": "2026-11-20T05:00:00.000Z",
    "last_seen": "2026-11-23T05:00:00.000Z",
    "first_scan_time": "2026-11-20T05:00:00.000Z",
    "last_scan_time": "2026-11-23T05:00:00.000Z",
    "last_authenticated_scan_date": None,
    "last_licensed_scan_date": "2026-11-23T05:00:00.000Z",
    "last_scan_id": "2a1b2c3d",
    "last_schedule_id": "template-0a1b2c3d",
    "last_scan_target": "host.example.com",
    "last_authentication_attempt_date": None,
    "last_authentication_success_date": None,
    "last_authentication_scan_status": "Success",
    "agent_uuid": None,
    "bios_uuid": None,
    "network_id": "00000000-0000-0000-0000-000000000000",
    "azure_vm_id": None,
    "azure_resource_id": None,
    "gcp_project_id": None,
    "gcp_zone": None,
    "gcp_instance_id": None,
    "aws_ec2_instance_ami_id": None,
    "aws_ec2_instance_id": "i-0a1b2c3d",
    "network_name": "Büro",
    "aws_owner_id": "111122223333",
    "aws_availability_zone": "eu-west-1a",
    "aws_region": "eu-west-1",
    "aws_vpc_id": "vpc-0a1b2c3d",
    "aws_ec2_instance_group_name": None,
    "aws_ec2_instance_state_name": "running",
    "aws_ec2_instance_type": "t3.small",
    "aws_subnet_id": "subnet-0a1b2c3d",
}
TAGS = {
    "target": {"asset_uuid": "1a1b2c3d-0000-4000-8000-0a1b2c3d4e5f"},
    "tags": [
        {
            "type": "DYNAMIC",
            "category_uuid": "3a1b2c3d",
            "value_uuid": "4a1b2c3d",
            "category_name": "Ort",
            "tag_name": "Zürich",
            "created_by": None,
            "created_at": 1795410000123,
            "updated_by": None,
            "updated_at": 1795410000123,
            "description": None,
            "category_description": None,
            "product": "IO",
        }
    ],
}


def tenable():
    def payload(kind, updates, deletes="[]"):
        head = {
            "payload_id": f"{kind.lower()}-1795410001123-24",
            "version": 1,
            "type": kind,
            "count_updated": len(updates),
            "count_deleted": 0,
        }
        return (
            compact(head)[:-1]
            + ',"updates":['
            + ",".join(map(compact, updates))
            + f'],"deletes":{deletes},"first_ts":"1795410001","last_ts":"1795410002"}}'
        )

    key = "tds/finding/2026-11-23/finding-1795410001123-24.json.gz"
    deleted = [{"id": f"1a1b2c3d-0000-4000-8000-0a1b2c3d4e{n}", "deleted_at": "2026-11-23T05:00:00.000Z"} for n in ("5f", "60")]
    fixed = FINDING | {"state": "FIXED", "last_fixed": "2026-11-23T05:00:00.000Z"}
    indented = [textwrap.indent(json.dumps(t, indent=2, ensure_ascii=False), "    ") for t in (TAGS, TAGS)]
    s = Service("tenable")
    s.case(
        "findings",
        key,
        payload("FINDING", [FINDING, fixed], compact(deleted[:1])),
        [("my.app.tenable.finding", compact(e)) for e in (FINDING, fixed)]
        + [("my.app.tenable.finding_deleted", compact(deleted[0]))],
    )
    s.case(
        "deleted_assets",
        "tds/asset/2026-11-23/asset-1795410001123-16.json.gz",
        payload("ASSET", [], compact(deleted)),
        [("my.app.tenable.asset_deleted", compact(e)) for e in deleted],
    )
    s.case(
        "assets",
        "assets/2026-11-23/asset-1795410001123-16-0a1b2c3d-0000-4000-8000-0a1b2c3d4e5f.json.gz",
        payload("ASSET", [ASSET, ASSET | {"has_agent": True}], compact(deleted[:1])),
        [("my.app.tenable.asset", compact(e)) for e in (ASSET, ASSET | {"has_agent": True})]
        + [("my.app.tenable.asset_deleted", compact(deleted[0]))],
    )
    s.case(
        "tags_indented",
        "tags/20261123/tags-1795410001123-5.json",
        '{\n  "payload_id": "tags-1795410001123-5",\n  "version": 1,\n  "type": "TAGS",\n  "updates": [\n'
        + ",\n".join(indented)
        + '\n  ],\n  "deletes": []\n}\n',
        [("my.app.tenable.tags", text.strip().replace("\n", " ")) for text in indented],
    )
    s.case("empty", key, payload("FINDING", []), [])
    whole = payload("FINDING", [FINDING, fixed])
    s.case(
        "damaged",
        key,
        whole[: whole.index('"FIXED"')],
        [("my.app.tenable.finding", compact(FINDING))],
        error="truncated",
    )
    finish(
        s,
        ["tds/2026-11-23/finding-1795410001123-24.json.gz", "tds/plugin/2026-11-23/plugin-1.json"],
        ["tds/manifest_finding/2026-11-23/manifest-1795410900000.json.gz", "manifest_tags/20261123/manifest-1.json"],
    )


ISSUE = {
    "id": "0a1b2c3d-0000-5000-8000-0a1b2c3d4e5f",
    "type": "TOXIC_COMBINATION",
    "sourceRule": {
        "id": "wc-id-815",
        "name": "Open to all",
        "controlDescription": "…",
        "resolutionRecommendation": "Close it",
    },
    "control": {"id": "wc-id-815", "name": "Open to all"},
    "createdAt": "2026-11-23T05:00:01.123Z",
    "updatedAt": "2026-11-23T05:00:02.123Z",
    "dueAt": None,
    "resolvedAt": None,
    "statusChangedAt": "2026-11-23T05:00:01.123Z",
    "status": "OPEN",
    "severity": "HIGH",
    "projects": [
        {"id": "p1", "name": "Shop", "slug": "shop", "businessUnit": "", "riskProfile": {"businessImpact": "MBI"}}
    ],
    "entitySnapshot": {
        "id": "e1",
        "type": "VIRTUAL_MACHINE",
        "nativeType": "ec2#instance",
        "name": "größe-7",
        "status": "Active",
        "cloudPlatform": "AWS",
        "cloudProviderURL": "https://console.example.com/",
        "providerId": "arn:aws:ec2:eu-west-1:111122223333:instance/i-0a1b2c3d",
        "region": "eu-west-1",
        "resourceGroupExternalId": None,
        "subscriptionExternalId": "111122223333",
        "subscriptionName": "shop",
        "subscriptionTags": {},
        "tags": {"env": "prod"},
        "createdAt": "2026-11-20T05:00:00Z",
        "externalId": "i-0a1b2c3d",
    },
    "serviceTickets": [{"externalId": "T-1", "name": "Close it", "url": "https://tickets.example.com/T-1"}],
    "notes": [
        {
            "createdAt": "2026-11-23T05:00:02Z",
            "updatedAt": None,
            "text": "seen",
            "user": {"name": "Zoë", "email": "zoe@example.com"},
            "serviceAccount": None,
        }
    ],
}
AUDIT = {
    "id": "1a1b2c3d-0000-5000-8000-0a1b2c3d4e5f",
    "action": "Login",
    "requestId": "2a1b2c3d-0000-5000-8000-0a1b2c3d4e5f",
    "status": "SUCCESS",
    "timestamp": "2026-11-23T05:00:01.123Z",
    "actionParameters": {"clientID": "c1", "groups": None, "name": "zoë", "products": ["*"], "role": ""},
    "userAgent": "Mozilla/5.0",
    "sourceIP": "203.0.113.140",
    "serviceAccount": {"id": "sa1", "name": "job"},
    "user": None,
}
teleport()
tenable()
json_lines(
    "wiz",
    lambda e: "my.app.wiz.audit" if "requestId" in e else "my.app.wiz.issue",
    {
        "issues": (
            "wiz/issues/2026/11/23/0500.jsonl.gz",
            [ISSUE, ISSUE | {"status": "RESOLVED", "resolvedAt": "2026-11-23T06:00:00Z"}],
        ),
        "audit": ("cloud/wiz-export/audit-1795410001.json", [AUDIT]),
    },
    ["cloud/export/audit-1795410001.json", "wiz/report.csv"],
)
