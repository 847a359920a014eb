"""Google Workspace's and Slack's audit logs."""

from shapes import json_lines

# https://developers.google.com/workspace/admin/reports/reference/rest/v1/activities
LOGIN = {
    "kind": "admin#reports#activity",
    "id": {
        "time": "2026-11-23T05:00:01.123Z",
        "uniqueQualifier": "-7220402711512345678",
        "applicationName": "login",
        "customerId": "C0a1b2c3d",
    },
    "etag": '"0a1b2c3d/4e5f"',
    "actor": {"callerType": "USER", "email": "zoë@example.com", "profileId": "118000000000000000001", "key": "k1"},
    "ownerDomain": "example.com",
    "ipAddress": "203.0.113.93",
    "networkInfo": {"ipAsn": [64500], "regionCode": "CH", "subdivisionCode": "CH-ZH"},
    "resourceDetails": [],
    "events": [
        {
            "type": "login",
            "name": "login_success",
            "parameters": [
                {"name": "login_type", "value": "google_password"},
                {"name": "login_challenge_method", "multiValue": ["password", "security_key"]},
                {"name": "is_suspicious", "boolValue": False},
                {"name": "affected_email_count", "intValue": "3"},
                {"name": "sizes", "multiIntValue": ["1", "2"]},
                {"name": "where", "messageValue": {"parameter": [{"name": "city", "value": "Zürich"}]}},
                {"name": "all", "multiMessageValue": [{"parameter": [{"name": "a", "value": "b"}]}]},
            ],
            "resourceIds": ["r1"],
        }
    ],
}
drive = LOGIN | {
    "id": LOGIN["id"] | {"applicationName": "drive"},
    "events": [{"type": "access", "name": "view", "parameters": [{"name": "doc_title", "value": 'Q4 "plan"'}]}],
}
json_lines(
    "google_workspace",
    lambda e: f"my.app.google_workspace.{e['id']['applicationName']}",
    {
        "lines": ("google_workspace/login/2026/11/23/0500.jsonl.gz", [LOGIN, drive]),
        "plain": ("saas/google-workspace-reports/drive-20261123T050000.json", [drive]),
    },
    ["google_workspace/readme.txt", "google/login/2026/11/23/0500.jsonl.gz"],
)

# https://api.slack.com/admins/audit-logs
SLACK = {
    "id": "0e0a1b2c-0000-4000-8000-0a1b2c3d4e5f",
    "date_create": 1795410001,
    "action": "user_login",
    "actor": {
        "type": "user",
        "user": {"id": "W0EXAMPLE1", "name": "Zoë Doe", "email": "zoe@example.com", "team": "T0EXAMPLE1"},
    },
    "entity": {
        "type": "user",
        "user": {"id": "W0EXAMPLE1", "name": "Zoë Doe", "email": "zoe@example.com", "team": "T0EXAMPLE1"},
    },
    "context": {
        "location": {"type": "enterprise", "id": "E0EXAMPLE1", "name": "Example", "domain": "example"},
        "ua": "Mozilla/5.0",
        "session_id": 711000000001,
        "ip_address": "203.0.113.94",
        "app": {"id": "A1", "name": "Slack"},
    },
    "details": {"reason": "ok", "md5": "098f6bcd", "is_internal_integration": False},
}
upload = SLACK | {
    "id": "1e0a1b2c-0000-4000-8000-0a1b2c3d4e5f",
    "action": "file_uploaded",
    "entity": {
        "type": "file",
        "file": {"id": "F1", "name": "größe.pdf", "filetype": "application/pdf", "title": "a\tb"},
    },
}
created = SLACK | {
    "id": "2e0a1b2c-0000-4000-8000-0a1b2c3d4e5f",
    "action": "public_channel_created",
    "entity": {
        "type": "channel",
        "channel": {"id": "C1", "name": "general", "privacy": "public", "is_shared": False, "is_org_shared": False},
    },
}
json_lines(
    "slack_audit",
    "my.app.slack.audit",
    {
        "lines": ("slack/audit/2026/11/23/05.jsonl.gz", [SLACK, upload, created]),
        "plain": ("saas/slack-audit/entries-1795410000.json", [upload]),
    },
    ["audit/2026/11/23/05.jsonl.gz", "slack/export.zip"],
)
