"""Jamf Protect: alerts, telemetry, and Security Cloud's threat events."""

import json

from cases import UNPARSED, Service, compact, jsonl, tagged

host = {
    "os": "Version 15.1 (Build 24B83)",
    "ips": ["192.0.2.10"],
    "serial": "C02EXAMPLE01",
    "hostname": "mac-1",
    "protectVersion": "6.1.0.1",
    "provisioningUDID": "0A1B2C3D-0000-5000-8000-0A1B2C3D4E5F",
}
alerts = [
    {
        "caid": "9344154b",
        "certid": "312301bd",
        "input": {
            "host": host,
            "match": {
                "tags": ["Visibility"],
                "uuid": "0a1b2c3d-0000-4000-8000-0a1b2c3d4e5f",
                "event": {"pid": 812, "uid": 501, "path": "/Applications/a b.app", "type": 3, "timestamp": 1795410000.184953},
                "facts": [{"name": "CustomURLHandlerCreation", "severity": 0, "context": [{"name": "URL", "value": "{\n  x = 1;\n}", "valueType": "String"}]}],
                "custom": False,
                "actions": [{"name": "Report"}],
                "severity": 1,
            },
            "related": {"files": [], "users": [{"uid": 501, "name": "jane"}], "groups": [], "binaries": [], "processes": [{"pid": 812, "args": ["a", "-x"]}]},
            "eventType": "GPFSEvent",
        },
    },
    {"caid": "9344154b", "certid": "312301be", "input": {"host": host, "match": {"uuid": "0a1b2c3d-0000-4000-8000-0a1b2c3d4e60"}, "eventType": "GPProcessEvent"}},
]
threats = [
    {
        "event": {
            "metadata": {"schemaVersion": "1.0", "vendor": "Jamf", "product": "Threat Events Stream"},
            "timestamp": "2026-11-23T05:00:00.767Z",
            "alertId": "0a1b2c3d-0000-4000-8000-0a1b2c3d4e61",
            "account": {"customerId": "c", "parentId": "p", "name": "Example"},
            "device": {"deviceId": "d", "os": "IOS 26.1", "deviceName": "phone", "userDeviceName": "Jane's", "externalId": "e"},
            "eventType": {"id": 213, "description": "Sideloaded App", "name": "SIDE_LOADED_APP_IN_INVENTORY"},
            "app": {"id": "com.example.a", "name": "A", "version": "1.1", "sha1": "", "sha256": ""},
            "destination": {"name": "host", "ip": "198.51.100.7", "port": 80},
            "source": {"ip": "192.0.2.10", "port": 40000},
            "location": "xx",
            "accessPoint": "AP",
            "accessPointBssid": "00:00:5e:00:53:01",
            "severity": 6,
            "user": {"email": "jane@example.com", "name": "Jane"},
            "eventUrl": "https://radar.example.com/e/1",
            "action": "Detected",
        }
    }
]


def process(pid, path):
    token = {"asid": 100004, "auid": 501, "egid": 20, "euid": 501, "pid": pid, "pidversion": 1731, "rgid": 20, "ruid": 501, "uuid": f"0a1b2c3d-0000-4000-8000-{pid:012x}", "e_username": "jane"}
    parent = {**token, "pid": 1, "signing_id": "com.apple.xpc.launchd", "exec_path": "/sbin/launchd"}
    return {
        "audit_token": token,
        "cdhash": f"{pid:040x}",
        "codesigning_flags": 570522385,
        "executable": {"path": path, "sha1": f"{pid:040x}", "sha256": f"{pid:064x}"},
        "is_es_client": False,
        "is_platform_binary": pid < 100,
        "parent_audit_token": parent,
        "responsible_audit_token": {**token, "signing_id": "com.example.a", "exec_path": path},
        "signing_id": "com.example.a",
        "start_time": "2026-11-23T04:59:58.000Z",
        "team_id": "EXAMPLE001",
        "tty": {"path": "/dev/ttys001"},
    }


