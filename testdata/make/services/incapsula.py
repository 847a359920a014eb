"""Imperva Incapsula: a header, then CEF, which may be compressed."""

import zlib

from cases import UNPARSED, Service, lines, tagged

HEADER = [
    "accountId:1234",
    "configId:5678",
    "checksum:0123456789abcdef0123456789abcdef",
    "format:CEF",
    "startTime:1795410000000",
    "endTime:1795410060000",
    "|==|",
]
rows = [
    "CEF:0|Incapsula|SIEMintegration|1|1|Illegal Resource Access|3|fileId=9f8e7d6c sourceServiceName=shop.example.com siteid=1509732 suid=1234 "
    "requestClientApplication=Mozilla/5.0 (a\\=b \\| c) deviceFacility=ams cs2=true cs2Label=Javascript Support cs3=true cs3Label=CO Support "
    "src=203.0.113.9 caIP=192.0.2.10 ccode=XX tag=ref cn1=403 in=54 xff=203.0.113.9 cs1=NOT_SUPPORTED cs1Label=Cap Support cs4=0a1b cs4Label=VID "
    "cs5=5c25 cs5Label=clappsig dproc=Browser cs6=Chrome cs6Label=clapp ccode=XX cicode=Nowhere cs7=0.1 cs7Label=latitude cs8=0.2 cs8Label=longitude "
    "Customer=Shop siteTag=shop ver=TLSv1.3 AES start=1795410000100 request=shop.example.com/a ref=www.example.com requestMethod=GET qstr=b\\=1 app=HTTPS act=REQ_BLOCKED_SECURITY "
    "deviceExternalId=33411452762204224 sip=198.51.100.7 spt=443 filetype=30037,1001 filepermission=2,1 cpt=40000 end=1795410000200 "
    'additionalReqHeaders=[{"Accept":"*/*"}] additionalResHeaders=[{"Content-Type":"text/html"}] cs9=No SQL cs9Label=Rule name cs11=,,[{"api":"x"}] cs11Label=Rule Additional Info',
    "CEF:0|Incapsula|SIEMintegration|1|1|Normal|0| sourceServiceName=shop.example.com siteid=1509732 suid=1234 requestClientApplication=curl/8.9 "
    "deviceFacility=ams src=2001:db8::9 act=REQ_PASSED start=1795410001000 request=shop.example.com/ requestMethod=GET cn1=200 app=HTTP",
]
TAG = "cef0.imperva.incapsula"

s = Service("aws_sqs_incapsula")
s.case("header_and_events", "incapsula/1234_1.log", lines([*HEADER, *rows]), tagged(TAG, rows))
s.case("by_day", "waf/incapsula/2026/11/23/1234_20261123.log", lines([*HEADER, rows[1]]), tagged(TAG, rows[1:]))
s.case("empty", "incapsula/1234_2.log", lines(HEADER), [])
torn = rows[1][5:]
s.case(
    "damaged",
    "incapsula/1234_3.log",
    (lines([*HEADER, rows[0], torn]) + rows[1] + " note=\udcff\n").encode(errors="surrogateescape"),
    [(TAG, rows[0]), (UNPARSED, torn), (TAG, rows[1] + " note=\udcff")],
)
many = [rows[i % 2].replace("siteid=1509732", f"siteid={i}") for i in range(300)]
header = lines(HEADER).encode()
s.case("compressed", "incapsula/1234_4.log", header + zlib.compress(lines(many).encode()), tagged(TAG, many))
s.case("compressed_crlf", "incapsula/1234_5.log", header.replace(b"\n", b"\r\n") + zlib.compress(lines(rows).encode(), 1), tagged(TAG, rows))
s.case("compressed_empty", "incapsula/1234_6.log", header + zlib.compress(b""), [])
s.case("compressed_torn", "incapsula/1234_7.log", header + zlib.compress(lines(rows).encode())[:-3], tagged(TAG, rows), error="truncated zlib")
# AES in CBC mode: nothing that can be told from noise.
noise = bytes((i * i * 7 + i * 31 + (i >> 3)) & 255 for i in range(4096))
encrypted = header.replace(b"|==|", b"publicKeyId:1\nkey:bm90IGEga2V5\n|==|")
s.case("encrypted", "incapsula/1234_8.log", encrypted + noise, [], error="encrypted, as key in its header says; switch encryption off")
s.case("encrypted_silently", "incapsula/1234_9.log", header + noise, [], error="is not text")
s.elsewhere("incapsula/1234.log", "incapsula/1234_1.csv", "imperva/1234_1.log")
