"""python3 testdata/make [--check] [NAME…]: make testdata/<service>/ of all services, or of those named.

A NAME is a service's or a module's of services/; what is made of it is made, too. parquet and avro need
requirements.txt. --check writes nothing, leaves out what cannot be made for want of those, and fails if
testdata/ is not what would be made.
"""

import importlib
import pathlib
import re
import sys

import cases

HERE = pathlib.Path(__file__).resolve().parent


def users(stem, texts):
    """The modules that import one, and those that import them."""
    found = {other for other, text in texts.items() if re.search(rf"^from services\.{stem} import", text, re.M)}
    return found.union(*(users(other, texts) for other in found))


def load(stem, check):
    """Import a module; to check, one that lacks a library is left out with its services."""
    before = len(cases.services)
    try:
        importlib.import_module(f"services.{stem}")
    except ModuleNotFoundError as missing:
        if not check:
            raise
        del cases.services[before:]
        print(f"{stem} is not checked: {missing}")


def main(names):
    check = "--check" in names
    modules = sorted((HERE / "services").glob("*.py"))
    texts = {path.stem: path.read_text() for path in modules}
    wanted = set()
    for name in names:
        found = {stem for stem, text in texts.items() if stem == name or f'"{name}"' in text}
        if not found and name != "--check":
            sys.exit(f"no module and no service is named {name}")
        wanted |= found.union(*(users(stem, texts) for stem in found))
    for stem in sorted(wanted or texts):
        load(stem, check)
    seen = set()
    stale = []
    for service in cases.services:
        if service.name in seen:
            sys.exit(f"two modules make {service.name}")
        seen.add(service.name)
        if check:
            stale += service.stale()
        else:
            service.write()
    print(f"{len(seen)} services, {sum(len(s.cases) for s in cases.services)} objects")
    if stale:
        sys.exit("not as testdata/make makes them: " + ", ".join(stale))


main(sys.argv[1:])
