#!/usr/bin/python3
"""kill -9 of manager, file service and device at random moments of an upgrade; then everything is started again.

Usage: ./dev torture [--short | --kills N] [--seed S] [--worlds W]

Each kill has an upgrade of its own, and a step in which it shall fall. Promised, and checked after each: the configuration
is never lost, no device is flashed more often than it was told to (the device's own durable counter), every job ends or asks.
The last line has the counts; exit 1, with the seed, where a promise was broken.
"""
import argparse
import collections
import http.client
import json
import os
import pathlib
import random
import shutil
import signal
import socket
import sqlite3
import sys
import tempfile
import threading
import time
import traceback

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "system"))

from process import TimedOut, until  # noqa: E402 (after the path is set)
from world import NEW, OLD, World  # noqa: E402

STEPS = ("preflight", "backup", "keep", "update", "convert", "restore", "confirm")
VICTIMS = ("manager", "files", "device")
STEP_NUMBERS = ("none", *STEPS, "rollback")  # as they are stored
RETRIES = 6
PATIENCE = 90.0  # seconds that a job may take to end or ask after a kill
FULL, SHORT = 200, 20


class Unix(http.client.HTTPConnection):
    """HTTP over the manager's socket."""

    def __init__(self, path):
        super().__init__("localhost", timeout=10)
        self.path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Arena:
    """One world: a manager that is started again after each kill, and a new device for each."""

    def __init__(self, directory, chance):
        self.world, self.chance, self.count, self.api = World(directory), chance, 0, None
        self.image = self.world.image()

    def ask(self, path):
        """A GET of the API; None while the manager is away."""
        try:
            if self.api is None:
                self.api = Unix(self.world.manager.data / "drydock.sock")
            self.api.request("GET", f"/api/v1/{path}")
            return json.loads(self.api.getresponse().read())
        except (OSError, http.client.HTTPException, ValueError):
            self.api = None
            return None

    def now(self, number):
        """The job's state now, without its history."""
        answer = self.ask(f"jobs/{number}/events?after=1000000000")
        return answer and answer["job"]

    def stored_step(self, number):
        """The step that is durable while the manager is dead or stopped; read from a copy of its store."""
        with tempfile.TemporaryDirectory() as folder:
            for name in ("store.db", "store.db-wal"):
                if (self.world.manager.data / name).exists():
                    shutil.copy(self.world.manager.data / name, folder)
            store = sqlite3.connect(pathlib.Path(folder) / "store.db")
            try:
                return STEP_NUMBERS[store.execute("SELECT step FROM job WHERE id = ?", (number,)).fetchone()[0]]
            finally:
                store.close()

    def wait_for(self, number, step):
        """Until the job is in the step. False: it is past."""
        while True:
            job = self.now(number)
            if job is None:
                continue
            if job["step"] == step:
                return True
            if job["state"] not in ("queued", "running"):
                return False
            if STEP_NUMBERS.index(job["step"] or "none") > STEP_NUMBERS.index(step):
                return False

    def freeze_in(self, number, step):
        """Stop the manager within a step too short to be asked for: let it run for moments. False: it is past."""
        pid = self.world.manager.process.pid
        while (self.now(number) or {}).get("act") not in ("reload", "read-new"):
            pass
        while True:
            os.kill(pid, signal.SIGSTOP)
            until(lambda: pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "T", "it stopped", step=0.0002)
            stored = self.stored_step(number)
            if stored == step:
                return True
            os.kill(pid, signal.SIGCONT)
            if STEP_NUMBERS.index(stored) > STEP_NUMBERS.index(step):
                return False
            time.sleep(self.chance.uniform(0.0002, 0.001))

    def kill(self, victim, device, number):
        """Kill and start again. The step in which it fell."""
        manager = self.world.manager
        if victim == "manager":
            manager.kill()
            self.api = None
            step = self.stored_step(number)
            time.sleep(self.chance.uniform(0, 0.2))
            manager.start()
            return step
        pid = manager.file_service() if victim == "files" else device.process.pid
        if pid is None:
            return None
        if victim == "files":
            os.kill(pid, signal.SIGKILL)
        else:
            device.kill()
        os.kill(manager.process.pid, signal.SIGCONT)  # where it was frozen
        step = until(lambda: self.now(number), "the manager answers")["step"]
        if victim == "device":
            time.sleep(self.chance.uniform(0, 0.3))
            device.start()
        return step

    def start_and_kill(self, victim, device, step):
        """Start an upgrade and kill in that step. (job, step in which it fell or None)"""
        if step == "preflight":  # a deaf device makes it long enough
            os.kill(device.process.pid, signal.SIGSTOP)
        number = self.world.upgrade(device.name, self.image, wait=False).job
        is_there = self.freeze_in(number, step) if step == "convert" else self.wait_for(number, step)
        if not is_there:
            return number, None
        if step != "convert":
            time.sleep(self.chance.expovariate(15))
        fell = self.kill(victim, device, number)
        if device.process.is_alive():
            os.kill(device.process.pid, signal.SIGCONT)
        return number, step if step == "convert" and victim != "manager" else fell

    def settle(self, number):
        """Answer 'retry' until it ends; the last answer of `job watch`."""
        for tries in range(RETRIES + 1):
            ended = self.world.watch(number, seconds=PATIENCE)
            if ended.code != 4:
                return ended
            self.world.decide("retry" if tries < RETRIES - 1 else "rollback")
        return ended

    def round(self, victim, step):
        """One upgrade with one kill. (step in which it fell or None, broken promises)."""
        self.count += 1
        device = self.world.device(f"d{self.count}")
        before = device.categories()
        number, fell = self.start_and_kill(victim, device, step)
        ended = self.settle(number)
        broken = list(self.judge(device, before, ended))
        self.world.devices.pop(device.name).stop()
        shutil.rmtree(device.root, ignore_errors=True)
        return fell, broken

    @staticmethod
    def judge(device, before, ended):
        status = device.status()
        attempts = [attempt for attempt in ended.last["attempts"] if attempt["step"] == "update"]
        if device.categories() != before and ended.state in ("done", "rolled-back", "stopped", "held"):
            yield f"configuration lost: {device.name} ended {ended.state}"
        if status["flash_count"] > len(attempts):
            yield f"double flash: {device.name} was flashed {status['flash_count']} times in {len(attempts)} attempts"
        if ended.state not in ("done", "rolled-back", "held"):
            yield f"{device.name} did not end well: {ended.state}, {ended.reason}"
        if ended.state == "done" and status["version"] != NEW or ended.state == "rolled-back" and status["version"] != OLD:
            yield f"{device.name} ended {ended.state} with {status['version']}"


