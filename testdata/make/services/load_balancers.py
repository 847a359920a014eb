"""Application and classic load balancers' logs."""

from cases import Service, lines, tagged, truncated

FOLDER = "AWSLogs/111122223333/elasticloadbalancing/eu-west-1/2026/11/23/"
FILE = "111122223333_elasticloadbalancing_eu-west-1_"

alb = Service("aws_sqs_alb")

access = [
    'https 2026-11-23T05:00:00.123456Z app/shop/0a1b2c3d4e5f6071 203.0.113.9:2817 192.0.2.10:80 0.000 0.001 0.000 200 200 34 366 '
    '"GET https://shop.example.com:443/a?b=1 HTTP/1.1" "curl/8.9 \\"quoted\\"" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 '
    'arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/shop/73e2d6bc24d8a067 "Root=1-6922a1d0-0a1b2c3d4e5f607182930415" '
    '"shop.example.com" "arn:aws:acm:eu-west-1:111122223333:certificate/0a1b2c3d-0000-4000-8000-0a1b2c3d4e5f" 3 2026-11-23T05:00:00.100000Z '
    '"waf,forward" "-" "-" "192.0.2.10:80" "200" "Acceptable" "BadHeader" TID_0a1b2c3d "shop.internal.example.com" "/v2/a?b=1" "TransformSuccess"',
    "h2 2026-11-23T05:00:01.000000Z app/shop/0a1b2c3d4e5f6071 [2001:db8::9]:2818 - -1 -1 -1 503 - 34 366 "
    '"GET https://shop.example.com:443/c HTTP/2.0" "-" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 - "Root=1-6922a1d1-0a1b2c3d4e5f607182930415" '
    '"shop.example.com" "-" 0 2026-11-23T05:00:01.000000Z "redirect" "https://www.example.com/c" "LambdaTimeout" "-" "-" "-" "-" TID_0a1b2c3e "-" "-" "-"',
]
alb.case("access", FOLDER + FILE + "app.shop.0a1b2c3d4e5f6071_20261123T0500Z_192.0.2.20_20sg8hgm.log.gz", lines(access), tagged("web.aws.alb.access", access))

old = [  # before 2023's and 2025's fields
    'wss 2025-12-31T23:59:59.999999Z app/k8s-web-2/50dc6c495c0c9188 198.51.100.4:4000 192.0.2.11:8080 0.001 9.5 0.000 101 101 218 587 '
    '"GET wss://ws.example.com:443/live HTTP/1.1" "-" - - arn:aws-us-gov:elasticloadbalancing:us-gov-west-1:444455556666:targetgroup/ws/0123456789abcdef '
    '"Root=1-6922a1d2-0a1b2c3d4e5f607182930415" "-" "-" 1 2025-12-31T23:59:50.000000Z "forward" "-" "-" "192.0.2.11:8080" "101" "-" "-"',
]
alb.case(
    "govcloud_with_a_prefix",
    "lb/logs/AWSLogs/444455556666/elasticloadbalancing/us-gov-west-1/2025/12/31/"
    "444455556666_elasticloadbalancing_us-gov-west-1_app.k8s-web-2.50dc6c495c0c9188_20251231T2355Z_192.0.2.21_5rnaf3hh.log.gz",
    lines(old),
    tagged("web.aws.alb.access", old),
)

connections = [
    "2026-11-23T05:00:00.123456Z 203.0.113.9 36280 443 TLSv1.2 ECDHE-RSA-AES128-GCM-SHA256 0.036 "
    '"CN=client.example.com,O=Example" NotBefore=2026-01-01T00:00:00Z;NotAfter=2027-01-01T00:00:00Z 0A1B2C3D Success TID_0a1b2c3d x25519',
    "2026-11-23T05:00:00.223456Z 203.0.113.9 36281 443 - - - - - - Failed:UnmappedConnectionError TID_0a1b2c3e -",
]
older = [line.rsplit(" ", 1)[0] for line in connections]  # before the key exchange was the last field
alb.case(
    "connection_older",
    FOLDER + "conn_log." + FILE + "app.shop.0a1b2c3d4e5f6071_20261123T0505Z_192.0.2.20_5v6ngx3z.log.gz",
    lines(older),
    tagged("web.aws.alb.connection", older),
)
alb.case(
    "connection",
    FOLDER + "conn_log_" + FILE + "app.shop.0a1b2c3d4e5f6071_20261123T0500Z_192.0.2.20_4u5mfw2y.log.gz",
    lines(connections),
    tagged("web.aws.alb.connection", connections),
)

