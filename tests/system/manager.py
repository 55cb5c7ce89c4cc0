"""A manager: drydockd with its file service, and the command line that speaks to it."""
import json
import pathlib

from process import BUILD, Process, children_of, run, until


class Answer:
    """What a `drydock ... --json` command said: exit code, JSON documents, and the plain text."""

    def __init__(self, ran):
        self.ran, self.code = ran, ran.code
        self.documents = [json.loads(line) for line in _documents(ran.out)]

    @property
    def last(self):
        assert self.documents, f"no JSON came:\n{self.ran}"
        return self.documents[-1]

    def __getattr__(self, name):  # answer.state, answer.reason, answer.job
        try:
            return self.last[name]
        except KeyError:
            raise AttributeError(f"no '{name}' in {self.last}") from None

    def __repr__(self):
        return repr(self.ran)


def _documents(text):
    """One JSON document a line, or one document over several lines."""
    text = text.strip()
    if not text:
        return []
    try:
        json.loads(text)
        return [text.replace("\n", " ")]
    except ValueError:
        return [line for line in text.splitlines() if line.strip()]


class Manager:
    def __init__(self, directory, net, options=(), number=1):
        self.directory, self.net = pathlib.Path(directory), net
        self.data = self.directory / "data"
        host = net.host(number)
        self.host, self.traps = host, f"{host}:1162"
        self.tftp, self.ftp, self.api = f"{host}:6969", f"{host}:6921", f"{host}:8080"
        self.words = [BUILD / "drydockd", "--data", self.data, "--listen", self.api, "--tftp", self.tftp, "--ftp", self.ftp,
                      "--trap", self.traps, "--advertise", host, *options]
        self.process = Process("drydockd", self.words, self.directory / "drydockd.log")
        self.environment = {"DRYDOCK_DATA": str(self.data)}
        done = run([BUILD / "drydock", "init", self.data])
        assert done.code == 0, done

    def start(self, wait=True):
        self.process.start()
        if wait:
            self.until_ready()
        return self

    def until_ready(self, seconds=15):
        def ready():
            assert self.process.is_alive(), f"drydockd ended:\n{self.process.text()[-2000:]}"
            status = self.run("files", "status", "--json")
            return status.code == 0 and status.documents and status.last.get("is_up")
        until(ready, f"drydockd and its file service are up:\n{self.process.text()[-2000:]}", seconds)

    def run(self, *words, stdin="", seconds=120):
        """`drydock WORDS`; its Answer (the documents are there where --json was given)."""
        ran = run([BUILD / "drydock", *words], stdin, self.environment, seconds)
        if "--json" not in words:
            ran.out, plain = "", ran.out
            answer = Answer(ran)
            ran.out = plain
            return answer
        return Answer(ran)

    def do(self, *words, stdin=""):
        """The same, and it must exit 0."""
        answer = self.run(*words, stdin=stdin)
        assert answer.code == 0, answer
        return answer

    def file_service(self):
        """Process id of the drydock-filed that runs as its child, or None."""
        for pid in children_of(self.process.pid):
            try:
                if pathlib.Path(f"/proc/{pid}/comm").read_text().startswith("drydock-filed"):
                    return pid
            except OSError:
                pass
        return None

    def kill(self):
        self.process.kill()

    def stop(self):
        return self.process.stop()
