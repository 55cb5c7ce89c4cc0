"""Somebody who means harm: on the API, at the doors of the file service, on the link, and a machine that fails."""
import json
import os
import pathlib
import socket
import struct

import pytest
from manager import Manager
from process import BUILD, Process, run, until
from test_bad_input import http, one_sentence

RRQ, WRQ, DATA, ACK, ERROR = 1, 2, 3, 4, 5


def nouns(manager):
    """Everything that requests could change."""
    return [http(manager, "GET", f"/api/v1/{name}")[1] for name in ("devices", "credentials", "images", "jobs", "decisions")]


def waiting_backup(world, protocol="tftp", **options):
    """A device that hangs in its backup, and the job; the grant is open."""
    device = world.device("d1", faults=["hang=backup:0"], **options)
    job = world.manager.do("backup", "d1", "--protocol", protocol, "--limit", "backup=600", "--stall", "backup=500", "--json").job
    until(lambda: world.job(job)["grants"], "the backup's grant is there")
    until(lambda: int(device.snmp.get("1.3.1.0")), "the command has arrived")
    return device, job, world.job(job)["grants"][0]["name"]


def udp(host):
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.bind((host, 0))
    return made


def heard(sock, seconds=0.3):
    """What arrives within this time."""
    sock.settimeout(seconds)
    try:
        return sock.recv(70000)
    except socket.timeout:
        return None


def request(code, name, *options):
    return struct.pack("!H", code) + b"\0".join(word.encode() for word in (name, "octet", *options)) + b"\0"


# ---- the API ----

REQUESTS = [
    ("DELETE", "devices/d1%00x", None, 404),
    ("DELETE", "devices/d1%2Fprobe", None, 405),
    ("POST", "jobs", {"device": "d1", "goal": "upgrade", "image": 0}, 422),
    ("POST", "jobs", {"device": "d1", "goal": "upgrade", "image": -1}, 422),
    ("POST", "jobs", {"device": "d1", "goal": "backup", "limits_ms": {"backup": 10**15}}, 400),
    ("POST", "images", {"profile": "drydock-agent", "files": [{"name": "../x", "sha256": "0" * 64}]}, 400),
    ("POST", "devices", {"name": "n" * 10000, "address": "192.0.2.1", "credential": "lab"}, 400),
    ("POST", "devices", {"name": "a\nb", "address": "192.0.2.1", "credential": "lab"}, 400),
    ("POST", "credentials", {"name": "x", "community": "a\0b"}, 400),
]


def test_requests_that_must_not_pass(world):
    world.device("d1")
    before = nouns(world.manager)
    for method, path, body, status in REQUESTS:
        answered, text = http(world.manager, method, f"/api/v1/{path}", None if body is None else json.dumps(body))
        assert answered == status and json.loads(text)["error"]["message"], (method, path, body, text)
    assert nouns(world.manager) == before


def test_stranger_cannot_hold_the_door(world):
    manager = world.manager
    host, port = manager.api.split(":")
    token = (manager.data / "token").read_text().strip()
    idle = [socket.create_connection((host, int(port)), 5, (world.net.host(99), 0)) for _ in range(600)]
    asked = run(["curl", "-sS", "--max-time", "5", "--interface", world.net.host(98), "-H", f"Authorization: Bearer {token}",
                 f"http://{manager.api}/api/v1/health"])
    for one in idle:
        one.close()
    assert asked.code == 0 and '"ok"' in asked.out, asked


def test_uploads_that_break_off_leave_nothing(world):
    manager = world.manager
    for number in range(20):
        with socket.socket(socket.AF_UNIX) as one:
            one.connect(str(manager.data / "drydock.sock"))
            one.sendall(b"POST /api/v1/blobs HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n" + bytes(1000 * number))
    until(lambda: os.listdir(manager.data / "blobs") == [], "no piece of them is left")


# ---- the command line ----

def test_output_that_is_lost_is_a_failure(world):
    device = world.device("d1")
    manager = world.manager
    assert manager.do("backup", "d1", "--wait", "--json").state == "done"
    for words in ("config export d1", "config export d1 --snapshot 1", "device list --json"):
        lost = run(["sh", "-c", f'"$0" {words} > /dev/full', BUILD / "drydock"], environment=manager.environment)
        one_sentence(lost, 1, "can't be written")
        closed = run(["sh", "-c", f'"$0" {words} >&-', BUILD / "drydock"], environment=manager.environment)
        one_sentence(closed, 1, "can't be written")
    pipe = world.directory / "pipe"
    os.mkfifo(pipe)
    one_sentence(manager.run("config", "export", "d1", "--output", pipe).ran, 1, str(pipe))
    assert pipe.is_fifo(), "what is no plain file is not replaced"
    one_sentence(manager.run("image", "add", pipe, "--profile", "drydock-agent", seconds=5).ran, 1, str(pipe))
    one_sentence(manager.run("credential", "add", "x", "--v2c", stdin="a\0b\n").ran, 2, "community")
    assert device.status()["flash_count"] == 0


# ---- TFTP and FTP ----

def test_tftp_strangers_hear_nothing_and_are_named(world):
    device, job, name = waiting_backup(world)
    server = (world.manager.host, 6969)
    stranger = world.net.host(99)
    with udp(stranger) as sock:
        for packet in (request(WRQ, name), request(RRQ, name), request(RRQ, "../ledger"), request(RRQ, "x" * 4096),
                       request(WRQ, name, *["x", "y"] * 500), b"", b"\0", b"\xff" * 600, struct.pack("!HH", DATA, 1)):
            sock.sendto(packet, server)
        assert heard(sock) is None
    lines = until(lambda: [event["text"] for event in world.job(job)["evidence"] if "refused" in event["text"]], "it is told")
    assert stranger in lines[0] and device.host in lines[0], lines
    assert world.job(job)["state"] == "running"


