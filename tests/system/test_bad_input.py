"""Malformed packets, requests, files and commands: one clear error, nothing changed, and the process lives on."""
import json
import os
import random
import shutil
import socket
import subprocess

import pytest
from manager import Manager
from peers import dd
from process import BUILD, run
from world import OLD


def one_sentence(ran, code, *words):
    assert ran.code == code, ran
    assert 1 <= ran.error.strip().count("\n") + 1 <= 3, ran
    for word in words:
        assert word in ran.error, ran


def http(manager, method, path, body=None, *options):
    """curl on the manager's socket: (status, text)."""
    words = ["curl", "-sS", "--max-time", "10", "--unix-socket", manager.data / "drydock.sock", "-X", method, "-w", "\n%{http_code}",
             *options, f"http://localhost{path}"]
    if body is not None:
        words += ["-H", "Content-Type: application/json", "--data-binary", body]
    ran = run(words)
    text, _, status = ran.out.rpartition("\n")
    return int(status), text


def test_second_manager_on_the_same_folder(world):
    world.device("d1")
    words = [*world.manager.words]
    words[words.index("--listen") + 1] = f"{world.net.host(2)}:8080"
    one_sentence(run(words, seconds=10), 1, str(world.manager.data))
    assert world.manager.do("device", "list", "--json").documents


def test_port_in_use(world):
    world.device("d1")
    (world.directory / "other").mkdir()
    other = Manager(world.directory / "other", world.net)
    one_sentence(run(other.words, seconds=10), 1, "in use", world.manager.host)


def test_missing_folder(world):
    one_sentence(run([BUILD / "drydockd", "--data", world.directory / "nowhere", "--tftp", f"{world.net.host(1)}:6969"], seconds=10),
                 1, "nowhere")
    assert run([BUILD / "drydockd"]).code == 2
    assert run([BUILD / "drydockd", "--data", world.directory, "--tftp", "nonsense"]).code == 2
    assert run([BUILD / "drydockd", "--unknown"]).code == 2


def test_command_line_without_a_manager(world):
    one_sentence(run([BUILD / "drydock", "job", "list", "--data", world.directory]), 1)
    assert run([BUILD / "drydock", "flap"]).code == 2
    assert run([BUILD / "drydock", "upgrade"]).code == 2
    assert run([BUILD / "drydock", "upgrade", "d1", "--image", "1", "--on-failure", "hope", "--data", world.directory]).code == 2


ORDERS = {
    "empty": b"", "cut": b"{", "null": b"null", "list": b"[]", "nothing": b"{}", "number": b'{"goal":1}', "no-device": b'{"goal":"upgrade"}',
    "image-is-text": b'{"goal":"upgrade","device":"d1","image":"x"}',
    "doubled-key": b'{"goal":"upgrade","device":"d1","image":1,"image":2}',
    "unknown-device": b'{"goal":"upgrade","device":"nobody","image":1}',
    "unknown-key": b'{"goal":"upgrade","device":"d1","image":1,"wish":1}',
    "not-utf8": b"\xff\xfe", "deep": b"[" * 5000, "large": b'{"a":"' + b"x" * 2000000 + b'"}',
}


@pytest.mark.parametrize("body", list(ORDERS.values()), ids=list(ORDERS))
def test_api_refuses_malformed_orders(world, body):
    world.device("d1")
    (world.directory / "body").write_bytes(body)
    status, text = http(world.manager, "POST", "/api/v1/jobs", f"@{world.directory}/body")
    assert 400 <= status < 500, (status, text)
    assert json.loads(text)["error"]
    assert world.manager.do("job", "list", "--json").documents == []


def test_api_refuses_unknown_paths_and_methods(world):
    world.device("d1")
    assert http(world.manager, "GET", "/api/v1/nothing")[0] == 404
    assert http(world.manager, "GET", "/")[0] == 404
    assert http(world.manager, "DELETE", "/api/v1/jobs")[0] == 405
    assert http(world.manager, "GET", "/api/v1/jobs/1x")[0] in (400, 404)
    assert http(world.manager, "GET", "/api/v1/jobs/99999999999999999999")[0] in (400, 404)
    assert http(world.manager, "GET", "/api/v1/../../etc/passwd", None, "--path-as-is")[0] == 404
    assert http(world.manager, "GET", "/api/v1/devices")[0] == 200


