"""Netskope and Zscaler: proxies in the cloud."""

from cases import UNPARSED, Service, compact, lines, stands_for
from shapes import finish, json_lines, rows

# https://docs.netskope.com/en/log-streaming/
NETSKOPE = {
    "_id": "0a1b2c3d4e5f607182930001",
    "access_method": "Client",
    "account_id": "acct-1",
    "account_name": "shop",
    "acked": "false",
    "action": "block",
    "activity": "Upload",
    "alert": "yes",
    "alert_id": "0a1b2c3d4e5f60718293a4b5c6d7e8f9",
    "alert_name": "Block cards",
    "alert_source": "DLP",
    "alert_type": "DLP",
    "app": "Example Drive",
    "app_session_id": 711000000000001,
    "appcategory": "Cloud Storage",
    "appsuite": "Example",
    "browser": "Firefox",
    "browser_session_id": 711000000000002,
    "cci": 71,
    "ccl": "medium",
    "client_bytes": 3613,
    "conn_duration": 47,
    "conn_endtime": 1795410048,
    "conn_starttime": 1795410001,
    "connection_id": 711000000000003,
    "custom_attr": {"usr_title": 'Büro "Zürich"'},
    "device": "Linux Device",
    "device_classification": "managed",
    "dlp_file": "karten.csv",
    "dlp_incident_id": 711000000000004,
    "dlp_is_unique_count": "true",
    "dlp_parent_id": 711000000000005,
    "dlp_profile": "cards",
    "dlp_rule": "numbers",
    "dlp_rule_count": 17,
    "dlp_rule_severity": "High",
    "dlp_unique_count": 3,
    "domain": "drive.example.com",
    "domain_ip": "198.51.100.110",
    "dst_country": "CH",
    "dst_geoip_src": 1,
    "dst_latitude": 47.37,
    "dst_location": "Zürich",
    "dst_longitude": 8.54,
    "dst_region": "Zurich",
    "dst_timezone": "Europe/Zurich",
    "dst_zipcode": "8001",
    "dsthost": "drive.example.com",
    "dstip": "198.51.100.110",
    "dstport": 443,
    "event_uuid": "0a1b2c3d-0000-4000-8000-0a1b2c3d4e5f",
    "file_path": "/home/zoe/karten.csv",
    "file_size": 4096,
    "file_type": "text/csv",
    "from_user": "zoe@example.com",
    "hostname": "laptop-07",
    "instance": "example.com",
    "instance_id": "example.com",
    "local_sha1": "a94a8fe5ccb19ba61c4c0873d391e987982fbbd3",
    "managed_app": "no",
    "managementID": "",
    "md5": "098f6bcd4621d373cade4e832627b4f6",
    "netskope_pop": "CH-ZUR1",
    "nsdeviceuid": "1a1b2c3d-0000-4000-8000-0a1b2c3d4e5f",
    "numbytes": 5227,
    "object": "karten.csv",
    "object_type": "File",
    "organization_unit": "example.local/users",
    "os": "Ubuntu",
    "os_family": "Linux",
    "os_version": "26.04",
    "page": "drive.example.com",
    "policy": "Block cards",
    "record_type": "alert",
    "referer": "https://www.example.com/",
    "req_cnt": 2,
    "request_id": 711000000000006,
    "resp_cnt": 2,
    "sanctioned_instance": "No",
    "server_bytes": 1614,
    "severity": "high",
    "sha256": "9f86d081884c7d65",
    "site": "Example Drive",
    "src_country": "CH",
    "src_geoip_src": 1,
    "src_latitude": 47.37,
    "src_location": "Zürich",
    "src_longitude": 8.54,
    "src_region": "Zurich",
    "src_timezone": "Europe/Zurich",
    "src_zipcode": "8001",
    "srcip": "203.0.113.110",
    "suppression_count": "0",
    "telemetry_app": "",
    "timestamp": 1795410001,
    "traffic_type": "CloudApp",
    "transaction_id": 711000000000007,
    "tss_mode": "inline",
    "type": "nspolicy",
    "ur_normalized": "zoe@example.com",
    "url": "drive.example.com/upload",
    "user": "zoe@example.com",
    "user_confidence_index": 900,
    "user_confidence_level": "high",
    "useragent": "Mozilla/5.0",
    "userip": "192.0.2.110",
    "userkey": "zoe@example.com",
}
NETWORK = {
    "_id": "0a1b2c3d4e5f607182930002",
    "access_method": "Client",
    "action": "allow",
    "app": "ssh",
    "client_bytes": 661,
    "client_packets": 3,
    "dsthost": "host.example.com",
    "dstip": "198.51.100.111",
    "dstport": 22,
    "end_time": "2026-11-23T05:00:48+00:00",
    "ip_protocol": "TCP",
    "network_session_id": "711000000000008",
    "numbytes": 1220,
    "publisher_cn": "0a1b2c3d4e5f6071",
    "record_type": "network",
    "server_bytes": 559,
    "server_packets": 2,
    "session_duration": 47,
    "srcip": "203.0.113.110",
    "srcport": 50100,
    "start_time": "2026-11-23T05:00:01+00:00",
    "timestamp": 1795410048,
    "total_packets": 5,
    "traffic_type": "PrivateApp",
    "tunnel_id": "711000009",
    "type": "network",
    "ur_normalized": "zoe@example.com",
    "user": "zoe@example.com",
}
# https://docs.netskope.com/en/transaction-event-fields/
TRANSACTION = {
    "x-cs-timestamp": "1795410001",
    "date": "2026-11-23",
    "time": "05:00:01",
    "time-taken": "589",
    "cs-bytes": "1093",
    "sc-bytes": "17084",
    "bytes": "18177",
    "c-ip": "203.0.113.110",
    "s-ip": "198.51.100.112",
    "cs-username": "zoe@example.com",
    "cs-method": "GET",
    "cs-uri-scheme": "https",
    "cs-user-agent": "Mozilla/5.0 (X11)",
    "sc-status": "200",
    "cs-host": "drive.example.com",
    "cs-uri": "/b",
    "x-cs-access-method": "Client",
    "x-cs-app": "Example Drive",
    "x-cs-traffic-type": "CloudApp",
    "x-category": "Cloud Storage, größe",
    "x-transaction-id": "711000000000009",
}
UNNAMED = TRANSACTION | {"cs-username": "-", "x-cs-app": "-"}


