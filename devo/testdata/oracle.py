"""Sends records by Devo's own SDK: oracle.py HOST PORT [KEY CERT CHAIN].

Standard input is {"zip": bool, "date": …, "host": …, "records": [{"tag": …, "text": …, "multiline": bool}]}.
Without KEY it speaks plain TCP, as to a relay.
"""

import json
import sys

from devo.sender import Sender, SenderConfigSSL, SenderConfigTCP

host, port, *files = sys.argv[1:]
address = (host, int(port))
work = json.load(sys.stdin)
sender = Sender(SenderConfigSSL(address, key=files[0], cert=files[1], chain=files[2]) if files else SenderConfigTCP(address))
for r in work["records"]:
    if work["zip"]:  # which is only for bytes
        sender.send(r["tag"].encode(), r["text"].encode(), date=work["date"].encode(), hostname=work["host"].encode(), zip=True)
    else:
        sender.send(r["tag"], r["text"], date=work["date"], hostname=work["host"], multiline=r["multiline"])
if work["zip"]:
    sender.flush_buffer()
sender.close()
