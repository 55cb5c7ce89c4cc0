"""Programs that we did not write, as witnesses: net-snmp's, curl, tftp, lftp, tshark."""
import os
import pathlib
import re
import socket
import xml.etree.ElementTree as ElementTree

from process import TOP, Process, run, until

BASE = "1.3.6.1.4.1.8072.9999.9999.1"  # where DRYDOCK-MIB hangs
MIB_DIRS = [TOP / "build/mib/node_modules/net-snmp/lib/mibs", pathlib.Path("/usr/share/snmp/mibs"), TOP / "mibs"]
MIB_MODULES = ("SNMPv2-SMI", "SNMPv2-TC", "SNMPv2-MIB", "NET-SNMP-MIB", "DRYDOCK-MIB")
OPERATIONS = {"backup": 1, "keep": 2, "fetch": 3, "activate": 4, "reload": 5, "commit": 6, "restore": 7, "rollback": 8}
STATES = {0: "idle", 1: "running", 2: "succeeded", 3: "failed"}
REASONS = ("none unknown serverUnreachable fileRefused transferBroken hashMismatch wrongModel wrongRevision noRoom badImage "
           "flashError badConfig fellBack interrupted refused loginRefused slotEmpty").split()


def dd(suffix):
    return f"{BASE}.{suffix}"


class SnmpTool:
    """snmpget and its kin against one agent, by number, so that no MIB file is needed."""

    def __init__(self, address, community):
        self.address, self.community = address, community

    def ask(self, program, *words, seconds=2, tries=2, community=None):
        return run([program, "-v2c", "-c", community or self.community, "-m", "", "-On", "-Oe", "-Ot", "-t", seconds,
                    "-r", tries - 1, self.address, *words])

    def get(self, *suffixes):
        """Values of instances below DRYDOCK-MIB's base, as text; one value alone where one is asked."""
        done = self.ask("snmpget", "-Oqv", *[dd(suffix) for suffix in suffixes])
        assert done.code == 0, done
        values = [line.strip().strip('"') for line in done.out.splitlines()]
        return values[0] if len(suffixes) == 1 else values

    def set(self, *words, tries=1):
        return self.ask("snmpset", *words, tries=tries)

    def command(self, ticket, operation, server=None, protocol="tftp", files=(), user=None, password=None, content=None,
                size=None, slot=None):
        """What the manager sends: one SET with everything in it."""
        words = [dd("1.3.1.0"), "u", ticket, dd("1.3.2.0"), "i", OPERATIONS[operation]]
        if server:
            words += [dd("1.3.3.0"), "i", 1, dd("1.3.4.0"), "x", socket.inet_aton(server[0]).hex(),
                      dd("1.3.5.0"), "u", server[1], dd("1.3.6.0"), "i", {"tftp": 1, "ftp": 2}[protocol],
                      dd("1.3.7.0"), "s", ",".join(files)]
        if user is not None:
            words += [dd("1.3.8.0"), "s", user, dd("1.3.9.0"), "s", password]
        if content is not None:
            words += [dd("1.3.10.0"), "x", content]
        if size is not None:
            words += [dd("1.3.11.0"), "u", size]
        if slot is not None:
            words += [dd("1.3.12.0"), "u", slot]
        return self.set(*words)

    def status(self):
        """What became of the last command."""
        ticket, operation, state, reason, text, moved = self.get(*[f"1.4.{n}.0" for n in range(1, 7)])
        return {"ticket": int(ticket), "operation": int(operation), "state": STATES[int(state)],
                "reason": REASONS[int(reason)], "text": text, "bytes": int(moved)}

    def ended(self, ticket, seconds=20):
        def look():
            done = self.ask("snmpget", "-Oqv", dd("1.4.1.0"), dd("1.4.3.0"), seconds=1)
            if done.code != 0:
                return None
            known, state = (int(line) for line in done.out.split())
            return known == ticket and state in (2, 3)
        until(look, f"ticket {ticket} ended at {self.address}", seconds)
        return self.status()