def netskope():
    def quoted(row):
        return " ".join(f'"{v}"' if " " in v else v for v in row.values())

    head, transaction = "#Fields: " + " ".join(TRANSACTION), "my.app.netskope.transaction"
    both = [(transaction, compact(TRANSACTION)), (transaction, compact(UNNAMED))]
    events = json_lines(
        "netskope_events",
        lambda e: f"my.app.netskope.{e['record_type']}",
        {
            "alerts": ("netskope/alerts/2026/11/23/05/0a1b2c3d.json.gz", [NETSKOPE, NETSKOPE | {"alert_type": "policy"}]),
            "network": ("casb/netskope-stream-1/1795410048_network.json", [NETWORK]),
        },
        ["casb/stream-1/1795410048_network.json", "netskope.json", "netskope/transactions/0a1b2c3d.csv.gz"],
    )
    events.case("transactions", "netskope/transactions/2026/11/23/05/0a1b2c3d.gz", lines([head, quoted(TRANSACTION), quoted(UNNAMED)]), both)
    table = rows(
        "netskope_csv",
        transaction,
        {
            "transactions": ("netskope/transactions/2026/11/23/05/0a1b2c3d.csv.gz", [TRANSACTION, UNNAMED]),
            "plain": ("casb/netskope-stream-2/1795410048_0.csv", [UNNAMED]),
        },
        ["casb/stream-1/1795410048_0.csv", "netskope/transactions/0a1b2c3d.json.gz"],
    )
    stands_for("netskope", table, events, elsewhere=["casb/stream-1/1795410048_network.json", "netskope.json", "stream-2/0.csv"])


