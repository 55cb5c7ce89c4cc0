"""The command line on a terminal: it asks, hides secrets, draws progress; and does none of that elsewhere."""
import os
import pty
import re
import select
import time

from process import BUILD, TimedOut
from world import NEW, OLD


class Terminal:
    """`drydock WORDS` with a terminal of 100 columns as stdin, stdout and stderr."""

    def __init__(self, world, *words, environment=None):
        self.text = ""
        arguments = ["drydock", *[str(word) for word in words]]
        settings = {**os.environ, "TERM": "xterm", "LANG": "C", **world.manager.environment, **(environment or {})}
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            try:
                os.execve(BUILD / "drydock", arguments, settings)
            finally:
                os._exit(127)  # or this copy of the tests would run on

    def until(self, words, seconds=30):
        """Read until this text has come."""
        end = time.monotonic() + seconds
        while words not in self.text:
            if time.monotonic() > end or not self._read(0.2):
                raise TimedOut(f"'{words}' did not come:\n{self.text}")

    def _read(self, seconds):
        ready, _, _ = select.select([self.fd], [], [], seconds)
        if not ready:
            return True
        try:
            data = os.read(self.fd, 65536)
        except OSError:
            return False
        self.text += data.decode(errors="replace")
        return bool(data)

    def type(self, text):
        os.write(self.fd, text.encode())

    def end(self, seconds=60):
        """Read until it ends; the exit code."""
        end = time.monotonic() + seconds
        while self._read(0.2):
            assert time.monotonic() < end, self.text
        _, status = os.waitpid(self.pid, 0)
        os.close(self.fd)
        return os.waitstatus_to_exitcode(status)


def test_question_is_put_and_answered(world):
    device = world.device("d1", faults=["fail=fetch"])
    before = device.categories()
    terminal = Terminal(world, "upgrade", "d1", "--image", world.image(), "--wait")
    terminal.until("answer (retry, rollback, stop):")
    assert "update" in terminal.text and "the device says that it failed" in terminal.text
    assert "message" in terminal.text and "Now the device runs " + OLD in re.sub(r"\s+", " ", terminal.text)
    terminal.type("perhaps\n")
    terminal.type("re\n")
    assert terminal.end() == 0, terminal.text
    assert "equal in 4 categories" in terminal.text and "\033[" in terminal.text
    assert device.status()["version"] == NEW and device.categories() == before


def test_question_is_left(world):
    world.device("d1", faults=["fail=backup"])
    terminal = Terminal(world, "backup", "d1", "--wait")
    terminal.until("answer (retry, stop):")
    terminal.type("\x04")
    assert terminal.end() == 4, terminal.text
    assert f"drydock decide {world.decision()['id']} retry|stop" in terminal.text


def test_several_devices_are_confirmed(world):
    for name in ("d1", "d2"):
        world.device(name)
    image = world.image()
    terminal = Terminal(world, "upgrade", "--all", "--image", image)
    terminal.until("upgrade 2 devices? [y/N]")
    terminal.type("n\n")
    assert terminal.end() == 1
    assert world.manager.run("job", "list", "--json").documents == []
    terminal = Terminal(world, "upgrade", "--all", "--image", image, "--wait", environment={"NO_COLOR": "1"})
    terminal.until("upgrade 2 devices? [y/N]")
    terminal.type("y\n")
    assert terminal.end() == 0, terminal.text
    assert not re.search(r"\033\[\d*m", terminal.text), terminal.text
    quiet = world.manager.run("upgrade", "--all", "--image", image)
    assert quiet.code == 2 and "--yes" in quiet.ran.error


def test_secret_is_not_shown(world):
    terminal = Terminal(world, "credential", "add", "hidden", "--v2c")
    terminal.until("SNMP community")
    terminal.type("not-to-be-seen\n")
    assert terminal.end() == 0, terminal.text
    assert "not-to-be-seen" not in terminal.text


def test_secret_can_be_cancelled(world):
    terminal = Terminal(world, "credential", "add", "hidden", "--v2c")
    terminal.until("SNMP community")
    terminal.type("not-to\x03")
    assert terminal.end() == 2, terminal.text
    assert [row["name"] for row in world.manager.run("credential", "list", "--json").documents] == ["lab"]


def test_elsewhere_it_says_how_to_answer(world):
    world.device("d1", faults=["fail=backup"])
    asked = world.manager.run("backup", "d1", "--wait")
    assert asked.code == 4, asked
    assert f"drydock decide {world.decision()['id']} retry|stop" in asked.ran.error
    assert "\033" not in asked.ran.error + asked.ran.out