OPTIONS = [("blksize", "0", b"\0\4\0\0"), ("blksize", "-1", b"\0\4\0\0"), ("blksize", "abc", b"\0\4\0\0"), ("blksize", "9" * 2000, None),
           ("blksize", "99999", b"\0\6blksize\x001468\0"), ("tsize", "4294967296", b"\0\5\0\3")]


def test_tftp_options_out_of_range(world):
    device, job, name = waiting_backup(world)
    for option, value, answer in OPTIONS:
        with udp(device.host) as sock, udp(world.net.host(99)) as other:
            sock.sendto(request(WRQ, name, option, value), (world.manager.host, 6969))
            if answer is None:
                assert heard(sock) is None
                continue
            sock.settimeout(2)
            said, session = sock.recvfrom(70000)
            assert said.startswith(answer), (option, value, said)
            if said[1] != ERROR:
                other.sendto(struct.pack("!HH", DATA, 1) + b"evil", session)  # from another address: not ours
                assert heard(other, 0.1) is None
                sock.sendto(struct.pack("!HH", ERROR, 0) + b"never mind\0", session)
    assert world.job(job)["state"] == "running"
    assert not [entry for entry in world.job(job)["ledger"] if entry["kind"] == "complete"]


def test_ftp_without_the_login(world):
    device, job, name = waiting_backup(world, protocol="ftp")
    with socket.create_connection((world.manager.host, 6921), 5, (device.host, 0)) as sock, sock.makefile("rwb") as lines:
        def say(line):
            lines.write(line + b"\r\n")
            lines.flush()
            return lines.readline()[:3]
        assert lines.readline().startswith(b"220")
        assert say(b"STOR " + name.encode()) == b"530" and say(b"PORT 127,0,0,1,0,22") == b"530"
        assert say(b"a\0b") == b"500" and say(b"\xff\xf4\xff\xf2ABOR") in (b"500", b"530")
        for _ in range(3):
            assert say(b"USER root") == b"331" and say(b"PASS x") == b"530"
        assert lines.readline() == b"", "three wrong logins are enough"
    with socket.create_connection((world.manager.host, 6921), 5, (device.host, 0)) as sock:
        sock.sendall(b"USER " + b"x" * 100000)
        said = b""
        try:
            while more := sock.recv(4096):
                said += more
        except ConnectionResetError:
            pass  # more came than it had read
        assert said in (b"220 Ready\r\n", b"") or b"500 " in said
    assert world.job(job)["state"] == "running"


# ---- the machine ----

def test_garbage_on_the_link(world):
    world.device("d1")
    for piece in (os.urandom(100), b"\xff\xff\xff\xff", struct.pack("!I", 1 << 30), b"\0\0\0\0", b"\0\0"):
        with socket.socket(socket.AF_UNIX) as sock:
            sock.connect(str(world.manager.data / "link.sock"))
            sock.sendall(piece)
    world.manager.until_ready()
    assert world.manager.do("backup", "d1", "--wait", "--json").state == "done"


def test_second_file_service_on_the_same_folder(world):
    world.manager.until_ready()
    again = run([BUILD / "drydock-filed", "--link", "unix:/nowhere", "--root", world.manager.data / "files"], seconds=10)
    one_sentence(again, 1, "another drydock-filed")


@pytest.mark.skipif(os.geteuid() != 0, reason="a small disk can be mounted by root only")
def test_full_disk_ends_the_manager_and_loses_nothing(world):
    disk = world.directory / "disk"
    disk.mkdir()
    assert run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", disk]).code == 0
    try:
        manager = Manager(disk, world.net)
        manager.process = Process("drydockd", manager.words, world.directory / "full.log")
        world.keep(manager)
        manager.start()
        manager.do("credential", "add", "lab", "--v2c", stdin="x\n")
        with open(disk / "fill", "wb", buffering=0) as fill:
            with pytest.raises(OSError):
                while True:
                    fill.write(bytes(4096))
        one_sentence(manager.run("credential", "add", "more", "--v2c", stdin="x\n").ran, 1, "full")
        assert manager.process.wait(10) == 1 and "full" in manager.process.text()
        one_sentence(run([BUILD / "drydock", "init", disk / "other"]), 1, "full")
        (disk / "fill").unlink()
        manager.start()
        assert [row["name"] for row in json.loads(http(manager, "GET", "/api/v1/credentials")[1])["credentials"]] == ["lab"]
        manager.stop()
    finally:
        run(["umount", "-l", disk])


def test_no_secret_in_what_is_told(world):
    device = world.device("d1")
    manager = world.manager
    job = manager.do("backup", "d1", "--protocol", "ftp", "--wait", "--json").job
    told = "".join(manager.do(*words.split()).ran.out for words in (f"job show {job}", f"job show {job} --json", "config show d1",
                                                                    "device show d1", "credential list", "config show d1 --json"))
    told += "".join(text for _, text in world.logs())
    told += "".join(path.read_bytes().decode(errors="replace") for pid in (manager.process.pid, manager.file_service())
                    for path in (pathlib.Path(f"/proc/{pid}/cmdline"), pathlib.Path(f"/proc/{pid}/environ")))
    passwords = [line.split("=", 1)[1].strip() for line in device.config_file.read_text().splitlines() if line.startswith("password")]
    token = (manager.data / "token").read_text().strip()
    for secret in [word for word in passwords if len(word) > 3] + [token, "change-it"]:
        assert secret not in told, secret
