"""Palo Alto Networks: PAN-OS's fields, with a syslog header or without."""

from cases import Service, lines, tagged, truncated

RULE = "90431d13-81da-4129-8bc5-ce968fa06b76"
PHONE = "Smartphone,Example Phone,Model 1,Example,Example OS,1.2,phone-1,00:00:5e:00:53:01"  # category to MAC address
NOBODY = 7 * ","
traffic = [
    # All fields of PAN-OS 10.2. A link switch is a list of its own, with commas and no quotes.
    "1,2026/11/23 05:00:00,007051000113358,TRAFFIC,end,2561,2026/11/23 05:00:00,192.0.2.10,198.51.100.7,203.0.113.9,198.51.100.7,outbound,example\\jane,,ssl,vsys1,"
    'trust,untrust,ethernet1/1,ethernet1/2,to-s3,2026/11/23 05:00:00,72568134,1,49583,443,50464,443,0x40441a,tcp,allow,7312,2228,5084,22,2026/11/23 04:59:30,16,"business, web"'
    ",,7253419119627122716,0x8000000000000000,192.0.2.0-192.0.2.255,XX,,12,10,tcp-fin,34,0,0,0,,fw-1,from-policy,,,0,,0,,N/A,0,0,0,0,"
    f"{RULE},0,1,sdwan-1,{{link-1,tag,dsl,ethernet1/1}},cluster-1,branch,hub-spoke,site-1,group-1,203.0.113.17,{PHONE},{NOBODY},0a1b2c3d,shop,pod-1,list-1,,"
    '0a1b2c3d-0000-4000-8000-0a1b2c3d4e5f,0123456789,,,fw-1,2026-11-23T05:00:00.110+00:00,,,encrypted-tunnel,networking,browser-based,4,"used-by-malware,pervasive-use",,ssl,no,no,0',
    # And as PAN-OS 8.0 has it.
    "1,2026/11/23 05:00:01,007051000113358,TRAFFIC,drop,2561,2026/11/23 05:00:01,203.0.113.9,192.0.2.10,,,block,,,ping,vsys1,untrust,trust,ethernet1/2,,to-s3,"
    "2026/11/23 05:00:01,0,1,0,0,0,0,0x0,icmp,deny,84,84,0,1,2026/11/23 05:00:01,0,any,,7253419119627122717,0x0,XX,192.0.2.0-192.0.2.255,,1,0,policy-deny,34,0,0,0,,fw-1,from-policy",
]
threat = [
    "Nov 23 05:00:02 fw-1 1,2026/11/23 05:00:02,007051000113358,THREAT,vulnerability,2561,2026/11/23 05:00:02,203.0.113.9,192.0.2.10,,,inbound,,,web-browsing,vsys1,untrust,trust,"
    'ethernet1/2,ethernet1/1,to-s3,2026/11/23 05:00:02,7,1,40000,80,0,0,0x2000,tcp,reset-both,"shop.example.com/a?b=1,2",SQL Injection(36239),any,critical,client-to-server,12,0x0,XX,YY,'
    ',,0,9f86d081,wildfire.example.com,1,"Mozilla/5.0 (X11; Linux, x86_64)",unknown,203.0.113.17,https://www.example.com/,ada@example.org,"Orders, new",zoe@example.com,17,34,0,0,0,,fw-1,'
    f',,,get,0,,0,,N/A,code-execution,AppThreat-8000-7000,0x0,0,4294967295,,"business, web",{RULE},0,group-1,203.0.113.17,{PHONE},{NOBODY},0a1b2c3d,shop,pod-1,list-1,,'
    "0a1b2c3d-0000-4000-8000-0a1b2c3d4e5f,0123456789,,,,0,2026-11-23T05:00:02.110+00:00,,,,internet-utility,general-internet,browser-based,4,pervasive-use,,web-browsing,no,no,18",
    "<142>1 2026-11-23T05:00:03.110Z fw logforwarder - panwlogs - 1,2026-11-23T05:00:03.000000Z,007051000113358,THREAT,url,10.0,2026-11-23T05:00:03.000000Z,192.0.2.10,198.51.100.7,,,out",
]

s = Service("aws_sqs_palo_alto")
T = "firewall.paloalto.traffic"
s.case("traffic", "paloalto/traffic/2026/11/23/05/fw-1.log.gz", lines(traffic), tagged(T, traffic))
s.case("threat_with_syslog_header", "logs/paloalto/Threat/fw-1-20261123.log", lines(threat), tagged("firewall.paloalto.threat", threat))
s.case("empty", "paloalto/traffic/2026/11/23/06/fw-1.log.gz", "", [])
s.case("damaged", "paloalto/traffic/2026/11/23/07/fw-1.log.gz", truncated(lines(traffic), len(traffic[0]) + 99), tagged(T, traffic[:1]), error="truncated gzip")
s.elsewhere("paloalto/traffic.log", "mypaloalto/traffic/x.log", "panos/traffic/x.log")
