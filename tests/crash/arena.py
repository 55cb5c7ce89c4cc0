"""A world under torture: one manager, up to three devices at a time, and kill -9 when the journal says that a phase is on."""
import collections
import datetime
import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import time

from process import until
from target import FAULTS, PHASES, STEPS, Upgrade, Victim
from world import OLD, PROFILE, World

PROCESSES = ("manager", "files", "agent")
HOSTS = 3          # devices that are upgraded beside each other, each on an address of its own
PATIENCE = 90      # seconds after the last kill or answer in which a job must end or ask
PORT_FIRST = 20000
POLL = 0.001       # seconds


class Unix(http.client.HTTPConnection):
    """HTTP over the manager's socket."""

    def __init__(self, path):
        super().__init__("localhost", timeout=10)
        self.path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


def wall_ms(text):
    stamp = datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=datetime.timezone.utc)
    return stamp.timestamp() * 1000


class Arena:
    """`tell(what, ...)` gets ("kill", process, phase), ("end", state, questions), ("broken", kind, sentence).
    `is_missing(fell, phase)`: is another kill wanted in this phase, where so many fell so far? Those of upgrades that are
    still on stand as fell[None], as only the journal's end tells their phases."""

    def __init__(self, directory, chance, tell, is_missing):
        self.directory, self.chance, self.tell, self.is_missing = pathlib.Path(directory), chance, tell, is_missing
        self.world, self.api, self.count = World(directory), None, 0
        self.image, self.old_image = self.world.image(), self.world.image_file(OLD, 1)
        self.upgrades = [None] * HOSTS
        self.later = []  # (when, what): what was killed is started again
        self.files_pid, self.files_look_at, self.is_manager_up = None, 0, True
        self.fell, self.paired = collections.Counter(), collections.Counter()

    # ---- the manager's API ----

    def ask(self, method, path, body=None):
        """(status, document); (None, None) while the manager is away."""
        if not self.is_manager_up:
            return None, None
        try:
            if self.api is None:
                self.api = Unix(self.world.manager.data / "drydock.sock")
            self.api.request(method, f"/api/v1/{path}", body and json.dumps(body))
            response = self.api.getresponse()
            return response.status, json.loads(response.read())
        except (OSError, http.client.HTTPException, ValueError):
            self.forget_api()
            return None, None

    def forget_api(self):
        if self.api:
            self.api.close()
        self.api = None

    def must(self, method, path, body=None):
        """The same, however often it must be asked."""
        def asked():
            self.run_later()
            status, document = self.ask(method, path, body)
            assert status is None or status < 300, (path, status, document)
            return document is not None and (document,)
        return until(asked, f"the manager answers {path}", 20, 0.005)[0]

    # ---- upgrades begin ----

    def begin(self, slot):
        self.count += 1
        wanted = self.rarest(PHASES)
        needs_fault = wanted in ("rollback", "asking") or self.chance.random() < 0.1
        device = Victim(self.directory, f"d{self.count}", self.world.net.host(11 + slot), self.world.manager.traps,
                        faults=[self.chance.choice(FAULTS)] if needs_fault else [], images=[self.old_image],
                        port=PORT_FIRST + self.count)
        upgrade = Upgrade(device, self.chance, wanted)
        upgrade.kills_max = self.chance.choice((1, 1, 2, 3))
        device.start()
        self.until_listening(device)
        self.must("POST", "devices", {"name": device.name, "address": device.address, "credential": "lab", "profile": PROFILE})
        self.upgrades[slot] = upgrade
        self.aim(upgrade, wanted)
        self.order(upgrade)

    @staticmethod
    def until_listening(device):
        host, port = device.address.split(":")
        word = "".join(f"{int(part):02X}" for part in reversed(host.split("."))) + f":{int(port):04X} "
        until(lambda: word in pathlib.Path("/proc/net/udp").read_text(), f"{device.name} listens", 10, 0.002)

    def order(self, upgrade):
        """Order the job; in a preflight that shall be hit, the kill does not wait for the answer."""
        upgrade.deadline = time.monotonic() + PATIENCE
        body = json.dumps(upgrade.order(self.image))
        if upgrade.wanted == "preflight" and self.is_manager_up and upgrade.victim:
            request = (f"POST /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                       f"Content-Length: {len(body)}\r\n\r\n{body}")
            with socket.socket(socket.AF_UNIX) as raw:
                raw.connect(str(self.world.manager.data / "drydock.sock"))
                raw.sendall(request.encode())
                time.sleep(upgrade.delay())
                self.kill(upgrade)
            upgrade.number = self.find_job(upgrade)
            if upgrade.number is None:  # it never came to be: order it again, from a manager that is there
                upgrade.kills.pop()
                self.tell("kill", upgrade.victim or "manager", "order")
        while upgrade.number is None:
            self.run_later()
            status, document = self.ask("POST", "jobs", upgrade.order(self.image))
            assert status is None or status < 300, (status, document)
            upgrade.number = document["job"] if document else self.find_job(upgrade)

    def find_job(self, upgrade):
        jobs = self.must("GET", f"jobs?device={upgrade.device.name}")["jobs"]
        assert len(jobs) <= 1, f"{upgrade.device.name} has two jobs: {jobs}"
        return jobs[0]["job"] if jobs else None

    # ---- aiming ----

    def needs(self, phase):
        flying = collections.Counter({None: sum(len(upgrade.kills) for upgrade in self.upgrades if upgrade)})
        return self.is_missing(self.fell | flying, phase)

    def is_enough(self):
        return not any(self.needs(phase) for phase in PHASES)

    def rarest(self, phases):
        flying = collections.Counter(u.wanted for u in self.upgrades if u and u.victim)
        fewest = min(self.fell[phase] + flying[phase] for phase in phases)
        return self.chance.choice([phase for phase in phases if self.fell[phase] + flying[phase] == fewest])

    def aim(self, upgrade, phase):
        fewest = min(self.paired[process, phase] for process in PROCESSES)
        victim = self.chance.choice([process for process in PROCESSES if self.paired[process, phase] == fewest])
        upgrade.aim(phase, None if self.is_enough() else victim)

    def aim_again(self, upgrade):
        """Another phase that lies ahead, where there is one and the upgrade may be hit once more."""
        if len(upgrade.kills) >= upgrade.kills_max or upgrade.is_over():
            upgrade.aim(None, None)
            return
        ahead = [phase for phase in STEPS if not upgrade.is_past(phase)]
        ahead += ["rollback", "asking"] if upgrade.is_asking_wanted and not upgrade.answers else []
        ahead = [phase for phase in ahead if self.needs(phase)]
        self.aim(upgrade, self.rarest(ahead)) if ahead else upgrade.aim(None, None)

    # ---- killing ----

    def kill(self, upgrade):
        """kill -9 now. The one who starts it again is put into `later`. False where it is away already."""
        process, device = upgrade.victim, upgrade.device
        phase = "asking" if upgrade.state == "asking" else None
        if process == "manager" and self.is_manager_up:
            self.world.manager.kill()
            self.is_manager_up = False
            self.forget_api()
            self.later.append((time.monotonic() + self.chance.uniform(0, 0.1), self.start_manager))
        elif process == "files" and self.files_pid and is_file_service(self.files_pid):
            os.kill(self.files_pid, signal.SIGKILL)
            self.files_pid = None
        elif process == "agent" and device.process.is_alive():
            device.kill()
            if upgrade.answers or phase:
                device.faults = []
            self.later.append((time.monotonic() + self.chance.uniform(0, 0.3), device.start))
        else:
            return False
        upgrade.kills.append((process, time.time() * 1000, phase))
        upgrade.deadline = time.monotonic() + PATIENCE
        upgrade.victim = None
        return True

    def start_manager(self):
        self.world.manager.process.start()
        self.is_manager_up, self.files_pid = True, None

    def find_file_service(self):
        """The file service's process is looked up beforehand, as that takes longer than some phases."""
        now = time.monotonic()
        if self.files_pid is None and self.is_manager_up and now >= self.files_look_at:
            self.files_look_at = now + 0.05
            self.files_pid = self.world.manager.file_service()

    def run_later(self):
        now = time.monotonic()
        due, self.later = [what for when, what in self.later if when <= now], [x for x in self.later if x[0] > now]
        for start in due:
            start()

    # ---- the loop ----

    def run(self):
        while not self.is_enough() or any(self.upgrades):
            for slot, upgrade in enumerate(self.upgrades):
                if upgrade is None and not self.is_enough():
                    self.begin(slot)
            self.turn()

    def turn(self):
        self.run_later()
        self.read_rows()
        self.find_file_service()
        for slot, upgrade in enumerate(self.upgrades):
            if upgrade is None:
                continue
            if upgrade.is_over():
                self.upgrades[slot] = None
                self.finish(upgrade)
                continue
            self.shoot(upgrade)
            if upgrade.state == "asking" and not (upgrade.wanted == "asking" and upgrade.victim):
                self.decide(upgrade)
            assert time.monotonic() < upgrade.deadline, f"job {upgrade.number} neither ends nor asks: {upgrade.row}"
        if not any(upgrade and (upgrade.fire_at or upgrade.is_hot()) for upgrade in self.upgrades):
            time.sleep(POLL)

    def read_rows(self):
        """The rows of all jobs, or of the one alone that is about to convert, as that is over in a moment."""
        hot = [upgrade for upgrade in self.upgrades if upgrade and upgrade.is_hot()]
        for upgrade in hot or filter(None, self.upgrades):
            _, document = self.ask("GET", f"jobs/{upgrade.number}/events?after=1000000000")
            if document:
                upgrade.row = document["job"]
            else:
                assert self.is_manager_up is False or self.world.manager.process.is_alive(), "drydockd ended by itself"

    def shoot(self, upgrade):
        if upgrade.victim is None:
            if upgrade.wanted:
                self.aim_again(upgrade)
        elif upgrade.fire_at is not None:
            if time.monotonic() >= upgrade.fire_at:
                upgrade.fire_at = None
                self.kill(upgrade) or self.aim_again(upgrade)
        elif upgrade.is_at(upgrade.wanted):
            upgrade.fire_at = time.monotonic() + upgrade.delay()
        elif upgrade.is_past(upgrade.wanted):
            self.aim_again(upgrade)

    def decide(self, upgrade):
        """Answer the question; it is the same one however often the manager was killed."""
        decision = upgrade.row["decision"]
        open_ones = (self.ask("GET", "decisions?open=1")[1] or {}).get("decisions")
        if open_ones is None or decision is None:
            return
        mine = [question for question in open_ones if question["job"] == upgrade.number]
        assert len(mine) == 1, f"job {upgrade.number} asks, and its open questions are {mine}"
        status, document = self.ask("POST", f"decisions/{decision}", {
            "answer": upgrade.answer(upgrade.row["answers"]), "note": "torture"})
        assert status is None or status < 300, (upgrade.row, status, document)
        upgrade.row["state"] = "running"
        upgrade.deadline = time.monotonic() + PATIENCE

    # ---- an upgrade ends ----

    def finish(self, upgrade):
        job = self.must("GET", f"jobs/{upgrade.number}")
        journal = self.must("GET", f"jobs/{upgrade.number}/events?limit=5000")["events"]
        for process, at, phase in upgrade.kills:
            phase = phase or phase_at(journal, at)
            self.fell[phase] += 1
            self.paired[process, phase] += 1
            self.tell("kill", process, phase)
        until(lambda: self.run_later() or upgrade.device.process.is_alive(), f"{upgrade.device.name} runs", 5)
        upgrade.device.stop()
        scratch = (self.directory / f"{upgrade.device.name}.scratch", self.old_image)
        broken = list(upgrade.judge(job, self.export(upgrade), scratch))
        for kind, sentence in broken:
            self.tell("broken", kind, sentence)
        if broken:
            self.keep_journal(upgrade, journal)
        self.tell("end", job["state"], len(upgrade.answers))
        shutil.rmtree(upgrade.device.root)

    def keep_journal(self, upgrade, journal):
        lines = [(wall_ms(event["at"]), f"{event['at']} {event['step']} {event['act']} {event['event']}, ticket {event['ticket']}"
                  f"{', noted' if event['is_noted'] else ''}: {event['text']}") for event in journal]
        lines += [(at, f"---- kill -9 of {process}") for process, at, _ in upgrade.kills]
        text = "\n".join(line for _, line in sorted(lines, key=lambda line: line[0]))
        (self.directory / f"{upgrade.device.name}.journal.log").write_text(
            f"{upgrade.protocol}, faults {upgrade.faults}, answers {upgrade.answers}\n{text}\n")

    def export(self, upgrade):
        """What `drydock config export` gives out of the job's first snapshot."""
        rows = self.must("GET", f"snapshots?device={upgrade.device.name}")["snapshots"]
        first = next((row["id"] for row in rows if row["role"] == "backup"), None)
        if first is None:
            return None
        output = self.directory / f"{upgrade.device.name}.exported"

        def exported():
            self.run_later()
            return self.is_manager_up and self.world.manager.run(
                "config", "export", upgrade.device.name, "--snapshot", first, "--output", output).code == 0
        until(exported, "the snapshot is exported", 20)
        text = output.read_bytes()
        output.unlink()
        return text

    def close(self):
        for upgrade in filter(None, self.upgrades):
            upgrade.device.stop()
        self.world.close()


def is_file_service(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/comm").read_text().startswith("drydock-filed")
    except OSError:
        return False


def phase_at(journal, at):
    """The phase of the first event that was stored after a kill: what it ended was on when the kill fell."""
    for event in journal:
        if wall_ms(event["at"]) >= at and not event["is_noted"] and event["step"]:
            return event["step"]
    return "over"
