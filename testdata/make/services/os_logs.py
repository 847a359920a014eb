"""Operating systems' logs under a folder of their type."""

from cases import Service, compact, lines, tagged, truncated

unix = [
    "Nov 23 05:00:00 web-1 sshd[812]: Accepted publickey for jane from 203.0.113.9 port 40000 ssh2: ED25519 SHA256:example",
    "Nov  3 05:00:01 web-1 sudo:     jane : TTY=pts/0 ; PWD=/home/jane ; USER=root ; COMMAND=/bin/ls",
]
windows = [
    compact({"EventTime": "2026-11-23 05:00:00", "Hostname": "dc1.example.com", "EventID": 4624, "Channel": "Security", "RecordNumber": 7, "Message": "logon"}),
    compact({"EventTime": "2026-11-23 05:00:01", "Hostname": "dc1.example.com", "EventID": 4625, "Channel": "Security", "RecordNumber": 8, "Message": "no"}),
]

s = Service("aws_sqs_os")
s.case("unix", "os/unix/auth/2026/11/23/web-1.log.gz", lines(unix), tagged("box.unix.auth.us", unix))
s.case("windows", "logs/os/Win/Security/dc1-20261123.json", lines(windows), tagged("box.win.security.us", windows))
s.case("empty", "os/unix/auth/2026/11/24/web-1.log.gz", "", [])
s.case("damaged", "os/unix/auth/2026/11/25/web-1.log.gz", truncated(lines(unix), len(unix[0]) + 9), tagged("box.unix.auth.us", unix[:1]), error="truncated gzip")
s.elsewhere("os/unix/messages.log", "macos/unix/auth/x.log", "hosts/unix/auth/x.log")
