#!/usr/bin/python3
"""kill -9 of manager, file service and device at random moments of upgrades; then what was killed is started again.

Usage: ./dev torture [--short | --kills N] [--seed S] [--worlds W] [--build DIR]

The journal of each job is followed, and the kill falls a random moment after a phase began, so that every phase gets its
share. Promised, and checked of each upgrade by the device's own files: the configuration is never lost, no device is
flashed more often than it was told to, every job ends or asks, and the end names the software that runs. The last line
has the counts; exit 1, with the seed and the end of each log, where a promise was broken.
"""
import argparse
import collections
import multiprocessing
import os
import pathlib
import random
import shutil
import sys
import tempfile
import time
import traceback

FULL, SHORT = 200, 20
EACH = 10         # kills within every phase, where so many are asked for as FULL
BROKEN_MAX = 3    # promises after which a world gives up
TAIL = 2500       # bytes of each log that are shown


def arguments():
    parser = argparse.ArgumentParser(prog="./dev torture")
    parser.add_argument("--short", action="store_true", help=f"{SHORT} kills instead of {FULL}")
    parser.add_argument("--kills", type=int)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--worlds", type=int, default=2, help="worlds beside each other, each with a manager of its own")
    parser.add_argument("--build", help="where the programs are (default: build)")
    options = parser.parse_args()
    options.kills = options.kills or (SHORT if options.short else FULL)
    options.each = EACH if options.kills >= FULL else 1 if options.kills >= SHORT else 0
    return options


OPTIONS = arguments()
if OPTIONS.build:
    os.environ["DRYDOCK_BUILD"] = str(pathlib.Path(OPTIONS.build).resolve())
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "system"))

from arena import PROCESSES, Arena  # noqa: E402 (after path and build are set)
from target import PHASES  # noqa: E402


def work(number, options, queue):
    """One world, in a process of its own."""
    broken = []
    share, each = -(-options.kills // options.worlds), -(-options.each // options.worlds)

    def is_missing(fell, phase):
        if len(broken) >= BROKEN_MAX:
            return False
        return fell[phase] < each or sum(fell[phase] for phase in (*PHASES, None)) < share

    directory = pathlib.Path(tempfile.mkdtemp(prefix="drydock-torture-"))
    arena = None

    def tell(what, *words):
        if what == "broken":
            broken.append(words)
        queue.put((number, what, *words))

    try:
        arena = Arena(directory, random.Random(f"{options.seed}/{number}"), tell, is_missing)
        arena.run()
    except Exception as error:  # whatever it is, it is told with the logs
        tell("broken", "error", f"{error}\n{traceback.format_exc()}")
    finally:
        if arena:
            arena.close()
        logs = [(path.name, path.read_text(errors="replace")[-TAIL * (10 if ".journal." in path.name else 1):]) for path in sorted(
            directory.glob("*.log"), key=lambda path: (".journal." in path.name, path.stat().st_mtime))][-8:]
        if broken:
            queue.put((number, "logs", str(directory), logs))
        else:
            shutil.rmtree(directory, ignore_errors=True)
        queue.put((number, "over"))


class Count:
    def __init__(self):
        self.kills, self.ends, self.broken, self.questions = collections.Counter(), collections.Counter(), [], 0
        self.logs = []

    def take(self, number, what, *words):
        if what == "kill":
            self.kills[words] += 1
            print(f"kill {self.total:3} of {words[0]:8} in {words[1]}", flush=True)
        elif what == "end":
            self.ends[words[0]] += 1
            self.questions += words[1]
        elif what == "broken":
            self.broken.append(words)
            print(f"BROKEN in world {number}: {words[0]}: {words[1]}", flush=True)
        elif what == "logs":
            self.logs.append((number, *words))

    @property
    def total(self):
        return sum(self.kills.values())

    def lines(self):
        others = sorted({phase for _, phase in self.kills} - set(PHASES))
        columns = [*PHASES, *others]
        yield f"{'':10}" + "".join(f"{column:>10}" for column in columns) + f"{'all':>10}"
        for process in PROCESSES:
            row = [self.kills[process, column] for column in columns]
            yield f"{process:10}" + "".join(f"{count:10}" for count in [*row, sum(row)])
        sums = [sum(self.kills[process, column] for process in PROCESSES) for column in columns]
        yield f"{'all':10}" + "".join(f"{count:10}" for count in [*sums, sum(sums)])

    def of(self, *kinds):
        return sum(1 for kind, _ in self.broken if kind in kinds)


def main():
    options, count, began = OPTIONS, Count(), time.monotonic()
    print(f"torture: seed {options.seed}, {options.kills} kills, {options.worlds} worlds", flush=True)
    queue = multiprocessing.Queue()
    workers = [multiprocessing.Process(target=work, args=(number, options, queue)) for number in range(options.worlds)]
    for worker in workers:
        worker.start()
    open_ones = len(workers)
    while open_ones:
        message = queue.get()
        open_ones -= message[1] == "over"
        count.take(*message)
    for worker in workers:
        worker.join()
    for number, folder, logs in count.logs:
        for name, text in logs:
            print(f"---- world {number}, the end of {folder}/{name}\n{text}")
    print("\n".join(count.lines()))
    ends = ", ".join(f"{state} {number}" for state, number in sorted(count.ends.items()))
    print(f"seed {options.seed}, {time.monotonic() - began:.0f} s; ends: {ends}; questions answered {count.questions}; "
          f"other promises broken {count.of('software', 'end', 'error')}")
    print(f"kills {count.total}, configurations lost {count.of('lost')}, double flashes {count.of('flash')}, "
          f"jobs ended {sum(count.ends.values())}")
    return 1 if count.broken or count.total < options.kills else 0


if __name__ == "__main__":
    sys.exit(main())
