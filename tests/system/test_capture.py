"""What is on the wire during an upgrade, decoded by tshark with DRYDOCK-MIB."""
import socket

import pytest
from peers import Capture

COMMANDS = ("backup", "fetch", "restore")


def first_requests(capture, protocol, manager):
    """The device's requests to the file service, in order: (time, file name)."""
    if protocol == "tftp":
        packets = capture.packets("tftp.opcode == 1 || tftp.opcode == 2", ["udp.port==6969,tftp"])
        return [(p.at, p.first.get("tftp.source_file") or p.first.get("tftp.destination_file")) for p in packets]
    packets = capture.packets('ftp.request.command == "RETR" || ftp.request.command == "STOR"', ["tcp.port==6921,ftp"])
    return [(p.at, p.first["ftp.request.arg"]) for p in packets]


@pytest.mark.parametrize("protocol", ["tftp", "ftp"])
@pytest.mark.proves("R5", "R11", "R15")
def test_commands_on_the_wire(world, protocol, evidence):
    world.device("d1")
    image = world.image(files=2)
    capture = world.keep(Capture(world.directory, world.net))
    ended = world.upgrade("d1", image, protocol=protocol)
    assert ended.code == 0, ended
    capture.stop()

    sets = [packet for packet in capture.packets("snmp.data == 3", ["udp.port==1161,snmp"]) if packet.mib]
    requests = first_requests(capture, protocol, world.manager)
    assert requests
    for operation in COMMANDS:
        command = next(packet for packet in sets if packet.mib["ddCommandOperation"].startswith(operation))
        assert bytes.fromhex(command.mib["ddCommandServer"]) == socket.inet_aton(world.manager.host)
        assert command.mib["ddCommandServerPort"] == {"tftp": "6969", "ftp": "6921"}[protocol]
        assert command.mib["ddCommandProtocol"].startswith(protocol)
        names = command.mib["ddCommandFiles"].strip('"').split(",")
        assert len(names) == (2 if operation == "fetch" else 1)
        asked = {name: at for at, name in reversed(requests)}
        for name in names:
            assert command.at < asked[name], f"{name} was asked for before the command"
        evidence(f"tshark, {protocol}: {operation} carries server, port, protocol and", ",".join(names))
    tickets = [packet.mib["ddCommandTicket"] for packet in sets]
    assert len(tickets) == len(set(tickets)), "a command was sent twice"
