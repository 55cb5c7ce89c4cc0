#!/usr/bin/python3
"""Measure Drydock against its peers, or against a limit.

Usage: ./dev bench [NAME] [--json]        NAME: steps, snmp, files, fleet

Rows: {"case","ours","peer","peer_name","unit","ratio","goal","met"}; ratio = ours / peer of the same run.
"""
import argparse
import hashlib
import json
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import time

TOP = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TOP / "tests/system"))

from link import READ, HandLink  # noqa: E402 (after the path is set)
from process import BUILD, Process, run, until  # noqa: E402
from world import World  # noqa: E402

REQUESTS = 20000
IN_FLIGHT = 64
TICK = os.sysconf("SC_CLK_TCK")


def row(case, ours, peer, peer_name, unit, goal):
    """goal: ('<=', 1.0) or ('>=', 1.0), for the ratio."""
    ratio = ours / peer if peer else float("inf")
    met = ratio <= goal[1] if goal[0] == "<=" else ratio >= goal[1]
    return {"case": case, "ours": round(ours, 3), "peer": round(peer, 3), "peer_name": peer_name, "unit": unit,
            "ratio": round(ratio, 3), "goal": f"{goal[0]} {goal[1]}", "met": met}


def build(*targets):
    done = subprocess.run(["ninja", "-C", str(BUILD), *targets], capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stdout + done.stderr)


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK


# ---- steps ----

def bench_steps():
    build("tests/bench/bench_steps")
    words = run([BUILD / "tests/bench/bench_steps", 2]).out.split()
    yield row("steps: decisions of whole upgrades", int(words[1]) / float(words[3]), 1e6, "limit", "1/s", (">=", 1.0))


# ---- snmp ----

def ber(tag, content):
    return bytes([tag, len(content)] if len(content) < 128 else [tag, 0x81, len(content)]) + content


def get_request(community, names):
    """A v2c GET; the four bytes of its request id are at the returned offset."""
    bindings = b"".join(ber(0x30, ber(6, name) + ber(5, b"")) for name in names)
    pdu = ber(0xA0, ber(2, b"\x7f\x00\x00\x00") + ber(2, b"\0") + ber(2, b"\0") + ber(0x30, bindings))
    message = ber(0x30, ber(2, b"\1") + ber(4, community.encode()) + pdu)
    return message, message.index(b"\x7f\x00\x00\x00")