def fewest(chance, names, counter):
    least = min(counter[name] for name in names)
    return chance.choice([name for name in names if counter[name] == least])


class Torture:
    def __init__(self, options):
        self.options, self.lock = options, threading.Lock()
        self.fell, self.victims = collections.Counter(), collections.Counter()
        self.broken, self.done, self.given_up = [], 0, 0

    def next_target(self, chance):
        """The step with the fewest kills, and a victim; None when there are enough."""
        with self.lock:
            if self.done >= self.options.kills or self.given_up > 3 * self.options.kills or self.broken:
                return None
            return fewest(chance, STEPS, self.fell), fewest(chance, VICTIMS, self.victims)

    def work(self, number):
        chance = random.Random(f"{self.options.seed}/{number}")
        folder = pathlib.Path(tempfile.mkdtemp(prefix="drydock-torture-"))
        arena = None
        try:
            arena = Arena(folder, chance)
            while True:
                target = self.next_target(chance)
                if target is None:
                    break
                self.note(target, *arena.round(target[1], target[0]))
        except (TimedOut, AssertionError, OSError, KeyError, TypeError, ValueError) as error:
            with self.lock:
                self.broken.append(f"world {number}: {error}\n{traceback.format_exc()}")
        finally:
            if arena:
                arena.world.close()
            if self.broken:
                print(f"torture: logs of world {number}: {folder}", file=sys.stderr)
            else:
                shutil.rmtree(folder, ignore_errors=True)

    def note(self, target, fell, broken):
        with self.lock:
            self.broken += broken
            if fell not in STEPS:
                self.given_up += 1
                return
            self.done += 1
            self.fell[fell] += 1
            self.victims[target[1]] += 1
            print(f"kill {self.done:3} of {target[1]:8} in {fell:10} {'; '.join(broken) or 'ok'}", flush=True)


def main():
    parser = argparse.ArgumentParser(prog="./dev torture")
    parser.add_argument("--short", action="store_true", help=f"{SHORT} kills instead of {FULL}")
    parser.add_argument("--kills", type=int)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--worlds", type=int, default=3, help="worlds beside each other")
    options = parser.parse_args()
    options.kills = options.kills or (SHORT if options.short else FULL)
    torture = Torture(options)
    threads = [threading.Thread(target=torture.work, args=(number,)) for number in range(options.worlds)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for line in torture.broken:
        print(f"BROKEN: {line}")
    steps = ", ".join(f"{step} {torture.fell[step]}" for step in STEPS)
    victims = ", ".join(f"{victim} {torture.victims[victim]}" for victim in VICTIMS)
    print(f"{torture.done} kills, seed {options.seed} ({victims}; {steps}); {len(torture.broken)} promises broken")
    has_enough = torture.done >= options.kills and (options.kills < FULL or min(torture.fell[s] for s in STEPS) >= 10)
    return 0 if not torture.broken and has_enough else 1


sys.exit(main())
