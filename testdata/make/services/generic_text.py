"""The generic services of text: json_lines, json_array, text_lines, text_multiline, csv, cef, syslog, windows_event_xml."""

from cases import UNPARSED, Service, compact, lines
from shapes import finish, json_lines, rows, text_lines

VALUES = [
    {"text": 'größe "7" \\ /', "number": -1.5e3, "big": 12345678901234567890, "true": True, "null": None},
    {"nested": {"list": [1, [2, {}], "]}"]}, "empty": {}},
    ["not", "an", "object"],
    17,
]
json_lines(
    "json_lines",
    "my.app.generic.json_lines",
    {"gzip": ("app/2026/events.jsonl.gz", VALUES), "plain": ("events.ndjson", VALUES[:2])},
    ["app/2026/events.json", "app/jsonl/events"],
)


def json_array():
    tag = "my.app.generic.json_array"
    key = "app/2026/export.json.gz"
    records = [(tag, compact(v)) for v in VALUES]
    text = "[" + ", ".join(map(compact, VALUES)) + "]"
    s = Service("json_array")
    s.case("gzip", key, text, records)
    s.case("plain", "export.json", "\ufeff" + text.replace(", ", "\r\n,\n"), records)
    s.case("empty", key, "[]\n", [])
    s.case("damaged", key, text[: text.index('["not"') + 3], records[:2], error="truncated")
    finish(s, ["app/2026/export.jsonl", "json/export"], [])


text_lines(
    "text_lines",
    "my.app.generic.text_lines",
    {
        "gzip": ("app/server.log.gz", ["2026-11-23 05:00:01 INFO größe=7", "\tindented", 'a "quoted" line \\']),
        "plain": ("notes.txt", ["one", "two"]),
    },
    ["app/server.log.1", "app/log/server"],
)


def text_multiline():
    tag = "my.app.generic.text_multiline"
    key = "app/server.out.gz"
    first = "2026-11-23 05:00:01,123 ERROR größe\njava.lang.Error: 7\n\tat a.B.c(B.java:1)\n\nCaused by: \\x"
    second = "[2026-11-23T05:00:02Z] next"
    s = Service("text_multiline")
    s.case("trace", key, lines([first, second]), [(tag, first), (tag, second)])
    s.case("plain", "java/app.log", second + "\r\n" + first, [(tag, second), (tag, first)])
    s.case("empty", key, "", [])
    s.case(
        "damaged",
        key,
        lines(["\tat the.end.of(Another.java:1)", first]),
        [(UNPARSED, "\tat the.end.of(Another.java:1)"), (tag, first)],
    )
    finish(s, ["app/server.err", "app/log/server"], [])


ORDERS = [
    {"id": "1", "größe": 'say "hi"', "note": "two\nlines, one comma"},
    {"id": "2", "größe": "", "note": "\\N"},
]
s = rows(
    "csv",
    "my.app.generic.csv",
    {
        "gzip": ("shop/orders.csv.gz", ORDERS),
        "plain": ("orders.csv", [{"id": "3", "größe": "7"}]),
    },
    ["shop/orders.tsv", "shop/csv/orders"],
)
# A column without a name is called by its number.
s.case(
    "unnamed",
    "unnamed/2.csv",
    'id,,a\r\n1,x,"say ""hi"""\r\n',
    [("my.app.generic.csv", '{"id":"1","2":"x","a":"say \\"hi\\""}')],
)


def cef():
    plain = "CEF:0|Example, Inc.|gate\\|way|1.0|17|A \\| name|5|src=203.0.113.150 msg=a\\=b\\nc cs1=größe"
    headed = "<134>Nov 23 05:00:01 gw7 CEF:1|ACME|ids|2|815|Scan|High|dst=2001:db8::150"
    key = "ids/alerts.cef.gz"
    records = [("my.app.cef.example__inc_", plain), ("my.app.cef.acme", headed)]
    s = Service("cef")
    s.case("gzip", key, lines([plain, headed]), records)
    s.case("folder", "siem/cef/2026/alerts-1", plain + "\r\n" + headed, records)
    s.case(
        "by_product",
        "ids.cef",
        lines([plain, headed]),
        [("cef0.example__inc_.gate_way", plain), ("cef0.acme.ids", headed)],
        routing="by_product",
    )
    s.case("empty", key, "", [])
    s.case("damaged", key, lines([plain, plain[:25], headed]), [records[0], (UNPARSED, plain[:25]), records[1]])
    finish(s, ["ids/alerts.leef", "siem/cef"], [])


def syslog():
    new = '<165>1 2026-11-23T05:00:01.123456Z gw7.example.com sshd 815 ID47 [a@32473 b="c\\"d"] größe'
    bare = "<34>1 2026-11-23T05:00:01+01:00 - - - - -"
    old = "<13>Nov 23 05:00:01 gw7 cron[711]: (root) CMD (true)"
    file = "Nov  3 05:00:02 gw7 kernel: [1.0] eth0 up"
    tags = {new: "sshd", bare: "unknown", old: "cron", file: "kernel"}
    key = "hosts/gw7.syslog.gz"
    s = Service("syslog")
    s.case("both", key, lines(tags), [("my.app.syslog." + app, text) for text, app in tags.items()])
    s.case("folder", "hosts/syslog/gw7-2026-11-23", file + "\r\n", [("my.app.syslog.kernel", file)])
    s.case("empty", key, "", [])
    s.case(
        "damaged",
        key,
        lines([old, "no syslog", file]),
        [("my.app.syslog.cron", old), (UNPARSED, "no syslog"), ("my.app.syslog.kernel", file)],
    )
    finish(s, ["hosts/gw7.log", "hosts/syslog"], [])


def windows_event(record, channel, data):
    return (
        "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='Example-Security' "
        "Guid='{0a1b2c3d-0000-4000-8000-0a1b2c3d4e5f}'/><EventID>4624</EventID><Version>2</Version><Level>0</Level><Task>12544</Task>"
        "<Opcode>0</Opcode><Keywords>0x8020000000000000</Keywords><TimeCreated SystemTime='2026-11-23T05:00:01.1234567Z'/>"
        f"<EventRecordID>{record}</EventRecordID><Correlation ActivityID='{{1a1b2c3d-0000-4000-8000-0a1b2c3d4e5f}}'/>"
        f"<Execution ProcessID='711' ThreadID='712'/><Channel>{channel}</Channel><Computer>pc7.example.com</Computer><Security/></System>"
        f"<EventData><Data Name='SubjectUserName'>zoë &amp; ada</Data><Data Name='Text'>{data}</Data></EventData></Event>"
    )


def windows_event_xml():
    first, second = windows_event(1, "Security", "a\nb"), windows_event(2, "Application", "<![CDATA[</Event>]]>")
    records = [("my.app.windows.security", first), ("my.app.windows.application", second)]
    key = "windows/pc7/Security.xml.gz"
    s = Service("windows_event_xml")
    s.case("bare", key, first + second, records)
    s.case(
        "rooted",
        "pc7.xml",
        f'<?xml version="1.0" encoding="utf-8"?>\n<Events>\n{first}\n{second}\n</Events>\n',
        records,
    )
    s.case("empty", key, '<?xml version="1.0" encoding="utf-8"?>\n<Events></Events>\n', [])
    s.case("damaged", key, first + second[:300], records[:1], error="truncated")
    finish(s, ["windows/pc7/Security.evtx", "windows/xml/pc7"], [])


json_array()
text_multiline()
cef()
syslog()
windows_event_xml()