class TrapSink:
    """net-snmp's snmptrapd, which also answers informs."""

    def __init__(self, directory, address):
        self.address = address
        self.out = pathlib.Path(directory) / "traps.txt"
        config = pathlib.Path(directory) / "snmptrapd.conf"
        config.write_text("disableAuthorization yes\n")
        self.process = Process("snmptrapd", ["snmptrapd", "-f", "-C", "-c", config, "-m", "", "-On", "-Oe", "-Lf", self.out,
                                             "-F", "%P|%v\\n", f"udp:{address}"],
                               pathlib.Path(directory) / "snmptrapd.log")
        self.process.start()
        until(lambda: self.out.exists() and "NET-SNMP" in self.out.read_text(), "snmptrapd listens")

    def lines(self):
        return self.out.read_text(errors="replace").splitlines()

    def wait(self, pattern, seconds=10):
        """The first line of a notification that has `pattern`."""
        def found():
            return next((line for line in self.lines() if re.search(pattern, line)), None)
        return until(found, f"a notification with {pattern}", seconds)

    def stop(self):
        self.process.stop()


def can_capture():
    return run(["dumpcap", "-i", "lo", "-a", "duration:0", "-w", os.devnull], seconds=10).code == 0


class Capture:
    """Everything that crosses one loopback network, written by dumpcap, read by tshark with DRYDOCK-MIB."""

    def __init__(self, directory, net):
        self.file = pathlib.Path(directory) / "capture.pcapng"
        arguments = ["dumpcap", "-q", "-i", "lo", "-f", f"net {net.prefix}.0/24", "-w", self.file]
        if os.geteuid() != 0 and not can_capture():
            arguments = ["sudo", "-n"] + arguments
        self.process = Process("dumpcap", arguments, pathlib.Path(directory) / "dumpcap.log").start()
        self.marks, self.target = 0, (net.host(253), 9)
        self._until_marked("dumpcap writes")

    def _until_marked(self, what):
        """What was sent before this returns is in the file: a datagram of our own is."""
        self.marks += 1
        mark = f"mark-{self.marks}-of-{self.target[0]}".encode()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            def is_there():
                probe.sendto(mark, self.target)
                return self.file.exists() and mark in self.file.read_bytes()
            until(is_there, what, step=0.1)

    def stop(self):
        if self.process.is_alive():
            self._until_marked("dumpcap has written all")
        self.process.stop()

    def packets(self, filter_, ports=()):
        """The packets that match, decoded by tshark with our MIB loaded. ports: 'udp.port==1161,snmp'."""
        home = self.file.parent / "tshark-home"
        settings = home / ".config" / "wireshark"
        settings.mkdir(parents=True, exist_ok=True)
        (settings / "smi_paths").write_text("".join(f'"{path}"\n' for path in MIB_DIRS))
        (settings / "smi_modules").write_text("".join(f'"{module}"\n' for module in MIB_MODULES))
        (settings / "preferences").write_text("nameres.load_smi_modules: TRUE\nnameres.suppress_smi_errors: TRUE\n")
        words = ["tshark", "-n", "-r", self.file, "-Y", filter_, "-T", "pdml"]
        for port in ports:
            words += ["-d", port]
        done = run(words, environment={"HOME": str(home), "XDG_CONFIG_HOME": str(home / ".config")})
        assert done.code == 0, done
        return [Packet(element) for element in ElementTree.fromstring(done.out).iter("packet")]


class Packet:
    """at, source, target; `mib` has what DRYDOCK-MIB names in it: {"ddCommandFiles": "...", ...}; `pdu` is tshark's word."""

    def __init__(self, element):
        fields = [(field.get("name"), field.get("show"), field.get("showname") or "") for field in element.iter("field")]
        first = {}
        for name, show, _ in fields:
            first.setdefault(name, show)
        self.at, self.source, self.target = float(first["frame.time_epoch"]), first.get("ip.src"), first.get("ip.dst")
        self.protocols = [proto.get("name") for proto in element.iter("proto")]
        self.first, self.mib, self.pdu = first, {}, None
        for name, show, shown in fields:
            if name == "snmp.data":
                self.pdu = shown.split(": ")[1].split(" ")[0]
            if shown.startswith("DRYDOCK-MIB::dd") and ".0 (" not in shown.split(":", 3)[2]:
                object_, _, value = shown[len("DRYDOCK-MIB::"):].partition(": ")
                self.mib[object_] = value

    def __repr__(self):
        return f"{self.at:.6f} {self.source} > {self.target} {self.protocols[-1]} {self.pdu} {self.mib}"