def load(address, message, at, count):
    """Keep IN_FLIGHT requests under way until `count` were answered."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.connect(address)
        sock.settimeout(1.0)
        answered = sent = 0
        while answered < count:
            while sent - answered < IN_FLIGHT and sent < count + IN_FLIGHT:
                sock.send(message[:at] + (0x40000000 + sent).to_bytes(4, "big") + message[at + 4:])
                sent += 1
            try:
                sock.recv(4096)
                answered += 1
            except socket.timeout:
                sent = answered  # what got lost is not waited for


def bench_snmp():
    """CPU of the answering process for a GET of five system variables."""
    if not any(os.access(f"{folder}/snmpd", os.X_OK) for folder in ("/usr/sbin", "/sbin")):
        print("bench snmp: the peer snmpd is not installed (Debian package snmpd)", file=sys.stderr)
        return
    names = [bytes([0x2B, 6, 1, 2, 1, 1, number, 0]) for number in (1, 2, 3, 5, 6)]
    with tempfile.TemporaryDirectory() as folder:
        world = World(folder)
        try:
            device = world.device("d1", is_known=False)
            config = pathlib.Path(folder) / "snmpd.conf"
            config.write_text("rocommunity look-at-it\nsyslocation here\n")
            peer = world.keep(Process("snmpd", ["/usr/sbin/snmpd", "-f", "-C", "-c", config, "-Lf", "/dev/null", "-I", "system_mib",
                                                f"udp:{world.net.host(9)}:1161"], pathlib.Path(folder) / "snmpd.log",
                                      {"SNMP_PERSISTENT_DIR": folder})).start()
            message, at = get_request("look-at-it", names)
            cost = {}
            for name, host, pid in (("ours", device.host, device.process.pid), ("peer", world.net.host(9), peer.pid)):
                until(lambda: run(["snmpget", "-v2c", "-c", "look-at-it", "-m", "", f"{host}:1161", "1.3.6.1.2.1.1.3.0"]).code == 0,
                      f"{name} answers")
                before = cpu_seconds(pid)
                load((host, 1161), message, at, REQUESTS)
                cost[name] = (cpu_seconds(pid) - before) / REQUESTS * 1e6
        finally:
            world.close()
    yield row("snmp v2c: the agent answers GET of 5", cost["ours"], cost["peer"], "snmpd", "us CPU/request", ("<=", 0.6))


# ---- files ----

def bench_files():
    """Download of 16 MiB from the file service; the limit is 8 MB/s by TFTP (blocks of 1428) and 50 MB/s by FTP."""
    with tempfile.TemporaryDirectory() as folder:
        world = World(folder)
        try:
            link = world.keep(HandLink(f"{folder}/link.sock"))
            host = world.net.host(1)
            world.keep(Process("filed", [BUILD / "drydock-filed", "--link", f"unix:{folder}/link.sock", "--root", f"{folder}/files",
                                         "--tftp", f"{host}:6969", "--ftp", f"{host}:6921"], f"{folder}/filed.log")).start()
            link.until_up()
            content = os.urandom(16 << 20)
            for protocol, limit, options in (("tftp", 8.0, ["--tftp-blksize", "1428"]), ("ftp", 50.0, [])):
                grant = link.grant("127.0.0.1", READ, content=content)
                login = ["-u", f"{grant['user']}:{grant['password']}"] if protocol == "ftp" else []
                port = {"tftp": 6969, "ftp": 6921}[protocol]
                began = time.monotonic()
                done = run(["curl", "-sS", "--interface", "127.0.0.1", *options, *login, "-o", f"{folder}/got",
                            f"{protocol}://{host}:{port}/{grant['name']}"])
                took = time.monotonic() - began
                if done.code or hashlib.sha256(pathlib.Path(folder, "got").read_bytes()).digest() != grant["content"]:
                    sys.exit(f"bench files: {done}")
                yield row(f"files {protocol}: 16 MiB to one client", len(content) / took / 1e6, limit, "limit", "MB/s", (">=", 1.0))
        finally:
            world.close()


# ---- fleet ----

def bench_fleet():
    """Twenty devices at once, real processes; the limit is a second a device."""
    devices = 20
    for goal in ("backup", "upgrade"):
        with tempfile.TemporaryDirectory() as folder:
            world = World(folder)
            try:
                for number in range(devices):
                    world.device(f"d{number}")
                words = ["backup"] if goal == "backup" else ["upgrade", "--image", world.image(), "--yes"]
                began = time.monotonic()
                ended = world.manager.run(*words, "--all", "--wait", "--json", seconds=300)
                took = time.monotonic() - began
                if ended.code:
                    sys.exit(f"bench fleet: {ended}")
            finally:
                world.close()
        yield row(f"fleet {goal}: {devices} devices", took / devices, 1.0, "limit", "s/device", ("<=", 1.0))


BENCHES = {"steps": bench_steps, "snmp": bench_snmp, "files": bench_files, "fleet": bench_fleet}


def main():
    parser = argparse.ArgumentParser(prog="./dev bench")
    parser.add_argument("name", nargs="?", choices=list(BENCHES))
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    build()
    is_met = True
    for name in [options.name] if options.name else BENCHES:
        for result in BENCHES[name]():
            is_met = is_met and result["met"]
            if options.json:
                print(json.dumps(result), flush=True)
            else:
                print(f"{result['case']:42} {result['ours']:>12} {result['unit']:15} {result['peer_name']} {result['peer']:>12}  "
                      f"ratio {result['ratio']} (goal {result['goal']}) {'met' if result['met'] else 'MISSED'}", flush=True)
    return 0 if is_met else 1


sys.exit(main())
