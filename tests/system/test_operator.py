"""The operator's side: questions on a terminal and elsewhere, evidence, configurations, a manager that is restarted."""
import os
import pty
import re
import select
import subprocess
import time

import pytest
from process import BUILD, until
from world import NEW, OLD

from test_upgrade import assert_upgraded


class Terminal:
    """A program on a terminal of its own; what it shows is read, what is typed is sent."""

    def __init__(self, words, environment):
        self.master, slave = pty.openpty()
        self.popen = subprocess.Popen([str(word) for word in words], stdin=slave, stdout=slave, stderr=slave,
                                      env={**os.environ, "TERM": "xterm", **environment}, start_new_session=True)
        os.close(slave)
        self.shown = ""

    def read_until(self, pattern, seconds=30):
        end = time.monotonic() + seconds
        while not re.search(pattern, self.shown):
            assert time.monotonic() < end, f"never shown: {pattern}\n{self.shown}"
            ready, _, _ = select.select([self.master], [], [], 0.2)
            if ready:
                try:
                    self.shown += os.read(self.master, 65536).decode(errors="replace")
                except OSError:  # the other side is shut
                    assert re.search(pattern, self.shown), self.shown
        return self.shown

    def type(self, text):
        os.write(self.master, text.encode() + b"\n")

    def wait(self):
        try:
            while True:
                self.shown += os.read(self.master, 65536).decode(errors="replace")
        except OSError:
            return self.popen.wait(30)


@pytest.mark.parametrize("answer, code, end", [("retry", 0, "done"), ("stop", 3, "stopped")])
@pytest.mark.proves("R4", "R9", "R14")
def test_terminal_asks(world, answer, code, end, evidence):
    device = world.device("d1", faults=["fail=backup"])
    before = device.categories()
    image = world.image()
    terminal = Terminal([BUILD / "drydock", "upgrade", "d1", "--image", image, "--wait"], world.manager.environment)
    shown = terminal.read_until(r"answer \(retry, .*stop\)")
    assert "backup failed" in shown and "\033[" in shown
    terminal.type("perhaps")
    terminal.type(answer)
    assert terminal.wait() == code, terminal.shown
    assert end in terminal.shown
    assert device.categories() == before
    assert device.status()["version"] == (NEW if answer == "retry" else OLD)
    evidence("a terminal asked 'backup failed', typed", answer)


def test_question_outlives_the_manager(world):
    device = world.device("d1", faults=["fail=fetch"])
    before = device.categories()
    answer = world.upgrade("d1", world.image())
    question = world.decision()
    world.manager.kill()
    world.manager.start()
    assert world.decision() == question
    world.decide("retry")
    ended = world.watch(answer.job)
    assert (ended.code, ended.state) == (0, "done"), ended
    assert_upgraded(device, before, flashes=device.status()["flash_count"])


def test_late_or_wrong_answers_are_refused(world):
    world.device("d1", faults=["fail=backup"])
    answer = world.upgrade("d1", world.image())
    question = world.decision()
    assert "rollback" not in question["answers"]
    wrong = world.manager.run("decide", question["id"], "rollback")
    assert wrong.code == 1 and wrong.ran.error.count("\n") <= 2, wrong
    assert world.manager.run("decide", 4711, "retry").code == 1
    assert world.manager.run("decide", question["id"], "perhaps").code in (1, 2)
    world.decide("stop")
    twice = world.manager.run("decide", question["id"], "retry")
    assert twice.code == 1, twice
    assert world.watch(answer.job).state == "stopped"


def test_first_failures_evidence_says_what_was_seen(world):
    world.device("d1", faults=["break=fetch"])
    world.upgrade("d1", world.image())
    question = world.decision()
    assert question["sentence"] and question["advice"]
    texts = " ".join(fact["text"] for fact in question["evidence"])
    assert "transfer" in texts and any(fact["event"] in ("broken", "failure") for fact in question["evidence"]), texts


def test_backup_diff_and_restore(world):
    device = world.device("d1")
    first = world.manager.do("backup", "d1", "--wait", "--json")
    assert first.state == "done"
    snapshots = world.manager.do("config", "list", "d1", "--json").documents
    assert len(snapshots) == 1
    shown = world.manager.do("config", "show", "d1").ran.out
    for title in ("user data", "port data", "protocol parameters", "default parameters"):
        assert title in shown.lower(), shown
    secrets = [line.split("=", 1)[1].strip() for line in device.config_file.read_text().splitlines() if line.startswith("password")]
    secrets = [secret for secret in secrets if len(secret) > 4]
    assert secrets and not any(secret in shown for secret in secrets)
    exported = world.manager.do("config", "export", "d1").ran.out
    assert all(secret in exported for secret in secrets)
    restored = world.manager.run("restore", "d1", "--wait", "--json")
    assert (restored.code, restored.state) == (0, "done"), restored


def test_image_is_described_by_its_own_header(world):
    path = world.image_file("3.1.0", 2, revisions=["A", "B"])
    world.device("d1")
    added = world.manager.do("image", "add", path, "--version", "3.1.0", "--profile", "drydock-agent", "--json").last
    shown = world.manager.do("image", "show", added["id"], "--json").last
    assert shown["models"] == ["IAD-24"] and shown["revisions"] == ["A", "B"] and shown["version"] == "3.1.0"
    wrong = world.manager.run("image", "add", path, "--version", "9.9.9", "--profile", "drydock-agent")
    assert wrong.code == 1 and "3.1.0" in wrong.ran.error, wrong


def test_unknown_family_is_not_added(world):
    world.device("d1")
    silent = world.manager.run("device", "add", "ghost", "--address", f"{world.net.host(77)}:1161", "--credential", "lab")
    assert silent.code == 1 and "ghost" in silent.ran.error or "answer" in silent.ran.error, silent
    assert len(world.manager.do("device", "list", "--json").documents) == 1


def test_probe_finds_the_family(world):
    device = world.device("d1", is_known=False)
    world.manager.do("device", "add", "d1", "--address", device.address, "--credential", "lab")
    shown = world.manager.do("device", "show", "d1", "--json").last
    assert (shown["profile"], shown["version"], shown["serial"]) == ("drydock-agent", OLD, device.serial)


def test_manager_restarts_the_file_service(world):
    device = world.device("d1")
    first = world.manager.file_service()
    assert first
    os.kill(first, 9)
    until(lambda: world.manager.file_service() not in (None, first), "the manager started another file service")
    world.manager.until_ready()
    ended = world.upgrade("d1", world.image())
    assert (ended.code, ended.state) == (0, "done"), ended
    assert device.status()["version"] == NEW


def test_file_service_ends_with_its_manager(world):
    world.device("d1")
    filed = world.manager.file_service()
    world.manager.kill()
    until(lambda: not os.path.exists(f"/proc/{filed}") or "Z" in open(f"/proc/{filed}/stat").read().split()[2],
          "the file service is gone, too", 10)
    world.manager.start()
    assert world.manager.file_service() != filed


def test_wait_can_time_out(world):
    world.device("d1", faults=["hang=backup"])
    answer = world.upgrade("d1", world.image(), options=["--timeout", "1"])
    assert answer.code == 5 and answer.state == "running", answer
