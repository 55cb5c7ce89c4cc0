"""The file service against clients that we did not write: curl, tftp-hpa, lftp."""
import hashlib
import os
import socket
import struct

import pytest
from link import FTP, READ, TFTP, WRITE, HandLink
from process import BUILD, Process, run, until

CLIENT = "127.0.0.1"  # where a plain client on loopback comes from


@pytest.fixture
def filed(world):
    link = world.keep(HandLink(world.directory / "link.sock"))
    host = world.net.host(1)
    words = [BUILD / "drydock-filed", "--link", f"unix:{world.directory}/link.sock", "--root", world.directory / "files",
             "--tftp", f"{host}:6969", "--ftp", f"{host}:6921"]
    link.process = world.keep(Process("filed", words, world.directory / "filed.log")).start()
    link.host, link.directory = host, world.directory
    link.tftp_url, link.ftp_url = f"tftp://{host}:6969", f"ftp://{host}:6921"
    link.until_up()
    return link


def sizes():
    """Around a TFTP block, none, one byte, and past 65,535 blocks of 512 bytes."""
    return [0, 1, 511, 512, 513, 1427, 1428, 1429, 100000]


def login(grant):
    return f"{grant['user']}:{grant['password']}"


def get(filed, grant, protocol, *options):
    if protocol == "tftp":
        return run(["curl", "-sS", "--interface", CLIENT, *options, f"{filed.tftp_url}/{grant['name']}",
                    "-o", filed.directory / "got"])
    return run(["curl", "-sS", "--interface", CLIENT, *options, "-u", login(grant), f"{filed.ftp_url}/{grant['name']}",
                "-o", filed.directory / "got"])


def put(filed, grant, protocol, content, *options):
    source = filed.directory / "source"
    source.write_bytes(content)
    url = filed.tftp_url if protocol == "tftp" else filed.ftp_url
    more = [] if protocol == "tftp" else ["-u", login(grant)]
    return run(["curl", "-sS", "--interface", CLIENT, *options, *more, "-T", source, f"{url}/{grant['name']}"])


@pytest.mark.parametrize("size", sizes())
@pytest.mark.parametrize("protocol", ["tftp", "ftp"])
def test_curl_downloads(filed, protocol, size):
    content = os.urandom(size)
    grant = filed.grant(CLIENT, READ, content=content)
    # curl 7.88 fails with "getpeername() failed" on an empty file with options, from any server
    done = get(filed, grant, protocol, *(["--tftp-no-options"] if size == 0 else []))
    assert done.code == 0, done
    assert size == 0 or (filed.directory / "got").read_bytes() == content
    entry = filed.complete(grant)
    assert entry["content"] == hashlib.sha256(content).digest()
    assert entry["protocol"] == {"tftp": TFTP, "ftp": FTP}[protocol]


@pytest.mark.parametrize("size", sizes())
@pytest.mark.parametrize("protocol", ["tftp", "ftp"])
def test_curl_uploads(filed, protocol, size):
    content = os.urandom(size)
    grant = filed.grant(CLIENT, WRITE)
    done = put(filed, grant, protocol, content)
    assert done.code == 0, done
    assert filed.complete(grant)["content"] == hashlib.sha256(content).digest()
    if size:
        assert filed.uploaded(grant) == content


def test_tftp_rolls_over_past_65535_blocks(filed):
    content = os.urandom(512 * 65600 + 7)
    grant = filed.grant(CLIENT, READ, content=content)
    done = get(filed, grant, "tftp", "--tftp-no-options")
    assert done.code == 0, done
    assert (filed.directory / "got").read_bytes() == content
    assert filed.complete(grant)["content"] == hashlib.sha256(content).digest()


@pytest.mark.parametrize("options", [["--tftp-no-options"], ["--tftp-blksize", "1428"], ["--tftp-blksize", "8192"]])
def test_tftp_options(filed, options):
    content = os.urandom(50000)
    grant = filed.grant(CLIENT, READ, content=content)
    assert get(filed, grant, "tftp", *options).code == 0
    assert (filed.directory / "got").read_bytes() == content
    upload = filed.grant(CLIENT, WRITE)
    assert put(filed, upload, "tftp", content, *options).code == 0
    assert filed.uploaded(upload) == content


@pytest.mark.parametrize("options", [["--ftp-pasv"], ["--disable-epsv"], ["-P", "-"], ["-P", "-", "--disable-eprt"]],
                         ids=["epsv", "pasv", "eprt", "port"])
def test_ftp_ways_to_connect(filed, options):
    content = os.urandom(50000)
    grant = filed.grant(CLIENT, READ, content=content)
    done = get(filed, grant, "ftp", *options)
    assert done.code == 0, done
    assert (filed.directory / "got").read_bytes() == content
    upload = filed.grant(CLIENT, WRITE)
    assert put(filed, upload, "ftp", content, *options).code == 0
    assert filed.uploaded(upload) == content


def test_tftp_hpa(filed):
    content = os.urandom(70000)
    grant, upload = filed.grant(CLIENT, READ, content=content), filed.grant(CLIENT, WRITE)
    (filed.directory / "mine").write_bytes(content)
    for words in (["get", grant["name"], filed.directory / "hpa"], ["put", filed.directory / "mine", upload["name"]]):
        done = run(["tftp", "-m", "octet", filed.host, "6969", "-c", *words])
        assert done.code == 0, done
    assert (filed.directory / "hpa").read_bytes() == content
    assert filed.uploaded(upload) == content


