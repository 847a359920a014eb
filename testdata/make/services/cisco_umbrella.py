"""Cisco Umbrella: CSV by folder, the columns of version 11 of the format."""

import csv
import io

from cases import Service, lines, tagged

DAY = "2026-11-23"


def row(values):
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="").writerow(values)
    return out.getvalue()


def key(folder, prefix="", name="05-00-e4e1"):
    return f"{prefix}{folder}/{DAY}/{DAY}-{name}.csv.gz"


T = f"{DAY} 05:00:00"
logs = {
    # Time, identity, identities, internal and external address, action, type, response, domain, categories, types, blocked, rule, countries, organization.
    "dns": [
        [T, "jane", "jane,Office", "192.0.2.10", "203.0.113.9", "Allowed", "1 (A)", "NOERROR", "shop.example.com.", "Ecommerce", "AD Users", "AD Users,Networks", "", "101", "XX", "1234567"],
        [T, "Office", 'Office "A", 2nd', "192.0.2.11", "203.0.113.9", "Blocked", "28 (AAAA)", "NXDOMAIN", "bad.example.net.", "Malware", "Networks", "Networks", "Malware", "", "", "1234567"],
    ],
    "ip": [[T, "Laptop-1", "192.0.2.10", "40000", "198.51.100.7", "443", "Malware", "Roaming Computers"]],
    # Up to the blocked categories, to the destination lists, to the MSP's organization, and on.
    "proxy": [
        [T, "jane", "192.0.2.10", "203.0.113.9", "198.51.100.7", "text/html", "ALLOWED", "https://www.example.com/a?b=1,2", "https://www.example.com/", "Mozilla/5.0", "200", "10", "20", "15"]
        + ["9f86d081", "Search", "", "", "CLEAN", "", "10", "AD Users", "", "jane,Office", "AD Users,Networks", "GET", "ALLOWED", "", "a.html", "1", "2", "3"]
        + ["isolated", "downloaded_original_file", "warn-session", "", "SWA", "", "", "17,18", "LAPTOP-1", "AMS1", "true", "www.example.com", "false", "false", "text/html", "Chat", "1234567"],
    ],
    "firewall": [
        [T, "211", "Tunnel 1", "CDFW Tunnel Device", "OUTBOUND", "6", "84", "192.0.2.10", "40000", "198.51.100.7", "443", "ams1", "12", "ALLOW", "shop.example.com", "7", "1234567"],
    ],
    "audit": [
        ["8374", T, "jane@example.com", "Jane", "policies", "update", "203.0.113.9", "name: old\\nlevel: 1", "name: new\\nlevel: 2"],
    ],
    "intrusion": [
        [T, "Tunnel 1", "CDFW Tunnel Device", "1", "44338", "SERVER-WEBAPP probe", "1", "HIGH", "Attempted admin", "cve-2026-0001", "TCP", "7", "203.0.113.9", "40000", "192.0.2.10", "80", "Would Block"]
        + ["IDS", "11", "S2C", "12", "PROFILE", "us-west-2"],
    ],
    "dlp": [
        [T, "Real Time", "1234_5678", "HIGH", "jane", "jane", "plan.docx", "Drive", "https://drive.example.com", "BLOCK", "No plans", "PII", "SSN", "application/msword", "1024", "9f86", "Secret"]
        + ["Cloud Storage", "Outbound", "intranet", "", "https", "198.51.100.7", "443", "1234567"],
    ],
}
# Of Secure Access, which names its columns: what Umbrella's firewall has, and more in front of the organization.
SECURE_ACCESS = (
    "timestamp,origin ids,identities,identity type,direction,protocol,packet size,source ip,source port,destination ip,destination port,data center,rule id,action,"
    "fqdns,destination list ids,first packet timestamp,last packet timestamp,packets sent,packets received,bytes sent,bytes received,fw event id,destination country,"
    "app id,private resource id,private app group id,private flow,posture id,casi category ids,traffic source,content category ids,content category list ids,organization id"
)
flow = logs["firewall"][0]
flow = [*flow[:-1], "1795410000", "1795410007", "3", "4", "1108", "755", "39-42", "XX", "17", "", "", "false", "", "[]", "", "", "", flow[-1]]

s = Service("aws_sqs_cisco_umbrella")
for name, rows in logs.items():
    texts = [row(values) for values in rows]
    s.case(name, key(name + "logs", prefix="" if name == "dns" else "umbrella/org 7/"), lines(texts), tagged("sig.cisco.umbrella." + name, texts))
dns = [row(values) for values in logs["dns"]]
header = row("timestamp,most_granular_identity,identities,internal_ip,external_ip,action,query_type,response_code,domain,categories".split(","))
s.case("dns_with_header", key("dnslogs", name="05-10-a1b2"), lines([header, *dns]), tagged("sig.cisco.umbrella.dns", dns))
firewall = [row(values) for values in logs["firewall"]]
s.case("cloudfirewall", key("cloudfirewalllogs"), lines(firewall), tagged("sig.cisco.umbrella.firewall", firewall))
s.case("secure_access", key("firewalllogs", prefix="8112345/"), lines([SECURE_ACCESS, row(flow)]), tagged("sig.cisco.umbrella.firewall", [row(flow)]))
audit = [row(values) for values in logs["audit"]]
header = row(["ID", "Time", "Email", "User", "Type", "Action", "Logged in from", "Before", "After"])
s.case("audit_with_header", key("auditlogs", name="05-10-a1b2"), lines([header, *audit]), tagged("sig.cisco.umbrella.audit", audit))
dlp = [row(values) for values in logs["dlp"]]
header = (
    '"Timestamp","Event Type","Unique Event ID","Severity","Identities","Owner","Name","Application","Destination","Action","Rule Name","Data Classification","Data Identifier",'
    '"Content Type","File Size","SHA256 Hash","File Label","Application Category Name","Traffic Direction","Private Resource Name","Private Resource Group Name",'
    '"Destination Protocol","Destination IP","Destination Port","Organization ID"'
)
s.case("dlp_with_header", key("dlplogs", name="05-10-a1b2"), lines([header, *dlp]), tagged("sig.cisco.umbrella.dlp", dlp))
s.case("empty", key("dnslogs", name="05-20-0e0e"), "", [])
torn = dns[1][:-4]  # the object ends within quotes
s.case("damaged", key("dnslogs", name="05-30-0d0d"), lines(dns[:1]) + torn, tagged("sig.cisco.umbrella.dns", dns[:1]), error="ends within quotes")
# Samples of Cisco's have a space between a comma and a quote.
loose = [text.replace('","', '", "', 3) for text in dns]
s.case("spaced_quotes", key("dnslogs", name="05-40-a1b2"), lines(loose), tagged("sig.cisco.umbrella.dns", loose))
s.ignored("README_FROM_UMBRELLA.txt", "8112345/README_FROM_UMBRELLA.txt")
s.elsewhere(
    f"dnslogs/{DAY}/{DAY}-05-00-e4e1.csv",
    f"ravpnlogs/{DAY}/{DAY}-05-00-e4e1.csv.gz",
    f"ztnalogs/{DAY}/{DAY}-05-00-e4e1.csv.gz",
    f"mydnslogs/{DAY}/x.csv.gz",
    "dnslogs/x.csv.gz",
)
