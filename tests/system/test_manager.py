"""The manager as a process: what it refuses in one sentence, its child, its end, and who may speak to it."""
import json
import os
import signal
import socket
import urllib.error
import urllib.request

import pytest
from process import BUILD, Process, run, until


def one_sentence(done, *words):
    """The program ended by itself with 1 or 2 and one line that says what to do."""
    lines = [line for line in done.error.splitlines() if line.startswith(("drydockd:", "drydock "))]
    assert done.code in (1, 2), done
    assert len(lines) == 1, done
    for word in words:
        assert word in lines[0], done


def drydockd(world, *words, data=None):
    manager = world.manager
    return run([BUILD / "drydockd", "--data", data or manager.data, "--advertise", manager.host, *words], seconds=20)


def test_second_manager_on_the_same_folder(world):
    one_sentence(drydockd(world), "another drydockd", str(world.manager.data))
    assert world.manager.do("files", "status", "--json").last["is_up"]


def test_folder_that_is_none(world, tmp_path):
    one_sentence(drydockd(world, data=tmp_path / "nothing"), "drydock init")
    (tmp_path / "other").mkdir()
    one_sentence(drydockd(world, data=tmp_path / "other"), "drydock init")
    assert os.listdir(tmp_path / "other") == []


@pytest.mark.parametrize("option, kind", [("--listen", socket.SOCK_STREAM), ("--trap", socket.SOCK_DGRAM)])
def test_port_in_use(world, tmp_path, option, kind):
    host = world.net.host(70)
    with socket.socket(socket.AF_INET, kind) as taken:
        taken.bind((host, 7777))
        if kind == socket.SOCK_STREAM:
            taken.listen()
        data = fresh_data(tmp_path)
        options = {"--listen": f"{host}:7001", "--tftp": f"{host}:7002", "--ftp": f"{host}:7003", "--trap": f"{host}:7004",
                   option: f"{host}:7777"}
        done = drydockd(world, *[word for pair in options.items() for word in pair], data=data)
        one_sentence(done, f"{host}:7777")


@pytest.mark.parametrize("option, kind", [("--tftp", socket.SOCK_DGRAM), ("--ftp", socket.SOCK_STREAM)])
def test_port_of_the_file_service_in_use(world, tmp_path, option, kind):
    host = world.net.host(70)
    with socket.socket(socket.AF_INET, kind) as taken:
        taken.bind((host, 7777))
        if kind == socket.SOCK_STREAM:
            taken.listen()
        options = {"--tftp": f"{host}:7002", "--ftp": f"{host}:7003", "--trap": f"{host}:7004", option: f"{host}:7777"}
        done = drydockd(world, *[word for pair in options.items() for word in pair], data=fresh_data(tmp_path))
        assert done.code == 1, done
        assert f"{host}:7777" in done.error and "file service can't start" in done.error.splitlines()[-1], done


def fresh_data(tmp_path):
    assert run([BUILD / "drydock", "init", tmp_path / "fresh"]).code == 0
    return tmp_path / "fresh"


def test_file_service_is_started_again(world):
    first = world.manager.file_service()
    os.kill(first, signal.SIGKILL)
    until(lambda: world.manager.file_service() not in (None, first), "another one runs")
    world.manager.until_ready()


def test_clean_stop_ends_the_child(world):
    manager = world.manager
    child = manager.file_service()
    manager.process.popen.terminate()
    assert manager.process.wait(5) == 0
    until(lambda: not os.path.exists(f"/proc/{child}"), "the file service has ended, too")
    assert not (manager.data / "drydock.sock").exists()
    gone = manager.run("device", "list")
    assert gone.code == 1 and "drydockd --data" in gone.ran.error
    manager.start()  # and it starts again on the same folder
    manager.stop()


def test_nothing_in_the_folder_is_for_others(world):
    world.device("d1")
    for path in world.manager.data.rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, path


def ask(world, path, token=None, method="GET", body=None):
    request = urllib.request.Request(f"http://{world.manager.api}/api/v1/{path}", method=method, data=body)
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, json.loads(answer.read() or "null")
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read() or "null")


def test_tcp_wants_the_token(world):
    token = (world.manager.data / "token").read_text().strip()
    assert ask(world, "devices")[0] == 401
    assert ask(world, "devices", "x" * len(token))[0] == 401
    assert ask(world, "devices", token)[0] == 200
    assert ask(world, "credentials", method="POST", body=b'{"name":"x","community":"y"}')[0] == 401
    assert ask(world, "credentials", token)[1]["credentials"] == [{"name": "lab", "kind": "v2c"}]
    tcp = run([BUILD / "drydock", "device", "list", "--json", "--server", f"http://{world.manager.api}"],
              environment={"DRYDOCK_TOKEN": token})
    assert tcp.code == 0, tcp
    wrong = run([BUILD / "drydock", "device", "list", "--server", f"http://{world.manager.api}"],
                environment={"DRYDOCK_TOKEN": "wrong"})
    assert wrong.code == 1 and "token" in wrong.error, wrong


def test_secrets_stay_inside(world):
    """After a whole upgrade by FTP no answer and no log has a community, a password of FTP, or one of the configuration."""
    device = world.device("d1")
    ended = world.upgrade("d1", world.image(), protocol="ftp")
    assert ended.code == 0, ended
    token = (world.manager.data / "token").read_text().strip()
    job = ended.job
    paths = ["credentials", "devices", "devices/d1", "images", "jobs", f"jobs/{job}", f"jobs/{job}/events", "decisions",
             "snapshots?device=d1", "profiles", "health"]
    snapshots = ask(world, "snapshots?device=d1", token)[1]["snapshots"]
    paths += [f"snapshots/{s['id']}{more}" for s in snapshots for more in ("", "/items")]
    said = "".join(json.dumps(ask(world, path, token)[1]) for path in paths) + world.manager.process.text()
    values = [line.split("=", 1)[1].strip() for line in device.config_file.read_text().splitlines() if line.startswith("password")]
    secrets = [value for value in values if len(value) > 4]
    assert len(secrets) > 2
    for secret in [*secrets, token, "change-it"]:
        assert secret not in said, secret


def test_manager_that_is_told_to_stop_while_somebody_waits(world):
    world.device("d1", faults=["hang=backup"])
    started = world.manager.run("backup", "d1", "--json")
    watch = Process("watch", [BUILD / "drydock", "job", "watch", started.job], world.directory / "watch.log",
                    world.manager.environment).start()
    until(lambda: "backup" in watch.text(), "the watcher shows the step")
    world.manager.stop()
    until(lambda: "Waiting for it" in watch.text(), "the watcher says that the manager has gone")
    world.manager.start()
    assert world.manager.run("job", "show", started.job, "--json").last["state"] == "running"
    watch.stop()
