"""Databricks, Salesforce and Snowflake: what data platforms write."""

from cases import Service, stands_for
from shapes import json_lines, rows

# https://docs.databricks.com/aws/en/admin/account-settings/audit-logs
DATABRICKS = {
    "version": "2.0",
    "auditLevel": "WORKSPACE_LEVEL",
    "timestamp": 1795410001123,
    "orgId": "711000000000001",
    "shardName": "example-shard",
    "accountId": "0f0a1b2c-0000-4000-8000-0a1b2c3d4e5f",
    "sourceIPAddress": "203.0.113.101",
    "userAgent": "Mozilla/5.0",
    "sessionId": "ephemeral-0a1b2c3d",
    "userIdentity": {"email": "zoë@example.com", "subjectName": None},
    "serviceName": "notebook",
    "actionName": "runCommand",
    "requestId": "ServiceMain-0a1b2c3d",
    "requestParams": {
        "notebookId": "815",
        "executionTime": "1.2",
        "status": "finished",
        "commandText": 'select "größe"\nfrom t',
    },
    "response": {"statusCode": 200, "errorMessage": None, "result": '{"rows": 17}'},
    "MAX_LOG_MESSAGE_LENGTH": 16384,
}
account = DATABRICKS | {
    "auditLevel": "ACCOUNT_LEVEL",
    "orgId": "0",
    "serviceName": "unityCatalog",
    "actionName": "getTable",
}
json_lines(
    "databricks_audit",
    "my.app.databricks.audit",
    {
        "workspace": (
            "audit/workspaceId=711000000000001/date=2026-11-23/auditlogs_0a1b2c3d.json",
            [DATABRICKS, account],
        ),
        "account": ("workspaceId=0/date=2026-11-23/auditlogs_internal-7.json", [account]),
    },
    [
        "billable-usage/csv/workspaceId=0-usageMonth=2026-11.csv",
        "date=2026-11-23/auditlogs_0a1b2c3d.json",
    ],
    ["workspaceId=0/date=2026-11-23/_SUCCESS"],
)

# https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_eventlogfile_login.htm
LOGIN = {
    "EVENT_TYPE": "Login",
    "TIMESTAMP": "20261123050001.123",
    "REQUEST_ID": "5ExampleRequest0000001",
    "ORGANIZATION_ID": "00DEXAMPLE00001",
    "USER_ID": "005EXAMPLE00001",
    "RUN_TIME": "130",
    "CPU_TIME": "68",
    "URI": "/index.jsp",
    "SESSION_KEY": "ExampleSession01",
    "LOGIN_KEY": "ExampleLogin0001",
    "REQUEST_STATUS": "Success",
    "DB_TOTAL_TIME": "37000000",
    "BROWSER_TYPE": "Mozilla/5.0 (X11; Linux x86_64)",
    "API_TYPE": "",
    "API_VERSION": "9998.0",
    "USER_NAME": "zoë@example.com",
    "TLS_PROTOCOL": "TLSv1.3",
    "CIPHER_SUITE": "TLS_AES_256_GCM_SHA384",
    "AUTHENTICATION_METHOD_REFERENCE": "",
    "LOGIN_TYPE": "Application",
    "LOGIN_SUB_TYPE": "",
    "AUTHENTICATION_SERVICE_ID": "",
    "TIMESTAMP_DERIVED": "2026-11-23T05:00:01.123Z",
    "USER_ID_DERIVED": "005EXAMPLE00001AAA",
    "CLIENT_IP": "203.0.113.102",
    "URI_ID_DERIVED": "",
    "LOGIN_STATUS": "LOGIN_NO_ERROR",
    "SOURCE_IP": "203.0.113.102",
    "FORWARDED_FOR_IP": "",
}
REPORT = {
    k: LOGIN[k]
    for k in (
        "EVENT_TYPE",
        "TIMESTAMP",
        "REQUEST_ID",
        "ORGANIZATION_ID",
        "USER_ID",
        "CLIENT_IP",
        "USER_ID_DERIVED",
        "TIMESTAMP_DERIVED",
    )
} | {"EVENT_TYPE": "ReportExport", "REPORT_DESCRIPTION": 'Orders of "größe",\nall regions'}
rows(
    "salesforce_event_log",
    lambda r: f"my.app.salesforce.{r['EVENT_TYPE'].lower()}",
    {
        "daily": (
            "salesforce/Login/2026-11-23_Login.csv.gz",
            [LOGIN, LOGIN | {"LOGIN_STATUS": "LOGIN_ERROR_INVALID_PASSWORD"}],
        ),
        "hourly": ("crm/salesforce-elf/2026/11/23/05/ReportExport-1.csv", [REPORT]),
    },
    ["crm/elf/2026-11-23_Login.csv", "salesforce/Login/2026-11-23.json"],
)

