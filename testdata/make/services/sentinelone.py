"""SentinelOne Cloud Funnel: the names of the fields have dots."""

from cases import UNPARSED, Service, compact, jsonl, tagged


def event(category, kind, number, **more):
    return {
        "timestamp": "05:00:00.475",
        "event.category": category,
        "event.type": kind,
        "event.id": f"01GEXAMPLE0000000000000000_{number}",
        "event.time": 1795410000475 + number,
        "meta.event.name": kind.upper(),
        "dataSource.name": "SentinelOne",
        "dataSource.category": "security",
        "dataSource.vendor": "SentinelOne",
        "account.id": "123456789123456789",
        "account.name": "Example",
        "site.id": "123456789123456780",
        "site.name": "HQ",
        "group.id": "g",
        "agent.uuid": "0a1b2c3d4e5f60718293a4b5c6d7e8f9",
        "agent.version": "24.1.2.217",
        "endpoint.name": "laptop-1",
        "endpoint.os": "windows",
        "endpoint.type": "laptop",
        "os.name": "Windows 11",
        "mgmt.id": "1337",
        "mgmt.url": "example.sentinelone.example.com",
        "mgmt.osRevision": "22631",
        "i.version": "preprocess-lib-1.0",
        "i.scheme": "edr",
        "sca:ingestTime": 1795410010,
        "sca:atlantisIngestTime": 1795410010273,
        "packet.id": "4F43E43733A94560B13FB0E441252B21",
        "trace.id": "01GEXAMPLE0000000000000000",
        "process.unique.key": "E1471D24880BECFA",
        "src.process.pid": 812,
        "src.process.name": "a.exe",
        "src.process.cmdline": 'C:\\a.exe "x"',
        "src.process.user": "EXAMPLE\\jane",
        "src.process.storyline.id": "C6EAC68B8E502782",
        "src.process.image.sha256": "ebfb6554a0d5a99fb4ca980d4023a7ba660f0423c48dfc3ef4a6f3137290dc62",
        "src.process.parent.name": "explorer.exe",
        "src.process.startTime": 1795409979052,
        "src.process.isStorylineRoot": False,
        **more,
    }


events = [
    event("url", "GET", 1, **{"url.address": "http://www.example.com", "event.url.action": "GET"}),
    event("dns", "DNS Resolved", 2, **{"event.dns.request": "shop.example.com", "event.dns.response": "192.0.2.10;"}),
    event("ip", "IP Connect", 3, **{"dst.ip.address": "198.51.100.7", "dst.port.number": 443, "src.ip.address": "192.0.2.10", "event.network.direction": "OUTGOING"}),
]
counted = """childProcCount crossProcessCount crossProcessDupRemoteProcessHandleCount crossProcessDupThreadHandleCount crossProcessOpenProcessCount
    crossProcessOutOfStorylineCount crossProcessThreadCreateCount dnsCount indicatorBootConfigurationUpdateCount indicatorEvasionCount indicatorExploitationCount
    indicatorGeneralCount indicatorInfostealerCount indicatorInjectionCount indicatorPersistenceCount indicatorPostExploitationCount indicatorRansomwareCount
    indicatorReconnaissanceCount moduleCount netConnCount netConnInCount netConnOutCount registryChangeCount tgtFileCreationCount tgtFileDeletionCount
    tgtFileModificationCount""".split()
EXECUTABLE = {
    "cmdline": "./b -x",
    "displayName": "b.exe",
    "image.binaryIsExecutable": True,
    "image.md5": "65f9131df4b7c909ae41add0fcd172fa",
    "image.path": "C:\\b.exe",
    "image.sha1": "a1d7ac9e15c26535a7dec40bba21cda4de078504",
    "image.sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "integrityLevel": "SYSTEM",
    "isNative64Bit": False,
    "isRedirectCmdProcessor": False,
    "isStorylineRoot": False,
    "name": "b.exe",
    "pid": 4720,
    "publisher": "EXAMPLE, INC.",
    "sessionId": 0,
    "signedStatus": "signed",
    "startTime": 1795409999464,
    "storyline.id": "F8C44B7A0C80D2E7",
    "subsystem": "SYS_WIN32",
    "uid": "D0046CBAF5BC03DA",
    "user": "EXAMPLE\\zoë",
    "verifiedStatus": "verified",
}
started = event(
    "process",
    "Process Creation",
    4,
    **{f"src.process.{name}": n for n, name in enumerate(counted)},
    **{f"src.process.parent.{name}": value for name, value in EXECUTABLE.items()},
    **{f"tgt.process.{name}": value for name, value in EXECUTABLE.items()},
    **{"tgt.file.isSigned": "signed"},
)
DV = "edr.sentinelone.dv"

s = Service("aws_sqs_s1_funnel")
s.case("events", "s1/cloud_funnel/2026/11/23/account_id=123456789123456789/part-00000-0a1b2c3d.json.gz", jsonl(events), tagged(DV, events))
s.case(
    "hourly_with_a_prefix",
    "edr/s1/cloud_funnel/2026/11/23/05/account_id=123456789123456789/site_id=123456789123456780/0a1b2c3d-0000-4000-8000-0a1b2c3d4e5f.gz",
    jsonl(events[2:]),
    tagged(DV, events[2:]),
)
by_category = [*events, started]
s.case(
    "by_category",
    "s1/cloud_funnel/2026/11/24/account_id=123456789123456789/part-00000-0a1b2c3d.json.gz",
    jsonl(by_category),
    [(f"{DV}.{e['event.category']}", compact(e)) for e in by_category],
    routing="by_category",
)
s.case("empty", "s1/cloud_funnel/2026/11/23/account_id=123456789123456789/part-00001-0a1b2c3d.json.gz", "", [])
torn = compact(events[0])[:400]
s.case("damaged", "s1/cloud_funnel/2026/11/23/account_id=123456789123456789/part-00002-0a1b2c3d.json.gz", f"{torn}\n" + jsonl(events[1:]), [(UNPARSED, torn)] + tagged(DV, events[1:]))
s.elsewhere("s1/cloud_funnel/2026/11/23/x.gz", "cloud_funnel/2026/11/23/account_id=1/x.gz", "s1/cloud_funnel/account_id=1.gz")
