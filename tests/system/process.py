"""Programs as child processes: started, watched, killed by their own id, their output kept."""
import ctypes
import os
import pathlib
import signal
import subprocess
import time

TOP = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("DRYDOCK_BUILD", TOP / "build"))
_LIBC = ctypes.CDLL(None, use_errno=True)
_PR_SET_PDEATHSIG = 1


class TimedOut(AssertionError):
    pass


def until(condition, what, seconds=20.0, step=0.02):
    """Ask again and again until `condition()` is true; its value. TimedOut names `what` was waited for."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() >= end:
            raise TimedOut(f"after {seconds} s still not: {what}")
        time.sleep(step)


def _die_with_parent():
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


class Process:
    """One program in a session of its own, so that its children end with it."""

    def __init__(self, name, arguments, log, environment=None):
        self.name, self.arguments, self.log = name, [str(a) for a in arguments], pathlib.Path(log)
        self.environment = {**os.environ, **(environment or {})}
        self.popen = None

    def start(self):
        assert not self.is_alive(), f"{self.name} runs already"
        with open(self.log, "ab") as log:
            self.popen = subprocess.Popen(
                self.arguments, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self.environment,
                start_new_session=True, preexec_fn=_die_with_parent)
        return self

    @property
    def pid(self):
        return self.popen.pid

    def is_alive(self):
        return self.popen is not None and self.popen.poll() is None

    def kill(self):
        """kill -9 of this one process; what it started is left to itself."""
        if self.is_alive():
            self.popen.kill()
            self.popen.wait()

    def wait(self, seconds=10.0):
        return self.popen.wait(seconds)

    def stop(self, seconds=5.0):
        """Ask to end (SIGTERM), and insist after a while; then everything else of its session. The exit code."""
        if self.popen is None:
            return None
        if self.is_alive():
            self.popen.terminate()
            try:
                self.popen.wait(seconds)
            except subprocess.TimeoutExpired:
                self.popen.kill()
                self.popen.wait()
        try:
            os.killpg(self.popen.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        return self.popen.returncode

    def text(self):
        return self.log.read_text(errors="replace") if self.log.exists() else ""


class Ran:
    """A program that has ended: code, stdout, stderr, and the JSON documents on stdout."""

    def __init__(self, arguments, done):
        self.arguments, self.code = arguments, done.returncode
        self.out, self.error = done.stdout, done.stderr

    def __repr__(self):
        words = " ".join(str(a) for a in self.arguments)
        return f"{words}\nexit {self.code}\n--- stdout\n{self.out}\n--- stderr\n{self.error}"


def run(arguments, stdin="", environment=None, seconds=60.0):
    arguments = [str(a) for a in arguments]
    done = subprocess.run(arguments, input=stdin, text=True, capture_output=True, timeout=seconds, errors="replace",
                          env={**os.environ, **(environment or {})})
    return Ran(arguments, done)


def children_of(pid):
    """Process ids whose parent is `pid`."""
    found = []
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            found.append(int(stat.parent.name))
    return found