checks = [
    "http 2026-11-23T05:00:00.123456Z 0.019584011 192.0.2.10:80 shop PASS 200 -",
    "http 2026-11-23T05:00:30.123456Z 5.000000000 192.0.2.11:80 shop FAIL - TimedOut",
    "lambda 2026-11-23T05:00:31.123456Z 0.219584011 arn:aws:lambda:eu-west-1:111122223333:function:orders orders FAIL 502 TargetError",
]
alb.case(
    "health_check",
    FOLDER + "health_check_log_" + FILE + "app.shop.0a1b2c3d4e5f6071_20261123T0500Z_192.0.2.20_9wq2xk1b.log.gz",
    lines(checks),
    tagged("web.aws.alb.health_check", checks),
)
alb.case("empty", FOLDER + FILE + "app.idle.0a1b2c3d4e5f6072_20261123T0500Z_192.0.2.20_1a2b3c4d.log.gz", "", [])
alb.case(
    "damaged",
    FOLDER + FILE + "app.shop.0a1b2c3d4e5f6071_20261123T0505Z_192.0.2.20_7h8j9k0l.log.gz",
    truncated(lines(access), len(access[0]) + 20),
    tagged("web.aws.alb.access", access[:1]),
    error="truncated gzip",
)
alb.elsewhere(
    FOLDER + FILE + "net.my-nlb.1234567890abcdef_20261123T0500Z_9f8e7d6c.log.gz",
    FOLDER + FILE + "classic_20261123T0500Z_192.0.2.20_20sg8hgm.log",
    FOLDER + FILE + "app.shop.0a1b2c3d4e5f6071_20261123T0500Z_192.0.2.20_20sg8hgm.log",
    FOLDER + "other_log_" + FILE + "app.shop.0a1b2c3d4e5f6071_20261123T0500Z_192.0.2.20_20sg8hgm.log.gz",
)
alb.ignored("AWSLogs/111122223333/ELBAccessLogTestFile", "lb/AWSLogs/111122223333/ELBConnectionLogTestFile", "AWSLogs/111122223333/ELBHealthCheckLogTestFile")

elb = Service("aws_sqs_elb")

https = [
    '2026-11-23T05:00:00.123456Z shop-classic 203.0.113.9:2817 192.0.2.10:80 0.000086 0.001048 0.001337 200 200 0 57 '
    '"GET https://www.example.com:443/ HTTP/1.1" "curl/8.9" DHE-RSA-AES128-SHA TLSv1.2',
    '2026-11-23T05:00:01.123456Z shop-classic 203.0.113.9:2818 - -1 -1 -1 503 0 0 0 "GET http://www.example.com:80/x HTTP/1.1" "-" - -',
]
tcp = ['2026-11-23T05:00:02.5Z db2 198.51.100.4:4000 192.0.2.12:5432 0.001069 0.000028 0.000041 - - 82 305 "- - - " "-" - -']
elb.case("access", FOLDER + FILE + "shop-classic_20261123T0500Z_192.0.2.20_20sg8hgm.log", lines(https), tagged("web.aws.elb.access", https))
elb.case(
    "china_tcp",
    "classic/AWSLogs/444455556666/elasticloadbalancing/cn-north-1/2026/11/23/444455556666_elasticloadbalancing_cn-north-1_db2_20261123T0500Z_192.0.2.21_5rnaf3hh.log",
    lines(tcp),
    tagged("web.aws.elb.access", tcp),
)
elb.case("empty", FOLDER + FILE + "idle_20261123T0500Z_192.0.2.20_1a2b3c4d.log", "", [])
torn = [https[0], '2026-11-23T05:00:01.1234\x00\udcff', https[1]]  # a line is a record, whatever it holds
elb.case(
    "damaged",
    FOLDER + FILE + "shop-classic_20261123T0505Z_192.0.2.20_7h8j9k0l.log",
    lines(torn).encode(errors="surrogateescape"),
    tagged("web.aws.elb.access", torn),
)
elb.elsewhere(
    FOLDER + FILE + "app.shop.0a1b2c3d4e5f6071_20261123T0500Z_192.0.2.20_20sg8hgm.log.gz",
    FOLDER + FILE + "app.shop.0a1b2c3d4e5f6071_20261123T0500Z_192.0.2.20_20sg8hgm.log",
    FOLDER + FILE + "net.my-nlb.1234567890abcdef_20261123T0500Z_9f8e7d6c.log.gz",
)
elb.ignored("AWSLogs/111122223333/ELBAccessLogTestFile")
