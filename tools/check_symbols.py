#!/usr/bin/env python3
"""Fail when two rooms define the same function or variable.

Usage: check_symbols.py BUILD

The rooms are static libraries: of two functions with one name the linker takes the first that it needs, silently.
"""
import collections
import pathlib
import subprocess
import sys

homes = collections.defaultdict(set)
libraries = sorted(pathlib.Path(sys.argv[1]).glob("libdrydock-*.a"))
for library in libraries:
    names = subprocess.run(["nm", "--defined-only", library], check=True, capture_output=True, text=True).stdout
    for line in names.splitlines():
        words = line.split()
        if len(words) == 3 and words[1] in "TDBR":
            homes[words[2]].add(library.stem)
twins = {name: rooms for name, rooms in homes.items() if len(rooms) > 1}
for name, rooms in sorted(twins.items()):
    print(f"{name} is defined in {' and in '.join(sorted(rooms))}: rename one")
print(f"symbols: {len(libraries)} libraries, {len(homes)} names, {len(twins)} twice")
sys.exit(bool(twins) or not libraries)
