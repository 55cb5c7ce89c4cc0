#!/usr/bin/python3
"""Fail where an #include in src/ points up or sideways, or reaches past the one door to the world.

Usage: check_layers.py SRC

SRC/LAYERS names the rooms, one floor a line from the ground floor up. A file may include its own room and every
floor below it. Only the rooms in OUTSIDE may include what opens the world: clocks, sockets, files, processes; all
others go through env/env.h.
"""
import pathlib
import re
import sys

INCLUDE = re.compile(r'\s*#\s*include\s+(?:"([^"]+)"|<([^>]+)>)')
OUTSIDE = {"env", "cli", "cmd"}
WORLD = {
    "dirent.h", "fcntl.h", "netdb.h", "poll.h", "pthread.h", "signal.h", "spawn.h", "threads.h", "time.h", "unistd.h",
    "sys/epoll.h", "sys/eventfd.h", "sys/file.h", "sys/mman.h", "sys/random.h", "sys/select.h", "sys/socket.h",
    "sys/stat.h", "sys/time.h", "sys/timerfd.h", "sys/wait.h",
}
# What one file needs all the same, and why.
EXCEPTIONS = {
    ("agent/verb_run.c", "sys/stat.h"): "the mode of the community file, a matter of the command line",
}


def read_floors(path):
    """Room name -> floor number, 0 = ground."""
    floors = {}
    lines = (line.split("#")[0].split() for line in path.read_text().splitlines())
    for number, rooms in enumerate(rooms for rooms in lines if rooms):
        for room in rooms:
            if room in floors:
                sys.exit(f"{path}: room '{room}' is listed twice")
            floors[room] = number
    return floors


def judge(floors, file, ours, system):
    """What is wrong with one include out of `file`, or None."""
    room = file.parts[0]
    if system is not None:
        if system in WORLD and room not in OUTSIDE and (str(file), system) not in EXCEPTIONS:
            return f"{room} may not include <{system}>: the world is behind env/env.h"
        return None
    target = ours.split("/")[0]
    if "/" not in ours:
        return f'"{ours}" does not name its room: write "{room}/{ours}"'
    if target not in floors:
        return f'"{ours}": no room \'{target}\' in LAYERS'
    if target != room and floors[target] >= floors[room]:
        return f"{room} (floor {floors[room]}) may not see {target} (floor {floors[target]})"
    return None


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    src = pathlib.Path(sys.argv[1])
    floors = read_floors(src / "LAYERS")
    files = includes = bad = 0
    for path in sorted(src.rglob("*.[ch]")):
        room = path.relative_to(src).parts[0]
        files += 1
        if room not in floors:
            print(f"{path}: room '{room}' is not in LAYERS")
            bad += 1
            continue
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
            match = INCLUDE.match(line)
            if not match:
                continue
            includes += 1
            wrong = judge(floors, path.relative_to(src), match[1], match[2])
            if wrong:
                print(f"{path}:{number}: {wrong}")
                bad += 1
    print(f"layers: {len(floors)} rooms, {files} files, {includes} includes, {bad} wrong")
    return 1 if bad else 0


sys.exit(main())
