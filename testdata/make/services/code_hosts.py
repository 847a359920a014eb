"""GitHub's and GitLab's audit logs."""

from cases import compact
from shapes import json_lines

# https://docs.github.com/en/enterprise-cloud@latest/admin/monitoring-activity-in-your-enterprise/reviewing-audit-logs-for-your-enterprise/audit-log-events-for-your-enterprise
GITHUB = {
    "@timestamp": 1795410001123,
    "_document_id": "ExampleDocument00000001",
    "action": "repo.create",
    "actor": "zoe",
    "actor_id": 8811002,
    "actor_ip": "203.0.113.91",
    "actor_is_bot": False,
    "actor_location": {"country_code": "CH"},
    "business": "example-enterprise",
    "business_id": 4711,
    "created_at": 1795410001123,
    "operation_type": "create",
    "org": "example-org",
    "org_id": 4712,
    "public_repo": False,
    "repo": "example-org/größe",
    "repo_id": 4713,
    "user": "zoe",
    "user_id": 8811002,
    "user_agent": "git/2.51.0",
    "visibility": "private",
    "external_identity_nameid": "zoe@example.com",
    "external_identity_username": "zoe",
    "hashed_token": "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=",
    "programmatic_access_type": "Fine-grained personal access token",
    "token_id": 4714,
    "token_scopes": "repo,read:org",
    "request_id": "0A1B:2C3D",
    "request_access_security_header": None,
    "referrer": None,
}
CLONE = {
    "@timestamp": 1795410002123,
    "_document_id": "ExampleDocument00000002",
    "action": "git.clone",
    "actor": "zoe",
    "actor_id": 8811002,
    "actor_location": {"country_code": "CH"},
    "business": "example-enterprise",
    "business_id": 4711,
    "org": "example-org",
    "org_id": 4712,
    "repo": "example-org/größe",
    "repository": "example-org/größe",
    "repository_public": False,
    "transport_protocol": 1,
    "transport_protocol_name": "http",
    "user": "",
    "user_agent": "git/2.51.0",
}
uuid = "0a1b2c3d-0000-4000-8000-0a1b2c3d4e5f"
json_lines(
    "github_audit",
    "my.app.github.audit",
    {
        "minute": (f"2026/11/23/05/00/{uuid}.json.log.gz", [GITHUB, CLONE]),
        "without_day": (f"github/2026/11/05/00/{uuid}.json.gz", [CLONE]),
    },
    [
        f"2026/11/23/05/00/{uuid}.json",
        f"2026/11/23/{uuid}.json.gz",
        "2026/11/23/05/events-1-2026-11-23-05-00-00-0a1b2c3d-0000-4000-8000-0a1b2c3d4e5f.gz",
        f"AWSLogs/111122223333/GuardDuty/eu-west-1/2026/11/23/{uuid}.jsonl.gz",
    ],
)

# https://docs.gitlab.com/user/compliance/audit_event_streaming/#payload-schema
GITLAB = {
    "id": 887,
    "author_id": 1,
    "entity_id": 29,
    "entity_type": "Project",
    "details": {
        "author_name": "Zoë Doe",
        "author_class": "User",
        "author_email": "zoe@example.com",
        "target_id": 29,
        "target_type": "Project",
        "target_details": "größe",
        "custom_message": {"protocol": "ssh", "action": "git-upload-pack"},
        "ip_address": "203.0.113.92",
        "entity_path": "example-group/größe",
    },
    "ip_address": "203.0.113.92",
    "author_name": "Zoë Doe",
    "author_email": "zoe@example.com",
    "entity_path": "example-group/größe",
    "target_details": "größe",
    "created_at": "2026-11-23T05:00:01.123Z",
    "target_type": "Project",
    "target_id": 29,
    "event_type": "repository_git_operation",
    "root_group_entity_id": 17,
}
added = GITLAB | {
    "id": "0a1b2c3d-0000-4000-8000-0a1b2c3d4e5f",
    "entity_type": "Group",
    "event_type": "member_created",
}
s = json_lines(
    "gitlab_audit",
    "my.app.gitlab.audit",
    {
        "project": ("project/2026/11/repository_git_operation_887_1795410001123.json", [GITLAB]),
        "prefix": (f"audit/group/2026/11/member_created_{added['id']}_1795410002123.json", [added]),
    },
    [
        "project/2026/11/repository_git_operation_887.json",
        "2026/11/repository_git_operation_887_1795410001123.json",
        "2026/11/23/05/1795410001123_887.json",
    ],
)
s.case(
    "batch",
    "2026/11/23/1795410003123_887.json",
    "[" + compact(GITLAB) + "," + compact(added) + "]",
    [("my.app.gitlab.audit", compact(e)) for e in (GITLAB, added)],
)
