"""Imperva Incapsula: a header, then CEF."""

from cases import Service, lines, tagged

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
# What is no CEF is left out, since the header is none either: a torn event loses its beginning and is counted, not sent.
torn = [rows[0], rows[1][5:]]
s.case("damaged", "incapsula/1234_3.log", (lines([*HEADER, *torn]) + rows[1] + " note=\udcff\n").encode(errors="surrogateescape"), tagged(TAG, [rows[0], rows[1] + " note=\udcff"]))
s.elsewhere("incapsula/1234.log", "incapsula/1234_1.csv", "imperva/1234_1.log")
