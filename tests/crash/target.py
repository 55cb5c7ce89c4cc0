"""One upgrade that is tortured: the device, what shall hit it and when, and what must be true of it at the end."""
import json
import shutil

from device import CATEGORIES, Device
from process import BUILD, Process, run
from world import NEW, OLD

STEPS = ("preflight", "backup", "keep", "update", "convert", "restore", "confirm")
PHASES = STEPS + ("rollback", "asking")
ENDS = ("done", "stopped", "rolled-back", "held", "needs-hands")
# seconds after a phase was seen to begin in which the kill falls; one of the ranges is drawn
DELAYS = {
    "preflight": [(0, 0.004)], "backup": [(0, 0.02)], "keep": [(0, 0.007)], "update": [(0, 0.02), (0, 0.05), (0, 1.1)],
    "convert": [(0, 0.003)], "restore": [(0, 0.012)], "confirm": [(0, 0.012)],
    "rollback": [(0, 0.02), (0, 0.4), (0, 1.1)], "asking": [(0, 0.05)],
}
# how the device may fail so that something is asked, and what is told to the manager beforehand
FAULTS = ("wrong", "noboot", "corrupt", "fail=restore", "lossy-restore", "fail=fetch")
LIMITS_MS = {"preflight": 20000, "backup": 8000, "keep": 8000, "update": 20000, "convert": 10000, "restore": 8000,
             "confirm": 10000, "rollback": 20000}


class Victim(Device):
    """A device that nobody waits for: it is told to start, and may be killed at once."""

    def start(self):
        words = [BUILD / "drydock-agent", "run", self.root, "--listen", self.address, "--trap", self.traps,
                 "--community-file", self.community_file]
        for fault in self.faults:
            words += ["--fault", fault]
        self.process = Process(self.name, words, self.directory / f"{self.name}.log").start()
        return self


class Upgrade:
    """A job and its device. `row` is the manager's last word about the job, None before the first."""

    def __init__(self, device, chance, wanted):
        self.device, self.chance = device, chance
        self.before, self.number, self.row = device.categories(), None, None
        self.protocol = chance.choice(("tftp", "ftp"))
        self.faults = list(device.faults)
        self.is_asking_wanted = bool(device.faults)
        self.wanted, self.victim, self.fire_at = wanted, None, None
        self.kills = []  # (process, wall clock in ms after the kill, phase or None where the journal has to tell)
        self.answers, self.decisions, self.began = [], {}, None
        self.deadline = None

    def order(self, image):
        policy = {"on_failure": "ask"} if self.is_asking_wanted else {"on_failure": "retry", "retries": 3}
        return {"device": self.device.name, "goal": "upgrade", "image": image, "protocol": self.protocol,
                "limits_ms": LIMITS_MS, **policy}

    # ---- where it is ----

    @property
    def state(self):
        return self.row["state"] if self.row else None

    @property
    def phase(self):
        if self.row is None:
            return None
        return "asking" if self.state == "asking" else self.row["step"]

    def is_over(self):
        return self.state in ENDS

    def is_at(self, phase):
        """Has the phase begun, or is it about to?"""
        if phase == "convert" and self.phase == "update" and self.row["act"] == "read-new":
            return True
        return self.phase == phase

    def is_hot(self):
        """A phase that shall be hit, and that is too short for a leisurely look, comes next."""
        return self.wanted == "convert" and self.victim and self.phase == "update" and self.row["act"] in ("reload", "read-new")

    def is_past(self, phase):
        if self.row is None or phase in ("rollback", "asking"):
            return self.is_over()
        return self.is_over() or self.phase in STEPS and STEPS.index(self.phase) > STEPS.index(phase)

    def aim(self, phase, victim):
        self.wanted, self.victim, self.fire_at = phase, victim, None

    def delay(self):
        return self.chance.uniform(*self.chance.choice(DELAYS[self.wanted]))

    # ---- what is answered ----

    def answer(self, possible):
        """One of the answers that are possible; after a few it ends."""
        if len(self.answers) >= 6:
            wish = "stop"
        elif self.wanted == "rollback" or self.is_asking_wanted and self.chance.random() < 0.7:
            wish = "rollback"
        else:
            wish = "retry" if len(self.answers) < 3 else self.chance.choice(("rollback", "stop"))
        chosen = wish if wish in possible else "retry" if "retry" in possible and len(self.answers) < 3 else "stop"
        self.answers.append(chosen)
        return chosen

    # ---- what must be true ----

    def judge(self, job, exported, scratch):
        """(kind, sentence) of each broken promise. `exported` is the first snapshot's text, None where there is none."""
        status, name = self.device.status(), f"{self.device.name}, job {self.number}, {job['state']}"
        found = {category: status["configuration"]["categories"][category]["sha256"] for category in CATEGORIES}
        updates = [attempt for attempt in job["attempts"] if attempt["step"] == "update"]
        is_equal, is_touched = found == self.before, bool(updates)
        if exported is not None and categories_of(exported, scratch) != self.before:
            yield "lost", f"{name}: the exported snapshot is not the configuration that the device had"
        if not is_equal and (job["state"] in ("done", "rolled-back", "held") or not is_touched):
            yield "lost", f"{name}: the device's configuration is another one"
        if not is_equal and is_touched and exported is None:
            yield "lost", f"{name}: the device's configuration is another one, and no snapshot has it"
        if status["flash_count"] > len(updates):
            yield "flash", f"{name}: flashed {status['flash_count']} times in {len(updates)} attempts"
        if job["state"] == "done" and status["flash_count"] < 1:
            yield "flash", f"{name}: done, and never flashed"
        wanted = {"done": NEW, "rolled-back": OLD, "held": OLD}.get(job["state"], job["software"])
        if wanted is not None and status["version"] != wanted:
            yield "software", f"{name}: it runs {status['version']}, and the end says {wanted}"
        if job["state"] == "done" and job["configuration"] != "confirmed":
            yield "lost", f"{name}: done, and the configuration is {job['configuration']}"
        if job["state"] in ("held", "needs-hands"):
            yield "end", f"{name}: {job['reason']}, {job['text']}"


def categories_of(text, scratch):
    """What a device makes of a configuration: the hashes over the meaning of each category."""
    directory, image = scratch
    directory.mkdir()
    config, root = directory / "exported.conf", directory / "device"
    config.write_bytes(text)
    made = run([BUILD / "drydock-agent", "init", root, "--image", image, "--config", config])
    if made.code != 0:
        return made.error
    found = json.loads(run([BUILD / "drydock-agent", "status", root, "--json"]).out)["configuration"]["categories"]
    shutil.rmtree(directory)
    return {category: found[category]["sha256"] for category in CATEGORIES}