# https://help.zscaler.com/unified/nss-feed-output-format-web-logs
WEB = (
    '{ "sourcetype" : "zscalernss-web", "event" : {"datetime":"Mon Nov 23 05:00:01 2026","reason":"Allowed",'
    '"event_id":"711000000000001","protocol":"HTTPS","action":"Allowed","transactionsize":"5227","responsesize":"4891",'
    '"requestsize":"336","urlcategory":"Web Search","serverip":"198.51.100.120","requestmethod":"GET",'
    '"refererURL":"www.example.com/","useragent":"Mozilla/5.0","product":"NSS","location":"B\\u00fcro","ClientIP":"192.0.2.120",'
    '"status":"200","user":"zoe@example.com","url":"www.example.com/?q=%22tea%22","vendor":"Zscaler","hostname":"www.example.com",'
    '"clientpublicIP":"203.0.113.120","threatcategory":"None","threatname":"None","filetype":"None","appname":"General Browsing",'
    '"app_status":"N/A","pagerisk":"0","threatseverity":"None","department":"Shop","urlsupercategory":"Internet Communication",'
    '"appclass":"General Browsing","dlpengine":"None","urlclass":"Business Use","threatclass":"None","dlpdictionaries":"None",'
    '"fileclass":"None","bwthrottle":"NO","contenttype":"text/html","unscannabletype":"None","deviceowner":"zoe",'
    '"devicehostname":"laptop-07","keyprotectiontype":"N/A"}}'
)
FIREWALL = (
    '{"sourcetype":"zscalernss-fw","event":{"datetime":"Mon Nov 23 05:00:01 2026","user":"zoe@example.com","department":"Shop",'
    '"locationname":"Road Warrior","cdport":"443","csport":"50100","sdport":"443","ssport":"50101","csip":"192.0.2.120",'
    '"cdip":"198.51.100.121","ssip":"203.0.113.121","sdip":"198.51.100.121","tsip":"192.0.2.121","tunsport":"0","tuntype":"ZscalerClientConnector",'
    '"action":"Allow","dnat":"No","stateful":"Yes","aggregate":"No","nwsvc":"HTTPS","nwapp":"example","proto":"TCP",'
    '"ipcat":"Other","destcountry":"Switzerland","avgduration":"700","rulelabel":"Default","inbytes":"17","outbytes":"18",'
    '"duration":"1","durationms":"700","numsessions":"1","ipsrulelabel":"None","threatcat":"None","threatname":"None",'
    '"deviceowner":"zoe","devicehostname":"laptop-07"}}'
)
DNS = (
    '{ "sourcetype" : "zscalernss-dns", "event" :{"datetime":"Mon Nov 23 05:00:01 2026","user":"zoe@example.com","department":"Shop",'
    '"location":"Road Warrior","reqaction":"Allow","resaction":"Allow","reqrulelabel":"Default","resrulelabel":"Default",'
    '"dns_reqtype":"A","dns_req":"www.example.com","dns_resp":"198.51.100.120","srv_dport":"53","durationms":"2",'
    '"clt_sip":"192.0.2.120","srv_dip":"192.0.2.53","category":"Web Search","respipcategory":"Other","deviceowner":"zoe","devicehostname":"laptop-07"}}'
)


def zscaler():
    web, firewall, dns = (
        (f"my.app.zscaler.zscalernss-{kind}", text) for kind, text in (("web", WEB), ("fw", FIREWALL), ("dns", DNS))
    )
    key = "zscaler/web/2026/11/23/05/0a1b2c3d.json.gz"
    s = Service("zscaler_nss")
    s.case("web", key, f"{WEB}\n{WEB}\n", [web, web])
    s.case("others", "proxy/zscaler-nss/1795410001", f"{FIREWALL}\r\n{DNS}", [firewall, dns])
    s.case("empty", key, "", [])
    s.case("damaged", key, f"{WEB}\n{DNS[:-2]}\n{FIREWALL}\n", [web, (UNPARSED, DNS[:-2]), firewall])
    finish(s, ["proxy/nss/1795410001", "zscaler"], [])


netskope()
zscaler()
