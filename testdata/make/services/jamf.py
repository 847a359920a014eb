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

s = Service("aws_sqs_jamf")
s.case("alerts", "jamf/alerts/2026/11/23/0a1b2c3d.json.gz", jsonl(alerts), tagged("my.app.alerts.logs", alerts))
s.case("threats", "sec/jamf/Threats/0a1b2c3d-0000-4000-8000-0a1b2c3d4e5f", compact(threats), tagged("my.app.threats.logs", threats))
indented = json.dumps(alerts[1], indent=1)
s.case("one_indented", "jamf/alerts/one.json", indented, [("my.app.alerts.logs", indented.replace("\n", " "))])
s.case("empty", "jamf/alerts/none.json.gz", "", [])
torn = compact(alerts[0])[:80]
s.case("damaged", "jamf/alerts/torn.json.gz", jsonl(alerts[1:]) + f"{torn}\n" + jsonl(alerts[1:]), [*tagged("my.app.alerts.logs", alerts[1:]), (UNPARSED, torn), *tagged("my.app.alerts.logs", alerts[1:])])
s.elsewhere("jamf/alerts.json", "myjamf/alerts/a.json")
