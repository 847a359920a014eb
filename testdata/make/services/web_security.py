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
    "date": "2026-11-23",
    "time": "05:00:01",
    "time-taken": "589",
    "cs-bytes": "1093",
    "sc-bytes": "17084",
    "bytes": "18177",
    "c-ip": "192.0.2.110",
    "s-ip": "198.51.100.112",
    "cs-username": "zoe@example.com",
    "cs-method": "GET",
    "cs-uri-scheme": "https",
    "cs-uri-query": "a=1&b=2",
    "cs-user-agent": "Mozilla/5.0 (X11; Linux x86_64)",
    "cs-content-type": "-",
    "sc-status": "200",
    "sc-content-type": "text/html; charset=utf-8",
    "cs-dns": "drive.example.com",
    "cs-host": "drive.example.com",
    "cs-uri": "/b?a=1&b=2",
    "cs-uri-port": "443",
    "cs-referer": "-",
    "x-cs-session-id": "711000000000010",
    "x-cs-access-method": "Client",
    "x-cs-app": "Example Drive",
    "x-s-country": "CH",
    "x-s-latitude": "47.370000",
    "x-s-longitude": "8.540000",
    "x-s-location": "Zürich",
    "x-s-region": "Zurich",
    "x-s-zipcode": "8001",
    "x-c-country": "CH",
    "x-c-latitude": "47.370000",
    "x-c-longitude": "8.540000",
    "x-c-location": "Zürich",
    "x-c-region": "Zurich",
    "x-c-zipcode": "8001",
    "x-c-os": "Ubuntu 26.04",
    "x-c-browser": "Firefox",
    "x-c-browser-version": "151.0",
    "x-c-device": "Linux Device",
    "x-cs-site": "example",
    "x-cs-timestamp": "1795410001",
    "x-cs-page-id": "711000000000011",
    "x-cs-userip": "192.0.2.110",
    "x-cs-traffic-type": "CloudApp",
    "x-cs-tunnel-id": "-",
    "x-category": "Cloud Storage, größe",
    "x-other-category": "-",
    "x-type": "http_transaction",
    "x-server-ssl-err": "-",
    "x-client-ssl-err": "-",
    "x-transaction-id": "711000000000009",
    "x-request-id": "711000000000012",
    "x-cs-sni": "drive.example.com",
    "x-cs-domain-fronted-sni": "-",
    "x-category-id": "551",
    "x-other-category-id": "-",
    "x-sr-headers-name": "-",
    "x-sr-headers-value": "-",
    "x-cs-ssl-ja3": "0a1b2c3d4e5f60718293a4b5c6d7e8f9",
    "x-sr-ssl-ja3s": "NotAvailable",
    "x-ssl-bypass": "No",
    "x-ssl-bypass-reason": "-",
    "x-r-cert-subject-cn": "NotChecked",
    "x-r-cert-issuer-cn": "NotChecked",
    "x-r-cert-startdate": "NotChecked",
    "x-r-cert-enddate": "NotChecked",
    "x-r-cert-valid": "NotChecked",
    "x-r-cert-expired": "NotChecked",
    "x-r-cert-untrusted-root": "NotChecked",
    "x-r-cert-incomplete-chain": "NotChecked",
    "x-r-cert-self-signed": "NotChecked",
    "x-r-cert-revoked": "NotChecked",
    "x-r-cert-revocation-check": "NotChecked",
    "x-r-cert-mismatch": "NotChecked",
    "x-cs-ssl-fronting-error": "No",
    "x-cs-ssl-handshake-error": "No",
    "x-sr-ssl-handshake-error": "NotChecked",
    "x-sr-ssl-client-certificate-error": "NotChecked",
    "x-sr-ssl-malformed-ssl": "NotChecked",
    "x-s-custom-signing-ca-error": "No",
    "x-cs-ssl-engine-action": "Allow",
    "x-cs-ssl-engine-action-reason": "Established",
    "x-sr-ssl-engine-action": "None",
    "x-sr-ssl-engine-action-reason": "NotEstablished",
    "x-ssl-policy-src-ip": "192.0.2.110",
    "x-ssl-policy-dst-ip": "198.51.100.112",
    "x-ssl-policy-dst-host": "drive.example.com",
    "x-ssl-policy-dst-host-source": "Sni",
    "x-ssl-policy-categories": "Cloud Storage",
    "x-ssl-policy-action": "Decrypt",
    "x-ssl-policy-name": "-",
    "x-cs-ssl-version": "TLSv1.3",
    "x-cs-ssl-cipher": "TLS_AES_256_GCM_SHA384",
    "x-sr-ssl-version": "NotChecked",
    "x-sr-ssl-cipher": "NotChecked",
    "x-cs-src-ip-egress": "203.0.113.110",
    "x-s-dp-name": "CH-ZUR1",
    "x-cs-src-ip": "192.0.2.110",
    "x-cs-src-port": "50100",
    "x-cs-dst-ip": "198.51.100.112",
    "x-cs-dst-port": "443",
    "x-sr-src-ip": "-",
    "x-sr-src-port": "-",
    "x-sr-dst-ip": "198.51.100.112",
    "x-sr-dst-port": "842",
    "x-cs-ip-connect-xff": "-",
    "x-cs-ip-xff": "-",
    "x-cs-connect-host": "-",
    "x-cs-connect-port": "-",
    "x-cs-connect-user-agent": "-",
    "x-cs-url": "https://drive.example.com/b?a=1&b=2",
    "x-cs-uri-path": "/b",
    "x-cs-http-version": "HTTP1.1",
    "rs-status": "200",
    "x-cs-app-category": "Cloud Storage",
    "x-cs-app-cci": "71",
    "x-cs-app-ccl": "medium",
    "x-cs-app-tags": "Consumer,Unsanctioned",
    "x-cs-app-suite": "-",
    "x-cs-app-instance-id": "-",
    "x-cs-app-instance-name": "-",
    "x-cs-app-instance-tag": "-",
    "x-cs-app-activity": "Browse",
    "x-cs-app-from-user": "-",
    "x-cs-app-to-user": "-",
    "x-cs-app-object-type": "-",
    "x-cs-app-object-name": "-",
    "x-cs-app-object-id": "-",
    "x-rs-file-type": "-",
    "x-rs-file-category": "-",
    "x-rs-file-language": "-",
    "x-rs-file-size": "-",
    "x-rs-file-md5": "-",
    "x-rs-file-sha256": "-",
    "x-error": "-",
    "x-c-local-time": "2026-11-23 06:00:00",
    "x-policy-action": "allow",
    "x-policy-name": "Allow drives",
    "x-policy-src-ip": "192.0.2.110",
    "x-policy-dst-ip": "198.51.100.112",
    "x-policy-dst-host": "drive.example.com",
    "x-policy-dst-host-source": "HttpHostHeader",
    "x-policy-justification-type": "-",
    "x-policy-justification-reason": "-",
    "x-sc-notification-name": "-",
}
UNNAMED = TRANSACTION | {"cs-username": "-", "x-cs-app": "-"}
# Of alerts and events as CSV: the columns of all of them.
COLUMNS = (
    "_id access_method account_name acked acting_user action activity act_user alert alert_name severity alert_source alert_type appcategory "
    "appsuite app app_session_id assignee bcc browser browser_session_id server_bytes client_bytes cc cci ccl cloud_provider breach_id eeml "
    "breach_score connection_id src_country shared_credential_user breach_date policy_name policy_action dst_country dst_geoip_src dsthost dstip "
    "dst_location dstport dst_region dst_timezone dst_zipcode detection_engine device device_classification device_sn dlp_file "
    "dlp_fingerprint_classification dlp_fingerprint_match dlp_fingerprint_score dlp_match_info inline_dlp_match_info dlp_incident_id "
    "dlp_parent_id dlp_profile_name dlp_profile dlp_rule_count dlp_rule dlp_rule_severity dlp_rule_score dlp_unique_count dlp_is_unique_count "
    "dns_profile domain driver conn_duration encryption_status conn_endtime end_time computer_name executable_hash executable_signed sharedType "
    "file_category destination_file_directory file_exposure file_id file_md5 destination_file_name filename file_origin file_owner "
    "destination_file_path file_path filepath sha256 file_size file_type email_from_user from_user app-gdpr-level usergroup device_type hostname "
    "dinsid incident_id latest_incident_id instance_id instance instance_name sanctioned_instance ip_protocol dst_latitude src_latitude local_md5"
    " local_sha1 local_sha256 loc location src_location dst_longitude src_longitude mal_id malware_id mal_sev malware_severity mal_type "
    "malware_type managed_app managementID vendor_id md5 message_id mime_type tss_mode product_id modified_date src_network network_session_id "
    "ur_normalized oauth object object_id owner object_type org organization_unit os os_details os_family os_user_name os_version page parent_id "
    "owner_pdl policy_name_enforced policy policy_version pop_id netskope_pop port web_url connection_type process_name process_cert_subject pid "
    "process_path publisher_cn domain_ip redirect_url referer region_name src_region region_id iaas_remediated iaas_remediation_action "
    "iaas_remediated_by iaas_remediated_on req req_cnt request_id resource_category resource_group resp resp_cnt risk_level_id sa_profile_name "
    "sa_rule_compliance sa_rule_name sa_rule_severity sender session_duration session_number_unique serverity severity_level severity_id "
    "shared_with shared_domains tunnel_id smtp_status smtp_to src_geoip_src srcip srcport conn_starttime start_time status subject tags "
    "telemetry_app threat_type timestamp src_timezone to_user numbytes traffic_type transaction_id tss_license two_factor_auth type unc_path "
    "nsdeviceuid url user useragent user_confidence_index user_confidence_level user_id userip userkey violation site src_zipcode account_id "
    "alert_id appact audit_type response_time email_modified email_title subtype event_uuid file_cls_encrypted fllg file_pdl local_source_time "
    "server_packets client_packets flpp risk_score suppression_count spet spst thr email_user tur total_packets num_users watchlist_name "
    "custom_attr record_type "
).split()