# https://docs.snowflake.com/en/sql-reference/account-usage/login_history
HISTORY = {
    "EVENT_ID": "711000000001",
    "EVENT_TIMESTAMP": "2026-11-23 05:00:01.123 +0000",
    "EVENT_TYPE": "LOGIN",
    "USER_NAME": "ZOË",
    "CLIENT_IP": "203.0.113.103",
    "REPORTED_CLIENT_TYPE": "PYTHON_DRIVER",
    "REPORTED_CLIENT_VERSION": "4.0.0",
    "FIRST_AUTHENTICATION_FACTOR": "RSA_KEYPAIR",
    "SECOND_AUTHENTICATION_FACTOR": "\\N",
    "IS_SUCCESS": "YES",
    "ERROR_CODE": "\\N",
    "ERROR_MESSAGE": "\\N",
    "RELATED_EVENT_ID": "0",
    "CONNECTION": "\\N",
}
# https://docs.snowflake.com/en/sql-reference/account-usage/query_history
QUERY = {
    "QUERY_ID": "01b2c3d4-0000-4000-0000-0a1b2c3d4e5f",
    "QUERY_TEXT": 'select "größe",\n  1 from t',
    "DATABASE_NAME": "SHOP",
    "WAREHOUSE_NAME": "WH_S",
    "USER_NAME": "ZOË",
    "EXECUTION_STATUS": "SUCCESS",
    "START_TIME": "2026-11-23 05:00:01.123 +0000",
}
unloaded = rows(
    "snowflake_unload_csv",
    "my.app.snowflake.unload",
    {
        "logins": ("snowflake/login_history/2026/11/23/data_0_0_0.csv.gz", [HISTORY, HISTORY | {"IS_SUCCESS": "NO"}]),
        "queries": ("unload/data_01b2c3d4-0000-4000-0000-0a1b2c3d4e5f_0_7_1.csv", [QUERY]),
    },
    ["snowflake/login_history/data_0_0_0.snappy.parquet", "snowflake/data.csv", "snowflake/data_0_0.csv.gz"],
)


def snowflake():
    import parquet

    schema = [(name, "string") for name in HISTORY]
    logins = [{k: None if v == "\\N" else v for k, v in row.items()} for row in (HISTORY, HISTORY | {"IS_SUCCESS": "NO"})]
    s = Service("snowflake_unload_parquet")

    def case(name, key, table, codec="snappy"):
        records = [("my.app.snowflake.unload", parquet.record(schema, row)) for row in table]
        s.case(name, key, parquet.write(schema, table, codec), records)

    case("logins", "snowflake/login_history/2026/11/23/data_0_0_0.snappy.parquet", logins)
    case("plain", "unload/data_01b2c3d4-0000-4000-0000-0a1b2c3d4e5f_0_7_1.parquet", logins[1:], "none")
    key = "snowflake/login_history/2026/11/24/data_0_0_0.snappy.parquet"
    case("empty", key, [])
    s.case("damaged", key, parquet.write(schema, logins)[:-9], [], error="no footer")
    s.elsewhere("snowflake/login_history/data_0_0_0.csv.gz", "snowflake/data.parquet", "snowflake/data_0_0.snappy.parquet")
    stands_for("snowflake_unload", unloaded, s, elsewhere=["snowflake/data.csv", "snowflake/data.parquet", "snowflake/data_0_0_0.json.gz"])


snowflake()
