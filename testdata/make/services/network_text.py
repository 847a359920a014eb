"""Imperva Cloud WAF and Zeek: lines below a block of metadata."""

import zlib

from cases import UNPARSED, Service, compact, lines, packed
from shapes import finish, torn

# https://docs.imperva.com/bundle/cloud-application-security/page/more/log-file-structure.htm
HEADER = [
    "accountId:7110001",
    "configId:81501",
    "checksum:0a1b2c3d4e5f60718293a4b5c6d7e8f9",
    "format:%s",
    "startTime:1795410000000",
    "endTime:1795410060000",
    "publicKeyId:2",
    "key:",
    "|==|",
]
CEF = (
    "CEF:0|Incapsula|SIEMintegration|1|1|Illegal Resource Access|3| fileId=711000000000001 sourceServiceName=shop.example.com "
    "siteid=81502 suid=7110001 requestClientApplication=curl/8.9 deviceFacility=zrh cs1=NOT_SUPPORTED cs1Label=Cap Support "
    "src=203.0.113.130 cpt=50100 sip=198.51.100.130 spt=443 request=shop.example.com/a?b\\=1 requestMethod=GET cn1=403 act=REQ_BLOCKED_SECURITY"
)
LEEF = (
    "LEEF:0|Incapsula|SIEMintegration|0|Normal|\tfileId=711000000000002\tsourceServiceName=shop.example.com\tsiteid=81502\t"
    "suid=7110001\trequestClientApplication=curl/8.9\tpopName=zrh\tcalCountryOrRegion=[CH]\tcicode=[Zürich]\tsrc=203.0.113.130\t"
    "srcPort=50100\tdst=198.51.100.130\turl=shop.example.com/\trequestMethod=GET\tcn1=200\tproto=TLSv1.3\tcat=REQ_PASSED\tsev=1"
)
COLUMNS = "date time cs-vid cs-clapp cs-browsertype cs-js-support cs-co-support c-ip s-caip cs-clappsig s-capsupport s-suid cs(User-Agent) cs-sessionid s-siteid cs-countrycode s-tag cs-cicode s-computername cs-lat cs-long s-accountname cs-uri cs-postbody cs-version sc-action s-externalid cs(Referrer) s-ip s-port cs-method cs-uri-query sc-status s-xff cs-bytes cs-start cs-rule cs-severity cs-attacktype cs-attackid s-ruleName"
W3C = '"2026-11-23" "05:00:01" "0a1b2c3d" "curl" "Bot" "false" "false" "203.0.113.130" "" "sig" "NOT_SUPPORTED" "7110001" "curl/8.9" "711000000000003" "81502" "CH" "" "Zürich" "shop.example.com" "47.37" "8.54" "Acme" "/a" "" "HTTP" "REQ_BLOCKED_SECURITY" "1" "" "198.51.100.130" "443" "GET" "b=1" "403" "203.0.113.130" "232" "1795410001123" "" "" "" "" "rule"'


def imperva():
    def file(form, *events):
        return lines([h.replace("%s", form) for h in HEADER] + list(events))

    cef, leef, w3c = ("cef0.imperva.incapsula", CEF), ("my.app.imperva.leef", LEEF), ("my.app.imperva.w3c", W3C)
    s = Service("imperva_cloud_waf")
    s.case(
        "leef",
        "imperva/waf/81501_17.log",
        file("LEEF", LEEF, LEEF.replace("Normal", "SQL Injection")),
        [leef, (leef[0], LEEF.replace("Normal", "SQL Injection"))],
    )
    s.case(
        "w3c",
        "waf/prod-incapsula/2026/81501_18.log.gz",
        file("W3C", "#Fields: " + COLUMNS, W3C, W3C, W3C, W3C),
        [w3c] * 4,
    )
    compressed = file("LEEF").encode() + zlib.compress(lines([LEEF] * 200).encode())
    s.case("compressed", "imperva/waf/81501_20.log", compressed, [leef] * 200)
    compressed = file("W3C").encode() + zlib.compress(lines(["#Fields: " + COLUMNS, W3C, W3C]).encode(), 9)
    s.case("compressed_gzip", "imperva/waf/81501_21.log.gz", packed(compressed), [w3c] * 2)
    encrypted = file("CEF").replace("key:\n", "key:bm90IGEga2V5\n").encode() + bytes(range(256)) * 8
    s.case("encrypted", "imperva/waf/81501_22.log", encrypted, [], error="switch encryption off")
    key = "imperva/waf/81501_19.log.gz"
    s.case("empty", key, file("CEF"), [])
    s.case("damaged", key, torn(file("CEF", CEF, CEF)), [cef, cef], error="truncated gzip")
    finish(s, ["waf/81501_17.log", "imperva/waf/81501.log", "imperva/waf/81501_17.txt"], [])


