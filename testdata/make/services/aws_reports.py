"""Reports: SNS SMS, DataSync, Trusted Advisor, Cost and Usage, S3 Inventory."""

import csv
import io

from cases import UNPARSED, Service, compact, jsonl, stands_for, tagged

ACCOUNT = "111122223333"
UUID = "0a1b2c3d-0000-4000-8000-0a1b2c3d4e5f"


def table(rows, quoting=csv.QUOTE_MINIMAL, header=True):
    """Rows as CSV, each ending in LF."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=quoting, lineterminator="\n")
    if header:
        writer.writerow(rows[0])
    writer.writerows(row.values() for row in rows)
    return out.getvalue()


# https://docs.aws.amazon.com/sns/latest/dg/sms_stats_usage.html
s = Service("aws_sns_sms")
TAG = "my.app.aws.sns_sms"
sent = {
    "PublishTimeUTC": "2026-11-23T05:00:12.344Z",
    "MessageId": UUID,
    "DestinationPhoneNumber": "15550100",
    "MessageType": "Transactional",
    "DeliveryStatus": "Message has been accepted by phone carrier",
    "PriceInUSD": "0.00645",
    "PartNumber": "1",
    "TotalParts": "1",
}
rows = [
    sent,
    sent
    | {"MessageType": "Promotional", "DeliveryStatus": 'Unreachable, "off" é', "PartNumber": "2", "TotalParts": "2"},
]
s.case("day", "SMSUsageReports/eu-west-1/2026/11/23/001.csv.gz", table(rows), tagged(TAG, rows))
s.case("govcloud", "sns/SMSUsageReports/us-gov-west-1/2026/11/23/002.csv.gz", table(rows[1:]), tagged(TAG, rows[1:]))
s.case("joined", "SMSUsageReports/eu-west-1/2026/11/26/001.csv.gz", table(rows[:1]) + table(rows[1:]), tagged(TAG, rows))
s.case("empty", "SMSUsageReports/eu-west-1/2026/11/24/001.csv.gz", ",".join(sent) + "\n", [])
s.case(
    "damaged",
    "SMSUsageReports/eu-west-1/2026/11/25/001.csv.gz",
    table(rows[:1]) + f"2026-11-23T05:00:13.001Z,{UUID}\n" + table(rows[1:], header=False),
    [(TAG, compact(rows[0])), (UNPARSED, f"2026-11-23T05:00:13.001Z,{UUID}"), (TAG, compact(rows[1]))],
)
s.elsewhere("SMSUsageReports/eu-west-1/2026/11/001.csv.gz", "MySMSUsageReports/eu-west-1/2026/11/23/001.csv.gz")

# https://docs.aws.amazon.com/datasync/latest/userguide/task-reports.html
s = detailed = Service("aws_datasync_detailed")
TAG = "my.app.aws.datasync_"
FOLDER = "Reports/task-0a1b2c3d4e5f60718/exec-0b1b2c3d4e5f60718/exec-0b1b2c3d4e5f60718"
source = {
    "Type": "Regular",
    "ContentSize": 6,
    "Mtime": "2026-11-22T05:00:12.136114671Z",
    "Atime": "2026-11-22T05:00:12.136114671Z",
    "Uid": 0,
    "Gid": 0,
    "Mode": "0644",
}
# A task of the mode Enhanced has another schema.
stored = {
    "Type": "Object",
    "ContentSize": 6,
    "LastModified": "2026-11-22T05:00:12Z",
    "SystemMetadata": {"ContentType": "text/plain", "ETag": '"0a1b2c3d"', "ServerSideEncryption": "AES256"},
    "UserMetadata": {},
    "Tags": [],
}
item = {
    "RelativePath": "/a é.txt",
    "SrcMetadata": source,
    "Overwrite": "False",
    "DstMetadata": source,
    "DstS3VersionId": "0a1b2c3d4e5f60718",
    "TransferTimestamp": "2026-11-23T05:00:12.344262183Z",
    "TransferType": "CONTENT_AND_METADATA",
    "TransferStatus": "SUCCESS",
}
EXECUTION = {"TaskExecutionId": "exec-0b1b2c3d4e5f60718"}
reports = {
    "Transferred": [
        item,
        item | {"RelativePath": "/b.txt", "TransferStatus": "FAILED", "FailureReason": "S3 Get Object Failed", "FailureCode": 40974},
        {
            "RelativePath": "c.txt",
            "SourceMetadata": stored,
            "Overwrite": "False",
            "TransferTimestamp": "2026-11-23T05:00:12.344262183Z",
            "TransferType": "CONTENT_AND_METADATA",
            "TransferStatus": "FAILED",
            "ErrorCode": "AccessDenied",
            "ErrorDetail": "no policy allows it",
        },
    ],
    "Verified": [
        {"RelativePath": "/a", "SrcMetadata": source, "DstMetadata": source, "VerifyTimestamp": "2026-11-23T05:00:12Z", "VerifyStatus": "SUCCESS"}
    ],
    "Skipped": [
        {"RelativePath": "c", "SourceMetadata": stored, "SkipTimestamp": "2026-11-23T05:00:12Z", "SkipReason": "excluded", "SkipStatus": "SUCCESS"},
    ],
    "Deleted": [{"RelativePath": "/d", "DeleteTimestamp": "2026-11-23T05:00:12Z", "DeleteStatus": "SUCCESS"}],
}
for kind, items in reports.items():
    key = f"Detailed-{FOLDER}.files-{kind.lower()}-v1-00001-0a1b2c3d4e5f60718.json"
    if kind != "Transferred":
        key = "sync/" + key
    s.case(kind.lower(), key, compact(EXECUTION | {kind: items}), tagged(TAG + kind.lower(), items))
s.case(
    "empty",
    f"Detailed-{FOLDER}.files-skipped-v1-00001-0a1b2c3d4e5f60718.json",
    compact(EXECUTION | {"Skipped": []}),
    [],
)
s.case(
    "damaged",
    f"Detailed-{FOLDER}.files-deleted-v1-00001-0a1b2c3d4e5f60718.json",
    compact(EXECUTION | {"Deleted": reports["Deleted"]})[:-1],
    tagged(TAG + "deleted", reports["Deleted"]),
    "corrupt",
)
s.elsewhere(f"{FOLDER}.json", f"Summary-{FOLDER}.json", f"Detailed-{FOLDER}.csv")

s = Service("aws_datasync_summary")
summary = EXECUTION | {
    "Status": "SUCCESS",
    "Result": {"PrepareDuration": 10, "TransferDuration": 20},
    "FilesTransferred": 2,
    "BytesTransferred": 12,
}
key, text = f"Summary-{FOLDER}.summary-v1.json", compact(summary)
s.case("report", key, text, tagged(TAG + "summary", [summary]))
s.case("prefix", "sync/a/" + key, text + "\n", tagged(TAG + "summary", [summary]))
s.case("empty", key, "", [])
s.case("damaged", key, text[:-1], [], "corrupt")
s.elsewhere(f"{FOLDER}.json", f"Detailed-{FOLDER}.json", f"Summary-{FOLDER}.csv")
stands_for("aws_datasync", detailed, s, elsewhere=[f"{FOLDER}.json", f"Other-{FOLDER}.json", f"Detailed-{FOLDER}.csv"])

s = Service("aws_trusted_advisor")
TAG = "my.app.aws.trusted_advisor"
check = {
    "accountId": ACCOUNT,
    "checkId": "Example0Check1",
    "checkName": "Amazon S3 Bucket Permissions",
    "category": "security",
    "region": "eu-west-1",
    "resourceId": UUID,
    "status": "warning",
    "metadata": ["eu-west-1", "example-é", None],
    "isSuppressed": False,
}
checks = [check, check | {"status": "ok", "accountId": "444455556666"}]
s.case("array", "trusted-advisor/2026-11-23/resources.json", compact(checks), tagged(TAG, checks))
s.case("lines", f"org/trusted-advisor/{ACCOUNT}/security.jsonl.gz", jsonl(checks), tagged(TAG, checks))
red = {"statusMap": {"ERROR": {"name": "Red", "count": 2}, "OK": {"name": "Green", "count": 1}}, "name": "Security"}
total = {
    "numAccounts": 2,
    "filtersApplied": {
        "accountIds": [ACCOUNT, "444455556666"],
        "checkIds": "All",
        "categories": ["security"],
        "statuses": "All",
        "regions": ["eu-west-1"],
        "organizationalUnitIds": ["ou-0a1b-example1"],
    },
    "categoryStatusMap": {"security": red},
    "accountStatusMap": {ACCOUNT: {"security": red}},
}
s.case("summary", "trusted-advisor/2026-11-23/summary.json", compact(total), tagged(TAG, [total]))
s.ignored("trusted-advisor/2026-11-23/schema.json", "org/trusted-advisor/schema.json")
s.case("empty", "trusted-advisor/2026-11-24/resources.json", "[]", [])
s.case("damaged", "trusted-advisor/2026-11-25/resources.json", compact(checks)[:-1], tagged(TAG, checks), "corrupt")
s.elsewhere("advisor/2026-11-23/resources.json", "my-trusted-advisor/resources.json")

# https://docs.aws.amazon.com/cur/latest/userguide/table-dictionary-cur2.html
GROUPS = {
    "bill": "bill_type billing_entity billing_period_end_date billing_period_start_date invoice_id invoicing_entity payer_account_id"
    " payer_account_name",
    "capacity_reservation": "capacity_reservation_arn capacity_reservation_status capacity_reservation_type",
    "": "cost_category discount discount_bundled_discount discount_total_discount identity_line_item_id identity_time_interval",
    "line_item": "availability_zone blended_cost blended_rate currency_code iam_principal legal_entity line_item_description line_item_type"
    " net_unblended_cost net_unblended_rate normalization_factor normalized_usage_amount operation product_code resource_id tax_type"
    " unblended_cost unblended_rate usage_account_id usage_account_name usage_amount usage_end_date usage_start_date usage_type"
    " user_identifier",
    "pricing": "currency lease_contract_length offering_class public_on_demand_cost public_on_demand_rate purchase_option rate_code"
    " rate_id term unit",
    "product": "comment fee_code fee_description from_location from_location_type from_region_code instance_family instance_type"
    " instancesku location location_type operation pricing_unit product_family region_code servicecode sku to_location"
    " to_location_type to_region_code usagetype",
    "reservation": "amortized_upfront_cost_for_usage amortized_upfront_fee_for_billing_period availability_zone effective_cost end_time"
    " modification_status net_amortized_upfront_cost_for_usage net_amortized_upfront_fee_for_billing_period net_effective_cost"
    " net_recurring_fee_for_usage net_unused_amortized_upfront_fee_for_billing_period net_unused_recurring_fee net_upfront_value"
    " normalized_units_per_reservation number_of_reservations recurring_fee_for_usage reservation_a_r_n start_time subscription_id"
    " total_reserved_normalized_units total_reserved_units units_per_reservation unused_amortized_upfront_fee_for_billing_period"
    " unused_normalized_unit_quantity unused_quantity unused_recurring_fee upfront_value",
    "savings_plan": "amortized_upfront_commitment_for_billing_period end_time instance_type_family"
    " net_amortized_upfront_commitment_for_billing_period net_recurring_commitment_for_billing_period"
    " net_savings_plan_effective_cost offering_type payment_option purchase_term recurring_commitment_for_billing_period region"
    " savings_plan_a_r_n savings_plan_effective_cost savings_plan_rate start_time total_commitment_to_date used_commitment",
    "split_line_item": "actual_usage net_split_cost net_unused_cost parent_resource_id public_on_demand_split_cost"
    " public_on_demand_unused_cost reserved_usage split_cost split_usage split_usage_ratio unused_cost",
}
USAGE = [f"{group}_{name}".strip("_") for group, names in GROUPS.items() for name in names.split()] + [
    "product",
    "resource_tags",
    "tags",
]
DATES = {
    "bill_billing_period_start_date",
    "bill_billing_period_end_date",
    "line_item_usage_start_date",
    "line_item_usage_end_date",
}
MAPS = {"cost_category", "discount", "product", "resource_tags", "tags"}
AMOUNTS = ("_cost", "_rate", "_amount", "_factor", "_fee", "_commitment", "_ratio", "_usage", "_value")


def usage_kind(column):
    if column in DATES:
        return "date"
    if column in MAPS:
        return "map"
    return "amount" if column.endswith(AMOUNTS) else "text"


VALUES = {"date": "2026-11-01T00:00:00.000Z", "map": '{"team":"shop é"}', "amount": "0.0116", "text": "x"}
used = {column: VALUES[usage_kind(column)] for column in USAGE} | {
    "line_item_product_code": "AmazonEC2",
    "bill_payer_account_id": ACCOUNT,
}
taxed = used | {
    "line_item_line_item_type": "Tax",
    "line_item_resource_id": "",
    "line_item_line_item_description": '7,5% "VAT"\nfor é',
}
s = cur = Service("aws_cur_csv")
TAG = "my.app.aws.cur"
DATA = "costs/daily/data/BILLING_PERIOD=2026-11"
s.case("overwritten", f"{DATA}/daily-00001.csv.gz", table([used, taxed]), tagged(TAG, [used, taxed]))
s.case("kept", f"a/{DATA}/2026-11-23T05:00:12.344Z-{UUID}/daily-00002.csv.gz", table([taxed]), tagged(TAG, [taxed]))
s.case("empty", f"{DATA}/daily-00003.csv.gz", ",".join(USAGE) + "\n", [])
s.case(
    "damaged",
    f"{DATA}/daily-00004.csv.gz",
    table([used]) + "x,y\n" + table([taxed], header=False),
    [(TAG, compact(used)), (UNPARSED, "x,y"), (TAG, compact(taxed))],
)
s.elsewhere(
    f"{DATA}/daily-00001.snappy.parquet",
    "costs/daily/data/billing_period=2026-11/daily-00001.csv.gz",
    "costs/daily/20261101-20261201/daily-00001.csv.gz",
)
BESIDE = [
    "costs/daily/metadata/BILLING_PERIOD=2026-11/daily-Manifest.json",
    f"a/costs/daily/metadata/BILLING_PERIOD=2026-11/2026-11-23T05:00:12.344Z-{UUID}/daily-Manifest.json",
    "costs/daily/metadata/BILLING_PERIOD=2026-11/daily-create-table.sql",
    "costs/daily/metadata/BILLING_PERIOD=2026-11/daily-RedshiftCommands.sql",
    "a/costs/daily/crawler-cfn.yml",
    "costs/daily/execution_status/status.json",
]
s.ignored(*BESIDE)

# https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-inventory.html#storage-inventory-contents
s = inventory = Service("aws_s3_inventory_csv")
TAG = "my.app.aws.s3_inventory"
STORED = {
    "Bucket": "example-logs",
    "Key": "a%20b/%22c%22.txt",
    "VersionId": "0a1b2c3d4e5f60718",
    "IsLatest": "true",
    "IsDeleteMarker": "false",
    "Size": "345",
    "LastModifiedDate": "2026-11-22T05:00:12.000Z",
    "ETag": "0a1b2c3d4e5f607180a1b2c3d4e5f607",
    "StorageClass": "INTELLIGENT_TIERING",
    "IsMultipartUploaded": "false",
    "ReplicationStatus": "COMPLETED",
    "EncryptionStatus": "SSE-KMS",
    "ObjectLockRetainUntilDate": "2027-11-22T05:00:12.000Z",
    "ObjectLockMode": "GOVERNANCE",
    "ObjectLockLegalHoldStatus": "Off",
    "ObjectLockEventHoldStatus": "ON",
    "ObjectLockEventHoldDuration": "30",
    "IntelligentTieringAccessTier": "FREQUENT",
    "BucketKeyStatus": "DISABLED",
    "ChecksumAlgorithm": "SHA256",
    "ObjectAccessControlList": "eyJ2ZXJzaW9uIjoiMjAyMi0xMS0xMCJ9",
    "ObjectOwner": "0a1b2c3d",
    "LifecycleExpirationDate": "2028-11-22T00:00:00.000Z",
}
DELETED = STORED | {"IsDeleteMarker": "true", "Size": "", "Key": "a,%20b"}
text = table([STORED, DELETED], csv.QUOTE_ALL, header=False)
few = table([{k: STORED[k] for k in ("Bucket", "Key")}], csv.QUOTE_ALL, header=False)
INVENTORY = "example-logs/every-day/data"
s.case("every_column", f"{INVENTORY}/{UUID}.csv.gz", text, tagged(TAG, text.splitlines()))
s.case("two_columns", f"inventories/{ACCOUNT}/{INVENTORY}/{UUID}.csv.gz", few, tagged(TAG, few.splitlines()))
s.case("empty", f"{INVENTORY}/{UUID.replace('0a', '1a')}.csv.gz", "", [])
s.case(
    "damaged",
    f"{INVENTORY}/{UUID.replace('0a', '2a')}.csv.gz",
    '"example-logs","a"b"\n' + text,
    [(UNPARSED, '"example-logs","a"b"'), *tagged(TAG, text.splitlines())],
)
s.elsewhere(
    f"{INVENTORY}/{UUID}.parquet",
    f"{INVENTORY}/report.csv.gz",
    f"example-logs/every-day/{UUID}.csv.gz",
)
LISTS = [
    "example-logs/every-day/2026-11-23T05-00Z/manifest.json",
    "example-logs/every-day/2026-11-23T05-00Z/manifest.checksum",
    "inventories/example-logs/every-day/hive/dt=2026-11-23-05-00/symlink.txt",
]
s.ignored(*LISTS)
s.refused(f"{INVENTORY}/{UUID}.orc", f"inventories/{ACCOUNT}/{INVENTORY}/{UUID}.orc")
