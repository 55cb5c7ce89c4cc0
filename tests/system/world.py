"""One test's world: a loopback network, a manager with its file service, devices; scenarios as one-liners."""
import pathlib
import re

from device import FACTORY, READ, WRITE, Device, make_image
from manager import Manager
from net import Net
from process import TOP, until

OLD, NEW = "1.4.2", "2.0.0"
PROFILE = "drydock-agent"


class World:
    def __init__(self, directory, manager_options=()):
        self.directory, self.net = pathlib.Path(directory), Net()
        self.devices, self._manager, self._manager_options = {}, None, manager_options
        self._kept, self._images_count, self._devices_count, self._texts = [], 0, 0, {}

    # ---- what is in it ----

    @property
    def manager(self):
        if self._manager is None:
            self._manager = Manager(self.directory, self.net, self._manager_options)
            for path, text in self._texts.items():
                (self._manager.data / path).parent.mkdir(exist_ok=True)
                (self._manager.data / path).write_text(text)
            self._manager.start()
            self._manager.do("credential", "add", "lab", "--v2c", stdin=f"{WRITE}\n")
        return self._manager

    def profile(self, name, **sections):
        """A profile of the operator's own, with our migration, before the manager starts: ours, with other top-level
        sections. Its name."""
        text = (TOP / f"profiles/{PROFILE}.yaml").read_text()
        for key, value in {"profile": name, **sections}.items():
            text, count = re.subn(rf"^{key}:.*(?:\n[ \t]+.*)*", f"{key}: {value}", text, flags=re.MULTILINE)
            assert count == 1, f"the profile has no section '{key}'"
        self._texts[f"profiles/{name}.yaml"] = text
        migration = (TOP / "migrations/drydock-iad-1-2.yaml").read_text()
        self._texts[f"migrations/{name}-1-2.yaml"] = re.sub(r"^profile:.*", f"profile: {name}", migration, flags=re.MULTILINE)
        return name

    def image_file(self, version, config_format=1, **options):
        self._images_count += 1
        path = self.directory / f"image-{version}-{self._images_count}.bin"
        return make_image(path, version, config_format, **options)

    def device(self, name, faults=(), is_known=True, **options):
        """A running device; the manager knows it, with the version OLD on configuration format 1."""
        address = self.net.host(11 + self._devices_count)
        self._devices_count += 1
        options.setdefault("images", [self.image_file(OLD, 1)])
        profile = options.pop("profile", PROFILE)
        traps = self.manager.traps if is_known else options.pop("traps", None)
        options.pop("traps", None)
        device = Device(self.directory, name, address, traps, faults, **options).start()
        self.devices[name] = device
        if is_known:
            self.manager.do("device", "add", name, "--address", device.address, "--credential", "lab", "--profile", profile)
        return device

    def image(self, version=NEW, config_format=2, files=1, profile=PROFILE, **options):
        """An image in the manager's store, made of so many files; the operator's copies are gone. Its id."""
        paths = []
        for number in range(files):
            path = self.directory / f"{version}-{number}.img"
            paths.append(make_image(path, version, config_format, **options))
        added = self.manager.do("image", "add", *paths, "--version", version, "--profile", profile, "--json")
        for path in paths:
            path.unlink()
        return added.id

    # ---- what is done with it ----

    def upgrade(self, device, image, on_failure="ask", protocol="tftp", limits=None, options=(), wait=True):
        """`drydock upgrade`; its Answer: code, state, reason, job..."""
        words = ["upgrade", device, "--image", image, "--on-failure", on_failure, "--protocol", protocol, "--json", "--yes"]
        for step, seconds in (limits or {}).items():
            words += ["--limit", f"{step}={seconds}"]
        if wait:
            words.append("--wait")
        return self.manager.run(*words, *options)

    def decisions(self):
        return self.manager.do("decisions", "--json").documents

    def decision(self, seconds=30):
        """The one question that is open."""
        def one():
            open_ones = self.decisions()
            assert len(open_ones) <= 1, open_ones
            return open_ones
        return until(one, "a question is put", seconds)[0]

    def decide(self, answer, note="a test says so"):
        """Answer the one open question; the question."""
        question = self.decision()
        self.manager.do("decide", question["id"], answer, "--note", note, "--json")
        return question

    def watch(self, job, seconds=60):
        """Wait until the job ends or asks; the Answer as of `drydock upgrade --wait`."""
        return self.manager.run("job", "watch", job, "--json", seconds=seconds)

    def job(self, job):
        return self.manager.do("job", "show", job, "--json").last

    # ---- when it ends ----

    def keep(self, thing):
        """Something with stop() that ends with this world; the same thing."""
        self._kept.append(thing)
        return thing

    def close(self):
        for thing in self._kept:
            thing.stop()
        for device in self.devices.values():
            device.stop()
        if self._manager:
            self._manager.stop()
        self.net.close()

    def leaks(self):
        """Secrets that a log tells: (log, secret)."""
        secrets = {READ, WRITE, FACTORY}
        for device in self.devices.values():
            lines = device.config_file.read_text().splitlines()
            secrets |= {line.split("=", 1)[1].strip() for line in lines if line.startswith("password")}
        secrets = [secret for secret in secrets if len(secret) > 4]
        return [(name, secret) for name, text in self.logs() for secret in secrets if secret in text]

    def logs(self):
        """Name and text of each program's log."""
        return [(path.name, path.read_text(errors="replace")) for path in sorted(self.directory.glob("*.log"))]


__all__ = ["World", "OLD", "NEW", "READ", "WRITE"]
