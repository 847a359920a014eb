"""S3 server access logs."""

from cases import Service, lines, tagged

TAG = "web.aws.s3.access"
OWNER = "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"

rows = [
    f"{OWNER} shop-site [23/Nov/2026:05:00:00 +0000] 203.0.113.9 arn:aws:sts::111122223333:assumed-role/app/x 3E57427F33A59F07 REST.GET.OBJECT "
    'photos/%2Ba.jpg "GET /shop-site/photos/%2Ba.jpg?versionId=v1 HTTP/1.1" 404 NoSuchKey 113 113 7 6 "https://www.example.com/" "S3Console/0.4" '
    "v1EXAMPLE s9lzHYrFp76ZVxRcpX9+5cjAnEH2ROuNkd2BHfIa6UkFVdtjf5mKR3/eTPFvsiP/XV/VLi31234= SigV4 ECDHE-RSA-AES128-GCM-SHA256 AuthHeader "
    "shop-site.s3.eu-west-1.amazonaws.com TLSv1.2 arn:aws:s3:eu-west-1:111122223333:accesspoint/shop Yes us-west-2",
    f"{OWNER} shop-site [23/Nov/2026:05:00:01 +0000] - AmazonS3 7B4A0FABBEXAMPLE S3.EXPIRE.OBJECT old.jpg \"-\" - - - 113 - - \"-\" \"-\" - "
    "9vKBE6vMhrNiWHZmb2L0mXOcqPGzQOI5XLnCtZNPxev+Hf+7tpT6sxDwDty4LHBUOZJG96N1234= - - - shop-site.s3.eu-west-1.amazonaws.com - - - -",
]
old = [  # before TLS versions and access points
    f'{OWNER} my.site [06/Feb/2026:00:00:38 +0000] 2001:db8::3 - 891CE47D2EXAMPLE WEBSITE.GET.OBJECT index.html "GET / HTTP/1.1" 200 - 5 5 1 1 "-" '
    '"curl/8.9 ""x""" - hostid= - - - my.site.s3-website-us-gov-west-1.amazonaws.com -',
]

s = Service("aws_sqs_s3_access")
s.case("partitioned", "logs/111122223333/eu-west-1/shop-site/2026/11/23/2026-11-23-05-00-00-E568B2907131C0C0", lines(rows), tagged(TAG, rows))
s.case("prefix_without_slash", "logs/site-2026-02-06-00-00-38-0A1B2C3D4E5F6071", lines(old), tagged(TAG, old))
s.case("no_prefix", "2026-11-23-05-00-00-0A1B2C3D4E5F6072", lines(rows[1:]), tagged(TAG, rows[1:]))
s.case("empty", "2026-11-23-05-05-00-0A1B2C3D4E5F6073", "", [])
torn = [rows[0], rows[1][:90] + "\x00\udcfe"]  # a line is a record, whatever it holds
s.case("damaged", "2026-11-23-05-10-00-0A1B2C3D4E5F6074", lines(torn).encode(errors="surrogateescape"), tagged(TAG, torn))
s.elsewhere(
    "2026/11/23/05/stream-1-2026-11-23-05-00-00-0a1b2c3d-0000-4000-8000-0a1b2c3d4e5f",
    "logs/2026-11-23",
    "logs/2026-11-23-05-00-00-E568B2907131C0C0.gz",
    "E2EXAMPLE1234.2026-11-23-05.0a1b2c3d.gz",
)
