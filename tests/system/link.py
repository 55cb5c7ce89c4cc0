"""The manager's end of the link to drydock-filed, by hand: grants out, ledger in (src/wire/link.h)."""
import hashlib
import os
import socket
import struct
import threading
import time

from process import until

HELLO, GRANT, REVOKE, GRANTS_END, GRANTED, LEDGER, LEDGER_ACK, ASK, CONTENT, NONE, STATUS = range(1, 12)
READ, WRITE = 0, 1
TFTP, FTP = 1, 2
KINDS = ("opened", "progress", "complete", "broken", "refused")
CHUNK = 65536

# type, id, grant, version, family, port, ip, direction, protocols, kind, protocol, size, offset, content, wall, duration,
# retransmits, tftp, ftp
HEAD = struct.Struct("!BQQI BH16s BBBB QQ 32s qqI HH")
FIELDS = ("type id grant version family port ip direction protocols kind protocol size offset content wall duration "
          "retransmits tftp ftp").split()


def encode(**fields):
    fields = {**{name: 0 for name in FIELDS}, "ip": b"", "content": bytes(32), **fields}
    body = HEAD.pack(*(fields[name] for name in FIELDS))
    for name in ("name", "user", "password", "text"):
        word = fields.get(name, "").encode()
        body += struct.pack("!H", len(word)) + word
    data = fields.get("bytes", b"")
    body += struct.pack("!I", len(data)) + data
    return struct.pack("!I", len(body)) + body


def decode(body):
    fields = dict(zip(FIELDS, HEAD.unpack_from(body)))
    at = HEAD.size
    for name in ("name", "user", "password", "text"):
        size = struct.unpack_from("!H", body, at)[0]
        fields[name] = body[at + 2:at + 2 + size].decode(errors="replace")
        at += 2 + size
    fields["bytes"] = body[at + 4:]
    return fields


class HandLink:
    """Listens where drydock-filed connects; `ledger` has every entry, `content` what was uploaded."""

    def __init__(self, path):
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(path))
        self.listener.listen()
        self.listener.settimeout(0.1)
        self.ledger, self.content, self.granted, self.offers = [], {}, set(), {}
        self.tftp = self.ftp = 0
        self.peer, self.is_open, self.next_id, self.lock = None, True, 1, threading.Lock()
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def stop(self):
        self.is_open = False
        self.thread.join()
        self.listener.close()

    def _serve(self):
        while self.is_open:
            try:
                peer, _ = self.listener.accept()
            except socket.timeout:
                continue
            peer.settimeout(0.1)
            with peer:
                self.peer = peer
                self.send(type=HELLO, version=1, text="tests")
                self.send(type=GRANTS_END)
                self._read(peer)
                self.peer = None

    def _read(self, peer):
        data = b""
        while self.is_open:
            try:
                more = peer.recv(1 << 20)
            except socket.timeout:
                continue
            except OSError:
                return
            if not more:
                return
            data += more
            while len(data) >= 4 and len(data) >= 4 + struct.unpack_from("!I", data)[0]:
                size = struct.unpack_from("!I", data)[0]
                self._take(decode(data[4:4 + size]))
                data = data[4 + size:]

    def _take(self, message):
        kind = message["type"]
        if kind == STATUS:
            self.tftp, self.ftp = message["tftp"], message["ftp"]
        elif kind == GRANTED:
            self.granted.add(message["id"])
        elif kind == ASK:
            whole = self.offers[message["content"]]
            for at in range(0, len(whole) or 1, CHUNK):
                self.send(type=CONTENT, content=message["content"], offset=at, size=len(whole), bytes=whole[at:at + CHUNK])
        elif kind == CONTENT:
            self.content[message["content"]] = self.content.get(message["content"], b"") + message["bytes"]
        elif kind == LEDGER:
            message["kind_name"] = KINDS[message["kind"]]
            self.ledger.append(message)
            self.send(type=LEDGER_ACK, id=message["id"])

    def send(self, **fields):
        with self.lock:
            self.peer.settimeout(10)
            self.peer.sendall(encode(**fields))
            self.peer.settimeout(0.1)

    # ---- what tests do ----

    def until_up(self):
        until(lambda: self.tftp and self.ftp, "the file service is on the link and listens")

    def grant(self, host, direction, name=None, content=b"", size_max=1 << 20, seconds=60, protocols=1 << TFTP | 1 << FTP):
        """Open a grant and wait until the file service has it; its fields."""
        number, self.next_id = self.next_id, self.next_id + 1
        digest = hashlib.sha256(content).digest() if direction == READ else bytes(32)
        self.offers[digest] = content
        fields = {"type": GRANT, "id": number, "family": 1, "ip": socket.inet_aton(host), "direction": direction,
                  "protocols": protocols, "size": len(content) if direction == READ else size_max, "content": digest,
                  "wall": int((time.time() + seconds) * 1000), "name": name or f"t-{os.urandom(6).hex()}",
                  "user": f"u{number}", "password": os.urandom(8).hex()}
        self.send(**fields)
        until(lambda: number in self.granted, "the grant is open")
        return fields

    def entries(self, grant, kind):
        return [entry for entry in list(self.ledger) if entry["grant"] == grant["id"] and entry["kind_name"] == kind]

    def complete(self, grant):
        return until(lambda: self.entries(grant, "complete"), "the ledger has the whole transfer")[0]

    def uploaded(self, grant):
        """The bytes that arrived under a grant, fetched over the link by their hash."""
        digest = self.complete(grant)["content"]
        if digest not in self.content:
            self.send(type=ASK, content=digest)
        size = self.complete(grant)["offset"] or self.complete(grant)["size"]
        return until(lambda: len(self.content.get(digest, b"")) >= size and self.content.get(digest), "the content came")