def test_lftp(filed):
    content = os.urandom(70000)
    grant, upload = filed.grant(CLIENT, READ, content=content), filed.grant(CLIENT, WRITE)
    (filed.directory / "mine").write_bytes(content)
    for permission, command in ((grant, f"get {grant['name']} -o {filed.directory}/lftp"),
                                (upload, f"put {filed.directory}/mine -o {upload['name']}")):
        done = run(["lftp", "-u", f"{permission['user']},{permission['password']}", "-e",
                    f"set net:max-retries 1; set ftp:ssl-allow no; {command}; quit", filed.ftp_url])
        assert done.code == 0, done
    assert (filed.directory / "lftp").read_bytes() == content
    assert filed.uploaded(upload) == content


def answers(filed, packet, seconds=1.0):
    """What the TFTP port sends back to one datagram, or None."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(seconds)
        sock.sendto(packet, (filed.host, 6969))
        try:
            return sock.recv(2000)
        except socket.timeout:
            return None


def request(code, name):
    return struct.pack("!H", code) + name.encode() + b"\0octet\0"


def test_tftp_is_silent_without_a_grant(filed):
    other = filed.grant("127.0.0.2", READ, content=b"x" * 100)  # for another address
    upload = filed.grant(CLIENT, WRITE)  # for the other direction
    ftp_only = filed.grant(CLIENT, READ, content=b"y" * 100, protocols=1 << FTP)
    for name in ("guess", "../../etc/passwd", "", other["name"], upload["name"], ftp_only["name"]):
        assert answers(filed, request(1, name), 0.4) is None, name
    for junk in (b"", b"\0", b"\0\1", b"\0\x09abc", b"\xff" * 600):
        assert answers(filed, junk, 0.2) is None
    assert answers(filed, request(1, filed.grant(CLIENT, READ, content=b"z" * 10)["name"])) is not None


def test_ftp_tells_a_stranger_one_plain_error(filed):
    for word in ("nobody:guess", "anonymous:x@y"):
        done = run(["curl", "-sS", "-u", word, f"{filed.ftp_url}/guess"])
        assert done.code == 67, done  # login denied
    grant, other = filed.grant(CLIENT, READ, content=b"mine"), filed.grant(CLIENT, READ, content=b"other")
    done = run(["curl", "-sS", "-u", login(grant), f"{filed.ftp_url}/{other['name']}"])
    assert done.code != 0 and "other" not in done.out


def test_grant_is_for_its_time_and_its_size(filed):
    late = filed.grant(CLIENT, READ, content=b"late" * 10, seconds=1)
    until(lambda: answers(filed, request(1, late["name"]), 0.2) is None, "the grant has ended", 10)
    small = filed.grant(CLIENT, WRITE, size_max=1000)
    assert put(filed, small, "ftp", b"x" * 5000).code != 0
    assert filed.entries(small, "complete") == []


def test_broken_upload_is_never_content(filed):
    grant = filed.grant(CLIENT, WRITE)
    with socket.create_connection((filed.host, 6921), 5) as control, control.makefile("rw", newline="\r\n") as lines:
        def say(line):
            lines.write(line + "\n")  # becomes CR LF
            lines.flush()
            return lines.readline()
        lines.readline()
        say(f"USER {grant['user']}")
        assert say(f"PASS {grant['password']}").startswith("230")
        say("TYPE I")
        numbers = say("PASV").split("(")[1].split(")")[0].split(",")
        data = socket.create_connection((filed.host, int(numbers[4]) * 256 + int(numbers[5])), 5)
        assert say(f"STOR {grant['name']}").startswith("150")
        data.sendall(b"half of it")
        data.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # a reset, not an end
        data.close()
        assert not lines.readline().startswith("226")
    until(lambda: filed.entries(grant, "broken"), "the ledger says broken")
    assert filed.entries(grant, "complete") == []


def test_killed_between_upload_and_acknowledgement_it_tells_again(filed):
    grant = filed.grant(CLIENT, WRITE)
    assert put(filed, grant, "tftp", b"precious" * 1000).code == 0
    filed.complete(grant)
    filed.process.kill()
    filed.tftp = filed.ftp = 0
    filed.process.start()
    filed.until_up()
    assert filed.uploaded(grant) == b"precious" * 1000


def test_port_in_use_and_bad_words_are_one_sentence(filed, world):
    second = run([BUILD / "drydock-filed", "--link", f"unix:{world.directory}/other.sock", "--root", world.directory / "two",
                  "--tftp", f"{filed.host}:6969"], seconds=10)
    assert second.code == 1 and "6969" in second.error, second
    same_root = run([BUILD / "drydock-filed", "--link", f"unix:{world.directory}/other.sock", "--root",
                     world.directory / "files"], seconds=10)
    assert same_root.code == 1 and same_root.error.count("\n") == 1 and "runs on" in same_root.error, same_root
    assert run([BUILD / "drydock-filed", "--tftp", "nonsense"]).code == 2