def netskope():
    def quoted(row):
        return " ".join(f'"{v}"' if " " in v else v for v in row.values())

    def text(value):
        return value if isinstance(value, str) else compact(value)

    head, transaction = " ".join(TRANSACTION), "my.app.netskope.transaction"
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
    events.case("transactions", "netskope/transactions/2026/11/23/05/0a1b2c3d.gz", lines(["#Fields: " + head, quoted(TRANSACTION), quoted(UNNAMED)]), both)
    cells = [{c: text(e.get(c, "-")) for c in COLUMNS} for e in (NETSKOPE, NETWORK)]
    table = rows(
        "netskope_csv",
        lambda row: f"my.app.netskope.{row.get('record_type', 'transaction')}",
        {
            "alerts_and_events": ("netskope/events/2026/11/23/05/0a1b2c3d.csv.gz", cells),
            "plain": ("casb/netskope-stream-2/1795410048_0.csv", cells[1:]),
            "comma_separated_transactions": ("netskope/web/2026/11/23/05/0a1b2c3d.csv.gz", [TRANSACTION, UNNAMED]),
        },
        ["casb/stream-1/1795410048_0.csv", "netskope/transactions/0a1b2c3d.json.gz", "netskope/transactions/0a1b2c3d.csv.gz"],
    )
    spaced = Service("netskope_transaction")
    key = "netskope/transactions/2026/11/23/05/0a1b2c3d.csv.gz"
    spaced.case("hourly", key, lines([head, quoted(TRANSACTION), quoted(UNNAMED)]), both)
    commas = [",".join(f'"{v}"' if "," in v or " " in v else v for v in row.values()) for row in (TRANSACTION, UNNAMED)]
    spaced.case("commas", "netskope/transaction/2026/11/23/06/0a1b2c3d.csv.gz", lines([",".join(TRANSACTION), *commas]), both)
    spaced.case("joined", "netskope/webtx/2026/11/23/06/0a1b2c3d.csv.gz", lines([head, quoted(TRANSACTION), head, quoted(UNNAMED)]), both)
    spaced.case("plain", "casb/prod-netskope/webtx-eu/1795410048_0.csv", lines([head, quoted(UNNAMED)]), both[1:])
    spaced.case("empty", key, lines([head]), [])
    spaced.case("damaged", key, lines([head, quoted(TRANSACTION)]) + '2026-11-23 "05:00', both[:1], error="ends within quotes")
    finish(spaced, ["casb/transactions/1795410048_0.csv", "netskope/transactions/0a1b2c3d.json.gz", "netskope/transactions.csv.gz"], [])
    stands_for("netskope", spaced, table, events, elsewhere=["casb/stream-1/1795410048_network.json", "netskope.json", "stream-2/0.csv"])


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
    s.case("array", "zscaler/web/1795410002.json", f"[{WEB},{FIREWALL}]\n[\n{DNS}\n]", [web, firewall, dns])
    s.case("others", "proxy/zscaler-nss/1795410001", f"{FIREWALL}\r\n{DNS}", [firewall, dns])
    s.case("empty", key, "", [])
    s.case("damaged", key, f"{WEB}\n{DNS[:-2]}\n{FIREWALL}\n", [web, (UNPARSED, DNS[:-2]), firewall])
    finish(s, ["proxy/nss/1795410001", "zscaler"], [])


netskope()
zscaler()
