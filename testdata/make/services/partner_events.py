"""Auth0, Okta and OneLogin: events of EventBridge partners, as Firehose writes them."""

from shapes import json_documents


def event(number, partner, detail_type, detail):
    return {
        "version": "0",
        "id": f"0a1b2c3d-0000-4000-8000-00000000{number:04}",
        "detail-type": detail_type,
        "source": f"aws.partner/{partner}",
        "account": "111122223333",
        "time": "2026-11-23T05:00:01Z",
        "region": "eu-west-1",
        "resources": [],
        "detail": detail,
    }


def stream(name, folder, hour):
    return f"{folder}2026/11/23/{hour}/{name}-1-2026-11-23-{hour}-00-00-0a1b2c3d-0000-4000-8000-0a1b2c3d4e5f"


# https://auth0.com/docs/deploy-monitor/logs/log-event-type-codes
AUTH0 = {
    "log_id": "9002026112305000112345678900000000000000000000000000000",
    "data": {
        "date": "2026-11-23T05:00:00.123Z",
        "type": "s",
        "description": "Successful login",
        "connection": "Username-Password-Authentication",
        "connection_id": "con_ExampleShop00001",
        "client_id": "ExampleShopClientIdentifier00001",
        "client_name": 'Shop "web"',
        "ip": "203.0.113.70",
        "client_ip": "203.0.113.70",
        "user_agent": "Firefox 151.0.0 / Linux",
        "details": {"prompts": [{"name": "login", "completedAt": 1795410000123}], "session_id": "s1"},
        "hostname": "shop.eu.auth0.example.com",
        "user_id": "auth0|0a1b2c3d",
        "user_name": "zoë@example.com",
        "strategy": "auth0",
        "strategy_type": "database",
        "audience": "https://api.example.com",
        "scope": "openid profile",
        "auth0_client": {"name": "auth0-spa", "version": "3.0.0"},
        "location_info": {"country_code": "CH", "city_name": "Zürich", "latitude": 47.37, "longitude": 8.54},
        "log_id": "9002026112305000112345678900000000000000000000000000000",
        "isMobile": False,
        "tenant_name": "shop",
        "organization_id": "org_0a1b2c3d",
        "organization_name": "acme",
        "session_connection": "",
        "original_url": "",
        "security_context": {"ja3": "0a1b2c3d4e5f60718293a4b5c6d7e8f9"},
        "environment_name": "production",
        "$event_schema": {"version": "1.0.0"},
    },
}
source = "auth0.com/shop-0a1b2c3d/auth0.logs"
failed = AUTH0 | {"data": AUTH0["data"] | {"type": "fp", "description": "Wrong email or password."}}
json_documents(
    "auth0",
    "my.app.auth0.logs",
    {
        "hourly": (stream("auth0-logs", "auth0/", "05"), [event(1, source, "Auth0 log", d) for d in (AUTH0, failed)]),
        "prefix": (
            "idp/my-auth0-bus/dt=2026-11-23/auth0-logs-1-2026-11-23-06-00-00-0a1b2c3d.gz",
            [event(3, source, "Auth0 log", AUTH0)],
        ),
    },
    [stream("auth0-logs", "okta/", "05"), "auth0", stream("auth0-logs", "", "05")],
)

