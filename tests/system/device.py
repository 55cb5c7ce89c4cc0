"""A device: a drydock-agent with its folder, its address and its faults."""
import json
import pathlib
import threading

from peers import SnmpTool
from process import BUILD, TOP, Process, run, until

READ, WRITE = "look-at-it", "change-it"  # communities; no real secrets
FACTORY = "factory-default"
CONFIG = (TOP / "tests/data/iad-24-format1.conf")
CATEGORIES = ("user_data", "port_data", "protocol_parameters", "default_parameters")


def make_image(path, version, config_format=1, model="IAD-24", size=60000, revisions=()):
    """A software image file for the agent, its payload like no other file's; the path."""
    words = [BUILD / "drydock-agent", "mkimage", path, "--version", version, "--model", model, "--format", config_format,
             "--size", size, "--seed", pathlib.Path(path).name]
    for revision in revisions:
        words += ["--revision", revision]
    done = run(words)
    assert done.code == 0, done
    return pathlib.Path(path)


def config_text(name):
    """The sample configuration under another device's name."""
    lines = CONFIG.read_text().splitlines()
    return "\n".join(f"hostname = {name}" if line.startswith("hostname") else line for line in lines
                     if not line.startswith("management-address")) + "\n"


class Device:
    def __init__(self, directory, name, address, traps=None, faults=(), options=(), images=None, config=None, serial=None,
                 slots=2, revision="B", port=1161):
        self.directory, self.name, self.host = pathlib.Path(directory), name, address
        self.address, self.traps, self.faults, self.options = f"{address}:{port}", traps, list(faults), list(options)
        self.root = self.directory / name
        self.serial = serial or f"SN-{name}"
        self.snmp = SnmpTool(self.address, WRITE)
        self.community_file = self.directory / f"{name}.community"
        self.community_file.write_text(f"{READ}\n{WRITE}\n")
        self.community_file.chmod(0o600)
        self.config_file = self.directory / f"{name}.conf"
        self.config_file.write_text(config or config_text(name))
        self.process = None
        words = [BUILD / "drydock-agent", "init", self.root]
        for image in images:
            words += ["--image", image]
        words += ["--config", self.config_file, "--serial", self.serial, "--revision", revision, "--slots", slots]
        done = run(words)
        assert done.code == 0, done

    def start(self):
        words = [BUILD / "drydock-agent", "run", self.root, "--listen", self.address, "--community-file", self.community_file]
        words += ["--trap", self.traps] if self.traps and "--no-trap" not in self.options else []
        words += ["--no-trap"] if not self.traps and "--no-trap" not in self.options else []
        for fault in self.faults:
            words += ["--fault", fault]
        self.process = Process(self.name, words + self.options, self.directory / f"{self.name}.log").start()
        until(lambda: self.snmp.ask("snmpget", "-Oqv", "1.3.6.1.2.1.1.3.0", seconds=1, tries=1).code == 0,
              f"{self.name} answers at {self.address}; its log: {self.process.text()[-800:]}", 10)
        return self

    def restart(self, faults=None):
        """End it and start it again, with other faults where they are given."""
        self.process.stop()
        if faults is not None:
            self.faults = list(faults)
        return self.start()

    def kill(self):
        self.process.kill()

    def stop(self):
        if self.process:
            self.process.stop()

    def status(self):
        """What the device's own files say, without asking the running program."""
        done = run([BUILD / "drydock-agent", "status", self.root, "--json"])
        assert done.code == 0, done
        return json.loads(done.out)

    def categories(self):
        """Hash of each category's meaning, whatever the format."""
        found = self.status()["configuration"]["categories"]
        return {name: found[name]["sha256"] for name in CATEGORIES}

    def keep_running(self, every=0.1):
        """Start it again whenever it has been killed, as a power supply would; returns how to stop that."""
        over = threading.Event()

        def watch():
            while not over.wait(every):
                if not self.process.is_alive():
                    self.process.start()
        thread = threading.Thread(target=watch, daemon=True)
        thread.start()

        def end():
            over.set()
            thread.join()
        return end
