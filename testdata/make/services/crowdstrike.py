"""CrowdStrike Falcon Data Replicator: batches of part files, of events and of what is known of hosts."""

from cases import UNPARSED, Service, compact, jsonl

CANNON = "edr.crowdstrike.cannon."
BATCH = "0a1b2c3d-0000-4000-8000-0a1b2c3d4e5f"

events = [
    {
        "event_simpleName": "ProcessRollup2",
        "name": "ProcessRollup2V19",
        "aid": "0123456789abcdef0123456789abcdef",
        "cid": "fedcba9876543210fedcba9876543210",
        "id": "0a1b2c3d-1111-4000-8000-0a1b2c3d4e5f",
        "aip": "203.0.113.9",
        "ComputerName": "LAPTOP-1",
        "ConfigBuild": "1007.3.0017312.1",
        "ConfigStateHash": "123",
        "EffectiveTransmissionClass": "2",
        "Entitlements": "15",
        "event_platform": "Win",
        "timestamp": "1795410000123",
        "CommandLine": '"C:\\Program Files\\a.exe" /c \u00e9',
        "ImageFileName": "\\Device\\HarddiskVolume2\\a.exe",
        "ParentBaseFileName": "explorer.exe",
        "ParentProcessId": "1",
        "RawProcessId": "812",
        "TargetProcessId": "2",
        "SHA256HashData": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "MD5HashData": "098f6bcd4621d373cade4e832627b4f6",
        "UserSid": "S-1-5-21-1-2-3-1001",
        "ProcessStartTime": "1795410000.100",
        "Tags": "25, 27, 40",
    },
    {
        "event_simpleName": "DnsRequest",
        "name": "DnsRequestV4",
        "aid": "0123456789abcdef0123456789abcdef",
        "cid": "fedcba9876543210fedcba9876543210",
        "id": "0a1b2c3d-2222-4000-8000-0a1b2c3d4e5f",
        "aip": "203.0.113.9",
        "ConfigBuild": "1007.3.0017312.1",
        "event_platform": "Win",
        "timestamp": "1795410000456",
        "DomainName": "shop.example.com",
        "RequestType": "1",
        "ContextProcessId": "2",
    },
]
console = {
    "EventType": "Event_ExternalApiEvent",
    "ExternalApiType": "Event_UserActivityAuditEvent",
    "cid": "fedcba9876543210fedcba9876543210",
    "AgentIdString": "",
    "OperationName": "quarantined_file_update",
    "Success": True,
    "UserId": "jane@example.com",
    "UserIp": "203.0.113.9",
    "UTCTimestamp": "1795410000",
    "timestamp": "1795410000789",
    "aid": "",
}
host = {
    "aid": "0123456789abcdef0123456789abcdef",
    "cid": "fedcba9876543210fedcba9876543210",
    "Time": "1795410000.0",
    "AgentVersion": "7.19.17312.0",
    "AgentLoadFlags": "1",
    "BiosManufacturer": "Example",
    "ComputerName": "LAPTOP-1",
    "event_platform": "Win",
    "MachineDomain": "example.com",
    "OU": "Laptops",
    "Version": "Windows 11",
    "SiteName": "HQ",
    "Timezone": "UTC",
    "_time": "1795410000",
}


def tagged(values):
    """The 4th level is the event's name, else its type, else the folder's."""
    names = [v.get("event_simpleName") or v.get("ExternalApiType") or "aidmaster" for v in values]
    return [(CANNON + name.lower(), compact(v)) for name, v in zip(names, values)]


for name, folder in [("aws_sqs_fdr", ""), ("aws_sqs_fdr_large", "fdr/")]:
    s = Service(name)
    data = f"{folder}fedcba9876543210fedcba9876543210-1/data/{BATCH}/"
    s.case("events", data + "part-00000.gz", jsonl([*events, console]), tagged([*events, console]))
    s.case("hosts", f"{folder}tenant/fdrv2/aidmaster/{BATCH}/part-00000-9f8e.c000.gz", jsonl([host, host]), tagged([host, host]))
    partition = "year=2026/month=11/day=23/hour=05/"
    s.case("partitioned", f"{folder}data/batch={BATCH}/{partition}platform=Win/part-00000-9f8e.c000.txt.gz", jsonl(events), tagged(events))
    s.case("hosts_partitioned", f"tenant/fdrv2/aidmaster/batch={BATCH}/{partition}part-00000.gz", jsonl([host]), tagged([host]))
    s.case("at_the_root", f"data/batch={BATCH}/part-00001.gz", jsonl(events[1:]), tagged(events[1:]))
    s.case("empty", data + "part-00002.gz", "", [])
    torn = compact(events[0])[:300]
    s.case("damaged", data + "part-00003.gz", jsonl(events[1:]) + f"{torn}\n" + jsonl(events[:1]), tagged(events[1:]) + [(UNPARSED, torn)] + tagged(events[:1]))
    s.elsewhere("data/part-00000.gz", f"mydata/{BATCH}/part-00000.gz", f"data/{BATCH}/part-00000.csv", f"fdrv2/{BATCH}/part-00000.gz")
    s.ignored(f"data/{BATCH}/_SUCCESS", f"x/fdrv2/aidmaster/{BATCH}/_SUCCESS", f"data/batch={BATCH}/{partition}platform=Mac/_SUCCESS")