# https://developer.okta.com/docs/api/openapi/okta-management/management/tag/SystemLog/
OKTA = {
    "uuid": "0d0a1b2c-0000-4000-8000-0a1b2c3d4e5f",
    "published": "2026-11-23T05:00:00.123Z",
    "eventType": "user.session.start",
    "version": "0",
    "displayMessage": "User login to Okta",
    "severity": "INFO",
    "legacyEventType": "core.user_auth.login_success",
    "client": {
        "userAgent": {"rawUserAgent": "Mozilla/5.0", "os": "Linux", "browser": "FIREFOX"},
        "zone": "null",
        "device": "Computer",
        "id": None,
        "ipAddress": "203.0.113.71",
        "geographicalContext": {
            "city": "Zürich",
            "state": "Zurich",
            "country": "Switzerland",
            "postalCode": "8001",
            "geolocation": {"lat": 47.37, "lon": 8.54},
        },
    },
    "device": {"id": "guoexample0000000001", "name": "laptop", "os_platform": "LINUX", "managed": True},
    "actor": {
        "id": "00uexample0000000001",
        "type": "User",
        "alternateId": "zoë@example.com",
        "displayName": "Zoë Doe",
        "detailEntry": None,
    },
    "outcome": {"result": "SUCCESS", "reason": None},
    "target": [
        {
            "id": "pfdexample0000000001",
            "type": "AuthenticatorEnrollment",
            "alternateId": "unknown",
            "displayName": "Password",
        }
    ],
    "transaction": {"type": "WEB", "id": "ExampleTransaction0000000001", "detail": {}},
    "debugContext": {"debugData": {"requestUri": "/idp/idx/identify", "threatSuspected": "false"}},
    "authenticationContext": {
        "authenticationProvider": None,
        "credentialProvider": None,
        "credentialType": None,
        "issuer": None,
        "authenticationStep": 0,
        "rootSessionId": "102Example",
        "externalSessionId": "102Example",
        "interface": None,
    },
    "securityContext": {
        "asNumber": 64500,
        "asOrg": "example",
        "isp": "example isp",
        "domain": "example.com",
        "isProxy": False,
        "ipDetails": None,
        "userBehaviors": [],
    },
    "insertionTimestamp": None,
    "request": {"ipChain": [{"ip": "203.0.113.71", "version": "V4", "source": None, "geographicalContext": None}]},
}
source = "okta.com/acme/okta-logs"
denied = OKTA | {"severity": "WARN", "outcome": {"result": "FAILURE", "reason": "INVALID_CREDENTIALS"}}
json_documents(
    "okta",
    "my.app.okta.system_log",
    {
        "hourly": (
            stream("okta", "idp/okta/", "05"),
            [event(n, source, "SystemLog", d) for n, d in ((1, OKTA), (2, denied))],
        ),
        "gzip": (stream("events", "acme-okta-logs/", "06") + ".gz", [event(3, source, "SystemLog", OKTA)]),
    },
    [stream("okta", "auth0/", "05"), stream("okta", "", "05")],
)

# https://developers.onelogin.com/api-docs/1/events/event-resource
ONELOGIN = {
    "uuid": "c5e1b1d5-0000-4000-8000-0a1b2c3d4e5f",
    "create": {"_id": "0a1b2c3d"},
    "id": 711000001,
    "created_at": "2026-11-23T05:00:00.123Z",
    "event_timestamp": "2026-11-23 05:00:00 UTC",
    "account_id": 180233,
    "user_id": 88110020,
    "user_name": "Zoë Doe",
    "login_name": "zoe@example.com",
    "event_type_id": 5,
    "notes": "Initiated by OneLogin",
    "ipaddr": "203.0.113.72",
    "proxy_ip": "198.51.100.72",
    "actor_user_id": 88110020,
    "actor_user_name": "Zoë Doe",
    "actor_system": "Assumed user",
    "assuming_acting_user_id": None,
    "role_id": None,
    "role_name": None,
    "app_id": 333001,
    "app_name": "Shop",
    "group_id": None,
    "group_name": None,
    "otp_device_id": None,
    "otp_device_name": None,
    "policy_id": None,
    "policy_name": None,
    "operation_name": None,
    "directory_id": None,
    "directory_sync_run_id": None,
    "directory_name": None,
    "resolution": None,
    "client_id": None,
    "resource_type_id": None,
    "error_description": None,
    "custom_message": None,
    "authentication_factor_id": 8,
    "authentication_factor_type": 8,
    "authentication_factor_description": "OneLogin Protect",
    "risk_score": 3,
    "risk_reasons": "low",
    "risk_cookie_id": "c1",
    "browser_fingerprint": False,
    "user_agent": "Mozilla/5.0",
    "imported_user_id": None,
    "imported_user_name": None,
    "trusted_idp_id": None,
    "trusted_idp_name": None,
    "radius_config_id": None,
    "radius_config_name": None,
    "certificate_id": None,
    "certificate_name": None,
    "login_id": None,
    "mapping_id": None,
    "mapping_name": None,
    "proxy_agent_id": None,
    "proxy_agent_name": None,
    "self_registration_profile_id": None,
    "self_registration_profile_name": None,
    "service_directory_id": None,
    "solved": None,
    "task_name": None,
    "note_id": None,
    "note_title": None,
    "object_id": None,
    "param": None,
    "privilege_id": None,
    "privilege_name": None,
    "adc_id": None,
    "adc_name": None,
    "api_credential_name": None,
    "entity": None,
    "resource": None,
}
source = "onelogin.com/US-180233/0a1b2c3d4e"
refused = ONELOGIN | {"event_type_id": 6, "error_description": "Authentication failed"}
json_documents(
    "onelogin",
    "my.app.onelogin.events",
    {
        "hourly": (
            stream("onelogin", "onelogin/", "05"),
            [event(n, source, "OneLogin Event", d) for n, d in ((1, ONELOGIN), (2, refused))],
        ),
        "gzip": (stream("events", "idp/prod-onelogin/", "06") + ".gz", [event(3, source, "OneLogin Event", ONELOGIN)]),
    },
    [stream("onelogin", "okta/", "05"), stream("onelogin", "", "05")],
)
