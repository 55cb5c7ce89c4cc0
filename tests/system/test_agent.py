"""The device alone, driven by hand with net-snmp's tools against servers that are not ours."""
import hashlib

import pytest
from device import FACTORY, READ
from peers import TrapSink, dd
from process import run, until
from servers import FtpServer, TftpServer
from world import NEW, OLD

PROTOCOLS = ("tftp", "ftp")


@pytest.fixture
def device(world):
    return world.device("d1", is_known=False)


@pytest.fixture(params=PROTOCOLS)
def server(request, world):
    return world.keep({"tftp": TftpServer, "ftp": FtpServer}[request.param](world.net.host(5)))


@pytest.fixture
def tftp(world):
    return world.keep(TftpServer(world.net.host(5)))


def values(text):
    """What an INI text says, without order and comments."""
    section, found = None, {}
    for line in text.splitlines():
        if line.startswith("["):
            section = line
        elif "=" in line and line[0] not in "#;":
            key, _, value = line.partition("=")
            found[section, key.strip()] = value.strip()
    return found


def names_of(walked):
    """Object names of a walk's output, in order; long hex strings have a second line, the end of the MIB a line of its own."""
    lines = (line for line in walked.out.splitlines() if line.startswith(".1") and "No more variables" not in line)
    return [tuple(int(n) for n in line.split()[0].strip(".").split(".")) for line in lines]


def command(device, server, ticket, operation, files, content=None, **options):
    """One SET for a transfer with this server; it must be accepted."""
    login = {"user": server.user, "password": server.password} if server.protocol == "ftp" else {}
    digest = hashlib.sha256(content).hexdigest() if content is not None else None
    done = device.snmp.command(ticket, operation, (server.host, server.port), server.protocol, files, content=digest,
                               size=len(content) if content is not None else None, **login, **options)
    assert done.code == 0, done


def plain(device, ticket, operation, **options):
    done = device.snmp.command(ticket, operation, **options)
    assert done.code == 0, done


def succeeded(device, ticket):
    status = device.snmp.ended(ticket)
    assert status["state"] == "succeeded", status
    return status


def test_system_group_is_read_by_snmpwalk(device):
    walked = device.snmp.ask("snmpwalk", "1.3.6.1.2.1.1", community=READ)
    assert walked.code == 0, walked
    for number in range(1, 8):
        assert f".1.3.6.1.2.1.1.{number}.0 " in walked.out, walked
    assert ".1.3.6.1.4.1.8072.9999.9999.1.9.1" in walked.out


def test_walk_gives_every_object_in_order(device):
    walked = device.snmp.ask("snmpwalk", dd("1"))
    assert walked.code == 0, walked
    names = names_of(walked)
    assert names == sorted(names) and len(set(names)) == len(names), walked.out
    assert len(names) == 12 + 2 * 5 + 12 + 6 + 4
    assert names_of(device.snmp.ask("snmpbulkwalk", dd("1"))) == names


def test_strangers_get_silence(device):
    assert "Timeout" in device.snmp.ask("snmpget", dd("1.1.4.0"), seconds=1, tries=1, community="guess").error
    before = device.status()
    refused = device.snmp.ask("snmpset", dd("1.3.1.0"), "u", 9, dd("1.3.2.0"), "i", 5, seconds=1, tries=1, community=READ)
    assert refused.code != 0
    assert device.status() == before


@pytest.mark.proves("R5", "R6")
def test_backup_by_hand(device, server, evidence):
    command(device, server, 11, "backup", ["d1-config"])
    status = succeeded(device, 11)
    content = server.uploads["d1-config"]
    assert status["bytes"] == len(content)
    assert values(content.decode()) == values(device.config_file.read_text())
    assert server.requests[0]["from"] == device.host
    for word in (b"[user.1]", b"[port.24]", b"[sip]", b"[mgc]", b"[defaults]"):
        assert word in content
    evidence("snmpset made the device send", f"{len(content)} bytes by {server.protocol}")


@pytest.mark.proves("R10", "R11")
def test_update_by_hand(world, device, server, evidence):
    files = {name: world.image_file(NEW, 2).read_bytes() for name in ("one.img", "two.img")}
    server.files.update(files)
    content = b"".join(files.values())
    plain(device, 21, "keep")
    succeeded(device, 21)
    kept = device.status()
    assert [slot["version"] for slot in kept["slots"]] == [OLD, OLD] and kept["flash_count"] == 0
    command(device, server, 22, "fetch", list(files), content)
    succeeded(device, 22)
    fetched = device.status()
    target = 3 - fetched["running_slot"]
    assert fetched["version"] == OLD and fetched["flash_count"] == 1
    assert {s["slot"]: s["version"] for s in fetched["slots"]} == {target: NEW, 3 - target: OLD}
    plain(device, 23, "activate", slot=target)
    succeeded(device, 23)
    plain(device, 24, "reload")
    succeeded(device, 24)
    assert device.snmp.get("1.1.4.0") == NEW
    assert [(r["verb"], r["name"]) for r in server.requests] == [("read", "one.img"), ("read", "two.img")]
    evidence("snmpset named two update files; the device fetched both", server.protocol)


@pytest.mark.proves("R15")
def test_restore_by_hand(device, server, evidence):
    text = device.config_file.read_text().replace("hostname = d1", "hostname = d1-restored")
    server.files["new-config"] = text.encode()
    before = device.categories()
    command(device, server, 31, "restore", ["new-config"], text.encode())
    succeeded(device, 31)
    after = device.categories()
    assert [name for name in before if before[name] != after[name]] == ["default_parameters"]
    command(device, server, 32, "backup", ["d1-again"])
    succeeded(device, 32)
    assert b"d1-restored" in server.uploads["d1-again"]
    evidence("snmpset named a configuration file; the device fetched and loaded it", server.protocol)


