"""python3 testdata/make [NAME…]: make testdata/<service>/ of all services, or of those named.

A NAME is a service's or a module's of services/. parquet and avro need requirements.txt.
"""

import importlib
import pathlib
import sys

import cases

HERE = pathlib.Path(__file__).resolve().parent


def main(names):
    modules = sorted((HERE / "services").glob("*.py"))
    texts = {path.stem: path.read_text() for path in modules}
    wanted = set()
    for name in names:
        found = {stem for stem, text in texts.items() if stem == name or f'"{name}"' in text}
        if not found:
            sys.exit(f"no module and no service is named {name}")
        wanted |= found
    for stem in sorted(wanted or texts):
        importlib.import_module(f"services.{stem}")
    seen = set()
    for service in cases.services:
        if service.name in seen:
            sys.exit(f"two modules make {service.name}")
        seen.add(service.name)
        service.write()
    print(f"{len(seen)} services, {sum(len(s.cases) for s in cases.services)} objects")


main(sys.argv[1:])