def test_tcp_needs_the_token(world):
    world.device("d1")
    url = f"http://{world.manager.api}/api/v1/devices"
    token = (world.manager.data / "token").read_text().strip()

    def ask(*headers):
        words = [word for header in headers for word in ("-H", header)]
        return run(["curl", "-s", "-o", world.directory / "answer", "-w", "%{http_code}", *words, url]).out
    assert ask() == "401"
    assert ask("Authorization: Bearer wrong") == "401"
    assert ask(f"Authorization: Bearer {token[:-1]}") == "401"
    assert ask(f"Authorization: Bearer {token}") == "200"
    assert (world.manager.data / "token").stat().st_mode & 0o077 == 0


def junk(seed, count):
    chance = random.Random(seed)
    for _ in range(count):
        yield bytes(chance.randrange(256) for _ in range(chance.randrange(1, 300)))


def test_junk_to_every_port(world):
    """Datagrams and streams without sense; everything still works afterwards."""
    device = world.device("d1")
    manager = world.manager
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        for address in (manager.traps, manager.tftp, device.address):
            host, port = address.split(":")
            for packet in junk(7, 300):
                sock.sendto(packet, (host, int(port)))
            sock.sendto(b"", (host, int(port)))
    for address in (manager.ftp, manager.api):
        host, port = address.split(":")
        for packet in junk(8, 10):
            with socket.create_connection((host, int(port)), 5) as stream:
                stream.sendall(packet + b"\r\n" + b"A" * 70000)
    ended = world.upgrade("d1", world.image())
    assert (ended.code, ended.state) == (0, "done"), ended


def test_malformed_profile_is_named_and_the_rest_works(world):
    world.profile("broken", slots="seven")
    device = world.device("d1")
    log = world.manager.process.text()
    assert "broken.yaml" in log and "line" in log or "broken.yaml:" in log, log
    assert world.manager.do("device", "probe", "d1").code == 0
    checked = run([BUILD / "drydock", "profile", "check", world.manager.data / "profiles/broken.yaml"])
    assert checked.code == 1 and "broken.yaml:" in checked.error + checked.out, checked
    assert device.status()["version"] == OLD


def test_malformed_agent_input(world):
    image = world.image_file(OLD, 1)
    bad = world.directory / "bad.conf"
    for text in ("", "nonsense", "# drydock-iad configuration\n[system]\nformat = 9\n", "# drydock-iad configuration\n[user.1\n"):
        bad.write_text(text)
        one_sentence(run([BUILD / "drydock-agent", "init", world.directory / "d", "--image", image, "--config", bad]), 1)
        assert not (world.directory / "d").exists() or not any((world.directory / "d").iterdir())
    assert run([BUILD / "drydock-agent", "status", world.directory / "none", "--json"]).code == 1
    assert run([BUILD / "drydock-agent", "run", world.directory / "none"]).code == 2
    damaged = world.directory / "damaged.img"
    damaged.write_bytes(image.read_bytes()[:200])
    bad.write_text("x")
    one_sentence(run([BUILD / "drydock-agent", "init", world.directory / "e", "--image", damaged, "--config", bad]), 1)


def test_malformed_image_is_not_stored(world):
    world.device("d1")
    junk_file = world.directory / "junk.img"
    junk_file.write_bytes(os.urandom(5000))
    one_sentence(world.manager.run("image", "add", junk_file, "--version", "2.0.0", "--profile", "drydock-agent").ran, 1)
    one_sentence(world.manager.run("image", "add", world.directory / "absent", "--version", "2", "--profile", "drydock-agent").ran, 1)
    assert world.manager.do("image", "list", "--json").documents == []


def test_set_of_a_stranger_changes_nothing(world):
    device = world.device("d1")
    before = device.status()
    refused = device.snmp.ask("snmpset", dd("1.3.1.0"), "u", 5, dd("1.3.2.0"), "i", 5, seconds=1, tries=1, community="public")
    assert refused.code != 0 and device.status() == before


@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("mount"), reason="a small disk is mounted as root")
def test_full_disk(world):
    """The manager says so in one sentence and ends, or refuses; with room again everything is there."""
    world.device("d1")
    small = world.directory / "small"
    small.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=600k", "tmpfs", str(small)], check=False).returncode:
        pytest.skip("no tmpfs can be mounted here")
    try:
        manager = Manager(small, world.net, number=3)
        world.keep(manager.process)
        manager.start()
        (world.directory / "large.img").write_bytes(world.image_file("2.0.0", 2, size=3000000).read_bytes())
        refused = manager.run("image", "add", world.directory / "large.img", "--version", "2.0.0", "--profile", "drydock-agent")
        assert refused.code == 1 and ("space" in refused.ran.error or "full" in refused.ran.error), refused
        assert manager.process.is_alive() and manager.run("image", "list", "--json").code == 0
        manager.process.stop()
    finally:
        subprocess.run(["umount", "-l", str(small)], check=False)
