"""Lacework's data export, by group and table. The fields of an exported table are those of Lacework's data share."""

from cases import UNPARSED, Service, compact, jsonl, tagged

applications = [
    {
        "BATCH_START_TIME": "2026-11-23T04:00:00Z",
        "BATCH_END_TIME": "2026-11-23T05:00:00Z",
        "MID": 812,
        "APP_NAME": "nginx",
        "EXE_PATH": "/usr/sbin/nginx",
        "USERNAME": "www",
        "PROPS_MACHINE": {"hostname": "web-1", "ip_addr": "192.0.2.10"},
    },
    {"BATCH_START_TIME": "2026-11-23T04:00:00Z", "BATCH_END_TIME": "2026-11-23T05:00:00Z", "MID": 813, "APP_NAME": "sshd", "EXE_PATH": "/usr/sbin/sshd", "USERNAME": "root", "PROPS_MACHINE": {}},
]
alerts = [
    {
        "RECORD_CREATED_TIME": "2026-11-23T05:00:00Z",
        "EVENT_ID": 7,
        "EVENT_TYPE": "NewExternalServerIp",
        "SEVERITY": 2,
        "START_TIME": "2026-11-23T04:00:00Z",
        "END_TIME": "2026-11-23T05:00:00Z",
        "EVENT_ACTOR": "App",
        "EVENT_MODEL": "AppCommunication",
        "ENTITY_MAP": {"IpAddress": [{"ip_address": "203.0.113.9"}]},
    }
]

s = Service("aws_sqs_lacework")
A = "monitor.lacework.agent.applications"
s.case("applications", "lacework/agent/applications/2026-11-23/05/part_0.json.gz", jsonl(applications), tagged(A, applications))
s.case("alerts", "exports/2026/lacework/Alerts/Events/20261123.json", compact(alerts), tagged("monitor.lacework.alerts.events", alerts))
s.case("empty", "lacework/agent/applications/2026-11-23/06/part_0.json.gz", "", [])
torn = compact(applications[0])[:60]
s.case("damaged", "lacework/agent/applications/2026-11-23/07/part_0.json.gz", jsonl(applications[1:]) + f"{torn}\n", tagged(A, applications[1:]) + [(UNPARSED, torn)])
s.elsewhere("lacework/agent/applications.json.gz", "lacework.json", "mylacework/agent/applications/x.json")
