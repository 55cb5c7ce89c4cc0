#!/usr/bin/python3
"""./dev demo: three devices taken through an upgrade on this machine, with real processes and real protocols.

  anna   TFTP; all goes well; configuration format 1 becomes 2
  bert   FTP; its first update fails with the new software running; asked, answered 'retry': back to the old, then again
  carl   never answers to backup; asked, answered 'stop': untouched

Exit 0 only if every device is in exactly the state that it should be in, found by asking the devices themselves.
"""
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

TOP = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TOP / "tests/system"))
sys.dont_write_bytecode = True

from net import Net  # noqa: E402 (after the path is set)

BUILD = TOP / "build"
SAMPLE = TOP / "tests/data/iad-24-format1.conf"
OLD, NEW = "1.4.2", "2.0.0"
PORT = {"api": 8080, "tftp": 6969, "ftp": 6921, "trap": 1162, "device": 1161}
VERSION_OID = (1, 3, 6, 1, 4, 1, 8072, 9999, 9999, 1, 1, 1, 4, 0)  # ddSoftwareVersion.0
STEPS = ("preflight", "backup", "keep", "update", "convert", "restore", "confirm")
CATEGORIES = ("user_data", "port_data", "protocol_parameters", "default_parameters")
EVIDENCE_SHOWN = 5  # lines of it with a question
PATIENCE = 100  # seconds in all

HAS_COLOUR = sys.stdout.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"


def paint(text, colour):
    codes = {"green": 32, "red": 31, "yellow": 33, "blue": 36, "grey": 90, "bold": 1}
    return f"\033[{codes[colour]}m{text}\033[0m" if HAS_COLOUR else text


class Case:
    """One device, how it misbehaves, what is answered, and how it must end."""

    def __init__(self, name, number, protocol, story, faults=(), answers=(), limits=(), end="done", version=NEW):
        self.name, self.number, self.protocol, self.story = name, number, protocol, story
        self.faults, self.answers, self.limits = list(faults), list(answers), list(limits)
        self.end, self.version = end, version
        self.address, self.job, self.before, self.last, self.error = None, None, None, {}, None
        self.step, self.is_over = None, False  # the last step that it was in


CASES = (
    Case("anna", 11, "tftp", "goes through cleanly"),
    Case("bert", 12, "ftp", "its first update comes up wrong", faults=["wrong:1"], answers=["retry"]),
    Case("carl", 13, "tftp", "never answers to backup", faults=["hang=backup:0"], answers=["stop"],
         limits=["backup=6"], end="stopped", version=OLD),
)


class Failed(Exception):
    pass