telemetry = [
    {
        "action": {"result": {"result": {"auth": 0}, "result_type": 0}},
        "action_type": 1,
        "deadline": 0,
        "event": {
            "btm_launch_item_add": {
                "executable_path": "/Applications/a b.app/Contents/MacOS/a",
                "item": {"app_url": "file:///Applications/a%20b.app/", "item_type": 4, "item_url": "file:///Library/LaunchDaemons/a.plist", "legacy": True, "managed": False, "uid": 501},
                "app": process(812, "/Applications/a b.app/Contents/MacOS/a"),
                "instigator": process(99, "/usr/libexec/smd"),
            }
        },
        "event_type": 124,
        "glob_seq_num": 1180,
        "host": {"hostname": "mac-1", "ips": ["192.0.2.10"], "os": "Version 15.1 (Build 24B83)", "protectVersion": "6.1.0.1", "provisioningUDID": host["provisioningUDID"], "serial": host["serial"]},
        "mach_time": 98131002241,
        "metadata": {"product": "Device Telemetry Stream", "schemaVersion": "1.0", "vendor": "Jamf"},
        "seq_num": 3,
        "thread": {"thread_id": 7712, "uuid": "0a1b2c3d-0000-4000-8000-0a1b2c3d4e62"},
        "time": "2026-11-23T05:00:02.184953021Z",
        "uuid": "0a1b2c3d-0000-4000-8000-0a1b2c3d4e63",
        "version": 8,
    }
]
legacy = [
    {
        "arguments": {"child_PID": 4711},
        "attributes": {"device": 0, "file_access_mode": 33261, "file_system_id": 16777232, "node_id": 9912, "owner_group_id": 0, "owner_group_name": "wheel", "owner_user_id": 0, "owner_user_name": "root"},
        "exec_args": {"args": {"1": "/bin/ls", "2": "-l"}, "args_compiled": "/bin/ls,-l"},
        "exec_chain": {"thread_uuid": "0A1B2C3D-0000-4000-8000-0A1B2C3D4E64"},
        "exec_chain_parent": {"uuid": "0A1B2C3D-0000-4000-8000-0A1B2C3D4E65"},
        "exec_env": {"env": {"PATH": "/usr/bin:/bin", "PWD": "/tmp"}, "env_compiled": "PWD=/tmp,PATH=/usr/bin:/bin"},
        "header": {"event_id": 43190, "event_modifier": 0, "event_name": "AUE_POSIX_SPAWN", "time_milliseconds_offset": 17, "time_seconds_epoch": 1795410000, "version": 11},
        "host_info": {"host_name": "mac-1", "host_uuid": host["provisioningUDID"], "osversion": "Version 15.1 (Build 24B83)", "serial_number": host["serial"]},
        "identity": {"cd_hash": "00" * 20, "signer_id": "com.apple.zsh", "signer_id_truncated": False, "signer_type": 1, "team_id": "", "team_id_truncated": False},
        "key": "0A1B2C3D-0000-4000-8000-0A1B2C3D4E66",
        "path": ["/bin/ls", "/bin/ls"],
        "return": {"description": "success", "error": 0, "return_value": 0},
        "subject": {
            "audit_id": 501,
            "audit_user_name": "jane",
            "effective_group_id": 20,
            "effective_group_name": "staff",
            "effective_user_id": 501,
            "effective_user_name": "jane",
            "group_id": 20,
            "group_name": "staff",
            "process_hash": "11" * 20,
            "process_id": 4700,
            "process_name": "/bin/zsh",
            "responsible_process_id": 812,
            "responsible_process_name": "/Applications/a b.app/Contents/MacOS/a",
            "session_id": 100004,
            "terminal_id": {"ip_address": "0.0.0.0", "port": 0, "type": 4},
            "user_id": 501,
            "user_name": "jane",
        },
    }
]
traffic = [
    {
        "event": {
            "metadata": {"schemaVersion": "1.0", "vendor": "Jamf", "product": "Network Traffic Stream"},
            "timestamp": "2026-11-23T05:00:03.001Z",
            "signatureId": {"id": 300, "name": "DNS Lookup"},
            "account": {"customerId": "c", "parentId": "p", "name": "Example"},
            "device": {"deviceId": "d", "externalId": "e", "userDeviceName": "Jane's", "osType": "IOS"},
            "user": {"email": "jane@example.com", "name": "Jane"},
            "source": {"ip": "192.0.2.10"},
            "destination": {"ips": ["198.51.100.7", "198.51.100.8"]},
            "networkInterface": "WIFI",
            "hostName": "www.example.com",
            "domain": "example.com",
            "tld": "com",
            "dns": {"recordType": "A", "responseStatus": "NOERROR", "ttl": 60, "category": "Technology"},
            "threat": {"result": "NONE", "types": []},
            "blocked": False,
            "receiptTime": "2026-11-23T05:00:04.120Z",
        }
    }
]

s = Service("aws_sqs_jamf")
s.case("alerts", "jamf/alerts/2026/11/23/0a1b2c3d.json.gz", jsonl(alerts), tagged("my.app.alerts.logs", alerts))
s.case("threats", "sec/jamf/Threats/0a1b2c3d-0000-4000-8000-0a1b2c3d4e5f", compact(threats), tagged("my.app.threats.logs", threats))
s.case("own_folder", "protect-acme/telemetry/2026/11/23/0a1b2c3d.json.gz", jsonl(telemetry), tagged("my.app.telemetry.logs", telemetry))
s.case("legacy", "protect-acme/telemetry_legacy/0a1b2c3d.json", jsonl(legacy), tagged("my.app.telemetry_legacy.logs", legacy))
s.case("traffic", "sec/jamf/network-traffic/0a1b2c3d.json", jsonl(traffic), tagged("my.app.network-traffic.logs", traffic))
indented = json.dumps(alerts[1], indent=1)
s.case("one_indented", "jamf/alerts/one.json", indented, [("my.app.alerts.logs", indented.replace("\n", " "))])
s.case("empty", "jamf/alerts/none.json.gz", "", [])
torn = compact(alerts[0])[:80]
s.case("damaged", "jamf/alerts/torn.json.gz", jsonl(alerts[1:]) + f"{torn}\n" + jsonl(alerts[1:]), [*tagged("my.app.alerts.logs", alerts[1:]), (UNPARSED, torn), *tagged("my.app.alerts.logs", alerts[1:])])
s.elsewhere("jamf/alerts.json", "myjamf/alerts/a.json", "protect/alerts/a.json", "protect-acme/a.json")