# https://docs.zeek.org/en/master/log-formats.html and https://docs.zeek.org/en/master/logs/conn.html
CONN = {
    "ts": "1795410001.123456",
    "uid": "CExample0000000001",
    "id.orig_h": "192.0.2.131",
    "id.orig_p": "50100",
    "id.resp_h": "198.51.100.131",
    "id.resp_p": "443",
    "proto": "tcp",
    "service": "ssl",
    "duration": "1.200000",
    "orig_bytes": "232",
    "resp_bytes": "5129",
    "conn_state": "SF",
    "local_orig": "T",
    "local_resp": "F",
    "missed_bytes": "0",
    "history": "ShADadFf",
    "orig_pkts": "7",
    "orig_ip_bytes": "612",
    "resp_pkts": "8",
    "resp_ip_bytes": "5411",
    "tunnel_parents": "(empty)",
    "ip_proto": "6",
}
TYPES = "time string addr port addr port enum string interval count count string bool bool count string count count count count set[string] count"
ZEEK_HEADER = [
    "#separator \\x09",
    "#set_separator\t,",
    "#empty_field\t(empty)",
    "#unset_field\t-",
    "#path\tconn",
    "#open\t2026-11-23-05-00-00",
    "#fields\t" + "\t".join(CONN),
    "#types\t" + TYPES.replace(" ", "\t"),
]
DNS = (
    '{"ts":1795410001.123456,"uid":"CExample0000000002","id.orig_h":"192.0.2.131","id.orig_p":50200,"id.resp_h":"192.0.2.53","id.resp_p":53,'
    '"proto":"udp","trans_id":711,"rtt":0.0021,"query":"www.example.com","qclass":1,"qclass_name":"C_INTERNET","qtype":1,"qtype_name":"A",'
    '"rcode":0,"rcode_name":"NOERROR","AA":false,"TC":false,"RD":true,"RA":true,"Z":0,"answers":["198.51.100.131"],"TTLs":[60.0],"rejected":false}'
)


def zeek():
    short = {k: v if k in ("ts", "uid") else "-" for k, v in CONN.items()}
    row, unset = "\t".join(CONN.values()), "\t".join(short.values())
    both = [("my.app.zeek.conn", compact(CONN)), ("my.app.zeek.conn", compact(short))]
    close = "#close\t2026-11-23-06-00-00"
    rotated = "zeek/2026-11-23/conn.05:00:00-06:00:00.log.gz"
    content = lines([*ZEEK_HEADER, row, unset, close])
    s = Service("zeek")
    s.case("tsv", rotated, content, both)
    s.case("json", "sensor/site1-zeek/dns-20261123.log", DNS + "\n" + DNS, [("my.app.zeek.dns", DNS)] * 2)
    s.case("plain", "zeek/conn.log", content, both)
    s.case("empty", rotated, lines([*ZEEK_HEADER, close]), [])
    damaged = lines([*ZEEK_HEADER, row, "1795410002.123456", unset])
    s.case("damaged", rotated, damaged, [*both[:1], (UNPARSED, "1795410002.123456"), *both[1:]])
    finish(
        s,
        ["logs/2026-11-23/conn.05:00:00-06:00:00.log.gz", "zeek/2026-11-23/conn.txt"],
        ["zeek/stderr.log", "zeek/2026-11-23/stdout.05:00:00-06:00:00.log.gz"],
    )


imperva()
zeek()