def run(*words, stdin=None, codes=(0,), environment=None):
    words = [str(word) for word in words]
    done = subprocess.run(words, input=stdin, text=True, capture_output=True, env={**os.environ, **(environment or {})},
                          timeout=PATIENCE)
    if done.returncode not in codes:
        raise Failed(f"{' '.join(words)}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done


class Demo:
    def __init__(self, folder):
        self.folder, self.net = folder, Net()
        self.server = self.net.host(1)
        for case in CASES:
            case.address = f"{self.net.host(case.number)}:{PORT['device']}"
        self.processes = []
        self.environment = {"DRYDOCK_DATA": str(folder / "data")}
        self.view = View()

    # ---- the set-up ----

    def start(self, name, *words):
        log = open(self.folder / f"{name}.log", "wb")
        process = subprocess.Popen([str(word) for word in words], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                   start_new_session=True)
        log.close()
        self.processes.append(process)
        return process

    def drydock(self, *words, stdin=None, codes=(0,)):
        return run(BUILD / "drydock", *words, stdin=stdin, codes=codes, environment=self.environment)

    def wait(self, what, condition):
        end = time.monotonic() + 15
        while not condition():
            for process in self.processes:
                if process.poll() is not None:
                    raise Failed(f"{process.args[0]} ended while waiting for: {what}; its log is in {self.folder}")
            if time.monotonic() > end:
                raise Failed(f"not within 15 s: {what}; the logs are in {self.folder}")
            time.sleep(0.05)

    def start_manager(self):
        self.drydock("init", self.folder / "data")
        self.start("drydockd", BUILD / "drydockd", "--data", self.folder / "data", "--listen", f"{self.server}:{PORT['api']}",
                   "--tftp", f"{self.server}:{PORT['tftp']}", "--ftp", f"{self.server}:{PORT['ftp']}",
                   "--trap", f"{self.server}:{PORT['trap']}", "--advertise", self.server)
        self.wait("the manager and its file service answer", self.is_ready)
        self.drydock("credential", "add", "lab", "--v2c", stdin="demo-rw\n")

    def is_ready(self):
        done = self.drydock("files", "status", "--json", codes=range(256))
        return done.returncode == 0 and json.loads(done.stdout).get("is_up")

    def start_device(self, case):
        config = self.folder / f"{case.name}.conf"
        lines = (line for line in SAMPLE.read_text().splitlines() if not line.startswith("management-address"))
        config.write_text("\n".join(re.sub(r"^hostname = .*", f"hostname = {case.name}", line) for line in lines) + "\n")
        communities = self.folder / f"{case.name}.community"
        communities.write_text("demo-ro\ndemo-rw\n")
        communities.chmod(0o600)
        image = self.folder / "old.img"
        if not image.exists():
            run(BUILD / "drydock-agent", "mkimage", image, "--version", OLD, "--model", "IAD-24", "--format", "1",
                "--size", "300000")
        root = self.folder / case.name
        run(BUILD / "drydock-agent", "init", root, "--image", image, "--config", config, "--serial", f"IAD-{case.name}")
        faults = [word for fault in case.faults for word in ("--fault", fault)]
        self.start(case.name, BUILD / "drydock-agent", "run", root, "--listen", case.address,
                   "--trap", f"{self.server}:{PORT['trap']}", "--community-file", communities, *faults)
        self.wait(f"{case.name} answers", lambda: snmp_get(case.address, "demo-ro", VERSION_OID) == OLD)
        self.drydock("device", "add", case.name, "--address", case.address, "--credential", "lab")
        case.before = self.ask_device(case)

    def add_image(self):
        """Two files; the operator's copies are deleted before anything starts."""
        files = [self.folder / "iad-2.0.0-core.img", self.folder / "iad-2.0.0-voice.img"]
        for file in files:
            run(BUILD / "drydock-agent", "mkimage", file, "--version", NEW, "--model", "IAD-24", "--format", "2",
                "--size", "1500000", "--seed", file.name)
        added = self.drydock("image", "add", *files, "--version", NEW, "--profile", "drydock-agent", "--json")
        size = sum(file.stat().st_size for file in files)
        for file in files:
            file.unlink()
        return json.loads(added.stdout)["id"], size

    # ---- the upgrades ----

    def upgrade(self, case, image):
        """In a thread: start the job, answer what it asks, until it ends."""
        try:
            limits = [word for limit in case.limits for word in ("--limit", limit)]
            started = self.drydock("upgrade", case.name, "--image", image, "--protocol", case.protocol, "--on-failure", "ask",
                                   "--yes", "--json", *limits)
            case.job = last_document(started.stdout)["job"]
            answers = list(case.answers)
            while True:
                case.last = self.job(case)
                case.step = case.last["step"] or case.step
                self.view.show(case)
                if case.last["state"] == "asking":
                    self.answer(case, answers)
                elif case.last["state"] not in ("queued", "running"):
                    return
                time.sleep(0.1)
        except (Failed, KeyError, ValueError, subprocess.TimeoutExpired) as error:
            case.error = error
        finally:
            case.is_over = True

    def job(self, case):
        return json.loads(self.drydock("job", "show", case.job, "--json").stdout)

    def answer(self, case, answers):
        asked = [json.loads(line) for line in self.drydock("decisions", "--json").stdout.splitlines() if line.strip()]
        for question in asked:
            if question["job"] != case.job:
                continue
            if not answers:
                raise Failed(f"{case.name} asks once more than it should: {question}")
            answer = answers.pop(0)
            self.view.question(case, question, answer)
            self.drydock("decide", question["id"], answer, "--note", "the demo's operator")

    # ---- the proof ----

    def ask_device(self, case):
        """What the device's own files say."""
        return json.loads(run(BUILD / "drydock-agent", "status", self.folder / case.name, "--json").stdout)

    def judge(self, case):
        """What is wrong with the device, in words; nothing where all is as it should be. Does not believe the manager."""
        if case.error:
            yield str(case.error)
            return
        now = self.ask_device(case)
        if case.last["state"] != case.end:
            yield f"the job ended as {case.last['state']}, not {case.end}"
        if now["version"] != case.version:
            yield f"its files say that it runs {now['version']}, not {case.version}"
        spoken = snmp_get(case.address, "demo-ro", VERSION_OID)
        if spoken != case.version:
            yield f"by SNMP it says that it runs {spoken}, not {case.version}"
        for category in CATEGORIES:
            if not same(case.before, now, category):
                yield f"its {category} is not what it was"
        flashes = {"anna": 1, "bert": 2, "carl": 0}[case.name]
        if now["flash_count"] != flashes:
            yield f"it was flashed {now['flash_count']} times, not {flashes}"
        if case.version == NEW and now["configuration"]["format"] != 2:
            yield f"its configuration is in format {now['configuration']['format']}, not 2"

    def stop(self):
        for process in reversed(self.processes):
            if process.poll() is None:
                process.terminate()
        for process in self.processes:
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.net.close()


class View:
    """Live progress: three lines that are drawn again on a terminal, a line for each change elsewhere."""

    def __init__(self):
        self.lock, self.said, self.is_drawn = threading.Lock(), {}, False

    def line(self, case):
        step, state = case.step, case.last.get("state", "waiting")
        at = STEPS.index(step) if step in STEPS else None
        words = []
        for number, name in enumerate(STEPS):
            if state == "done" or (at is not None and number < at):
                words.append(paint(name, "green"))
            elif number == at:
                words.append(paint(name, {"asking": "yellow", "stopped": "red"}.get(state, "blue")))
            else:
                words.append(paint(name, "grey"))
        doing = paint("back to the old software", "yellow") if step == "rollback" else " ".join(words)
        return f"  {case.name}  {case.protocol:4}  {doing}  {paint(state, 'bold')}{self.moved(case)}"

    @staticmethod
    def moved(case):
        if case.last.get("state") != "running" or not case.last.get("bytes"):
            return ""
        return paint(f"  {case.last['bytes'] / 1e6:.1f} MB", "grey")

    def show(self, case):
        with self.lock:
            self._show(case)

    def _show(self, case):
        if HAS_COLOUR:
            up = f"\033[{len(CASES)}A" if self.is_drawn else ""
            body = "".join(f"\r\033[K{self.line(each)}\n" for each in CASES)
            sys.stdout.write(up + body)
            self.is_drawn = True
        else:
            now = (case.step, case.last.get("state"))
            if self.said.get(case.name) == now:
                return
            self.said[case.name] = now
            print(f"  {case.name}  {case.protocol:4}  {now[0] or '':10} {now[1] or 'waiting'}")
        sys.stdout.flush()

    def question(self, case, question, answer):
        with self.lock:
            self.is_drawn = False  # the lines above stay as they are
            print(f"\n  {paint('?', 'yellow')} {question['question']}")
            for fact in question["evidence"][-EVIDENCE_SHOWN:]:
                print(paint(f"      {fact['at'][11:19]}  {fact['event']:9} {fact['text']}", "grey"))
            print(f"    the operator answers: {paint(answer, 'bold')}\n", flush=True)
            self._show(case)


def same(before, now, category):
    return before["configuration"]["categories"][category]["sha256"] == now["configuration"]["categories"][category]["sha256"]


def last_document(text):
    return json.loads(text.strip().splitlines()[-1])


# ---- SNMP by hand: so that what the devices say is not read with Drydock's own code ----

def ber(tag, content):
    size = len(content)
    return bytes([tag, size] if size < 128 else [tag, 0x81, size] if size < 256 else [tag, 0x82, size >> 8, size & 255]) + content


def ber_oid(numbers):
    out = bytes([numbers[0] * 40 + numbers[1]])
    for number in numbers[2:]:
        groups = [number & 127]
        while number > 127:
            number >>= 7
            groups.append(number & 127 | 128)
        out += bytes(reversed(groups))
    return ber(6, out)


def ber_parts(data):
    """(tag, content) of each element in a row."""
    while data:
        tag, size, start = data[0], data[1], 2
        if size & 128:
            start = 2 + (size & 127)
            size = int.from_bytes(data[2:start], "big")
        yield tag, data[start:start + size]
        data = data[start + size:]


def snmp_get(address, community, oid):
    """One v2c GET of a text; None where no answer comes."""
    host, port = address.split(":")
    binding = ber(0x30, ber(0x30, ber_oid(oid) + ber(5, b"")))
    pdu = ber(0xA0, ber(2, struct.pack("!I", 4711)) + ber(2, b"\0") + ber(2, b"\0") + binding)
    request = ber(0x30, ber(2, b"\1") + ber(4, community.encode()) + pdu)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(0.5)
        for _ in range(4):
            try:
                sock.sendto(request, (host, int(port)))
                message = next(ber_parts(sock.recv(65536)))[1]
                answer = [part for _, part in ber_parts(list(ber_parts(message))[2][1])]
                value = list(ber_parts(list(ber_parts(answer[3]))[0][1]))[1]
                return value[1].decode() if value[0] == 4 else None
            except (OSError, IndexError, StopIteration):
                continue
    return None


# ---- the end ----

def table(demo):
    """A row of proof for each device; True where all are as they should be."""
    all_well = True
    print(paint("\nProof, as the devices themselves say it", "bold"))
    print(f"  {'device':7}{'by':6}{'before':8}{'now':8}{'format':8}{'flashed':9}{'user':6}{'port':6}{'protocol':10}{'default':9}"
          f"{'bytes':>8}  software (SHA-256)")
    for case in CASES:
        complaints = list(demo.judge(case))
        now = demo.ask_device(case)
        marks = ["equal" if same(case.before, now, category) else "LOST" for category in CATEGORIES]
        slot = next(slot for slot in now["slots"] if slot["slot"] == now["running_slot"])
        moved = sum(entry["bytes"] for entry in case.last.get("ledger", []) if entry["kind"] == "complete")
        formats = f"{case.before['configuration']['format']} to {now['configuration']['format']}"
        row = (f"  {case.name:7}{case.protocol:6}{case.before['version']:8}{now['version']:8}{formats:8}{now['flash_count']:<9}"
               f"{marks[0]:6}{marks[1]:6}{marks[2]:10}{marks[3]:9}{moved:>8}  {slot['sha256'][:16]}")
        print(paint(row, "red" if complaints else "green"))
        for complaint in complaints:
            print(paint(f"         {complaint}", "red"))
        all_well = all_well and not complaints
    print("  user, port, protocol, default: the configuration's categories, compared by meaning over both formats")
    print("  bytes: whole transfers, as the file service's ledger has them; flashed: the device's own durable counter")
    return all_well


def main():
    began = time.monotonic()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="drydock-demo-"))
    demo = Demo(folder)
    is_well = False
    try:
        print(paint("Drydock: three devices, one manager, one file service, all on this machine", "bold"))
        demo.start_manager()
        for case in CASES:
            demo.start_device(case)
            print(f"  {case.name}  at {case.address} by {case.protocol.upper()}: {case.story}")
        image, size = demo.add_image()
        print(f"  image {NEW}: two files, {size} bytes, in the server; the operator's copies are deleted\n")
        threads = [threading.Thread(target=demo.upgrade, args=(case, image), daemon=True) for case in CASES]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(max(0.1, began + PATIENCE - time.monotonic()))
        for case in CASES:
            if not case.is_over:
                case.error = Failed(f"not over after {PATIENCE} s")
        is_well = table(demo)
    except (Failed, OSError, ValueError, KeyError, subprocess.TimeoutExpired) as error:
        print(paint(f"demo: {error}", "red"), file=sys.stderr)
    finally:
        demo.stop()
    took = time.monotonic() - began
    if not is_well:
        print(paint(f"\nNot as it should be, after {took:.0f} s. Logs: {folder}", "red"))
        return 1
    shutil.rmtree(folder, ignore_errors=True)
    print(paint(f"\nEvery device is exactly where it should be, after {took:.0f} s.", "green"))
    print("Where to go next: README.md (your own devices), ARCHITECTURE.md (how it works), ./dev check (the proofs)")
    return 0


sys.exit(main())