def test_old_ticket_is_answered_and_not_done_again(world, device, tftp):
    image = world.image_file(NEW, 2).read_bytes()
    tftp.files["x.img"] = image
    for _ in range(3):
        command(device, tftp, 41, "fetch", ["x.img"], image)
        succeeded(device, 41)
    assert device.status()["flash_count"] == 1
    assert len(tftp.requests) == 1
    device.kill()
    device.start()
    command(device, tftp, 41, "fetch", ["x.img"], image)
    assert device.status()["flash_count"] == 1 and len(tftp.requests) == 1


def test_wrong_set_changes_nothing(device):
    before = device.status()
    assert device.snmp.command(0, "reload").code != 0  # no ticket 0
    assert device.snmp.command(51, "backup").code != 0  # no server
    assert device.snmp.set(dd("1.3.2.0"), "i", 5).code != 0  # no ticket
    assert device.snmp.command(52, "activate", slot=7).code != 0
    assert device.snmp.set(dd("1.3.1.0"), "u", 53, dd("1.3.2.0"), "i", 99).code != 0
    assert device.snmp.set(dd("1.1.4.0"), "s", "9.9.9").code != 0  # read-only
    assert device.status() == before


def test_second_command_while_one_runs_is_refused(world, tftp):
    device = world.device("d1", faults=["late=backup,5000"], is_known=False)
    command(device, tftp, 61, "backup", ["a"])
    refused = device.snmp.command(62, "reload")
    assert refused.code != 0 and "resourceUnavailable" in refused.out + refused.error
    assert device.snmp.status()["ticket"] == 61


def test_corrupt_image_is_noticed_by_its_hash(world, device, tftp):
    image = world.image_file(NEW, 2).read_bytes()
    tftp.files["x.img"] = image[:-1] + bytes([image[-1] ^ 1])
    command(device, tftp, 71, "fetch", ["x.img"], image)
    status = device.snmp.ended(71)
    assert (status["state"], status["reason"]) == ("failed", "hashMismatch")
    assert device.status()["version"] == OLD


def test_server_that_falls_silent_or_refuses(world, device, tftp):
    image = world.image_file(NEW, 2).read_bytes()
    tftp.files["x.img"] = image
    command(device, tftp, 81, "fetch", ["absent.img"], image)
    assert device.snmp.ended(81)["reason"] == "fileRefused"
    tftp.break_after = 5
    command(device, tftp, 82, "fetch", ["x.img"], image)
    assert device.snmp.ended(82, 60)["reason"] == "transferBroken"
    assert device.status()["version"] == OLD


@pytest.mark.parametrize("options, kind", [([], "TRAP2"), (["--inform"], "INFORM")])
def test_notifications_are_understood_by_snmptrapd(world, options, kind, tftp):
    sink = world.keep(TrapSink(world.directory, f"{world.net.host(1)}:1162"))
    device = world.device("d1", is_known=False, traps=sink.address, faults=["fail=backup"], options=options)
    sink.wait(r"1\.3\.6\.1\.6\.3\.1\.1\.5\.1")  # coldStart
    command(device, tftp, 91, "backup", ["a"])
    assert device.snmp.ended(91)["state"] == "failed"
    line = sink.wait(rf"{dd('0.2')}\b".replace(".", r"\."))
    assert kind in line and ".1.4.1.0 = Gauge32: 91" in line


def test_status_needs_no_running_program(device):
    running = device.status()
    device.stop()
    assert device.status() == running
    assert running["version"] == OLD and running["model"] == "IAD-24"
    assert all(category["items"] > 0 for category in running["configuration"]["categories"].values())


def test_update_without_restore_loses_the_configuration(world, device, tftp):
    image = world.image_file(NEW, 2).read_bytes()
    tftp.files["x.img"] = image
    before = device.categories()
    command(device, tftp, 101, "fetch", ["x.img"], image)
    succeeded(device, 101)
    plain(device, 102, "activate", slot=3 - device.status()["running_slot"])
    succeeded(device, 102)
    plain(device, 103, "reload")
    succeeded(device, 103)
    lost = device.categories()
    assert all(lost[name] != before[name] for name in ("user_data", "protocol_parameters"))
    plain(device, 104, "rollback", slot=3 - device.status()["running_slot"])
    succeeded(device, 104)
    assert device.categories() == before and device.status()["version"] == OLD


def test_factory_fault_changes_address_and_community(world, tftp):
    factory = world.net.host(200)
    device = world.device("d1", is_known=False, faults=[f"factory={factory}:1161,{FACTORY}"])
    image = world.image_file(NEW, 2).read_bytes()
    tftp.files["x.img"] = image
    command(device, tftp, 111, "fetch", ["x.img"], image)
    succeeded(device, 111)
    plain(device, 112, "activate", slot=3 - device.status()["running_slot"])
    succeeded(device, 112)
    plain(device, 113, "reload")
    tool = type(device.snmp)(f"{factory}:1161", FACTORY)
    until(lambda: tool.ask("snmpget", dd("1.1.3.0"), seconds=1, tries=1).code == 0, "it answers at the factory address", 15)
    assert tool.get("1.1.3.0") == device.serial


def test_loose_community_file_is_refused(world, device):
    device.stop()
    device.community_file.chmod(0o644)
    done = run(device.process.arguments, seconds=10)
    assert done.code in (1, 2) and "community" in done.error
