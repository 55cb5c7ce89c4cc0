"""A TFTP and an FTP server of the tests' own, in a thread each: a second opinion on what the device's clients send.

Both serve `files` (name -> bytes), keep what arrives in `uploads`, and note every request in `requests`.
"""
import re
import socket
import struct
import threading
import time

RRQ, WRQ, DATA, ACK, ERROR, OACK = 1, 2, 3, 4, 5, 6


class _Server:
    def __init__(self, address, kind):
        self.files, self.uploads, self.requests = {}, {}, []
        self.socket = socket.socket(socket.AF_INET, kind)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind((address, 0))
        self.host, self.port = self.socket.getsockname()
        self.socket.settimeout(0.05)
        self.is_open, self.thread = True, None

    def _begin(self):
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def note(self, peer, verb, name):
        self.requests.append({"at": time.time(), "from": peer[0], "verb": verb, "name": name})

    def stop(self):
        self.is_open = False
        self.thread.join()  # before the close: another socket may get the same descriptor
        self.socket.close()


class TftpServer(_Server):
    """RFC 1350 with blksize, timeout and tsize (RFC 2347, 2348, 2349). break_after: blocks, then silence."""

    protocol = "tftp"

    def __init__(self, address):
        super().__init__(address, socket.SOCK_DGRAM)
        self.break_after = None
        self.refuses = None  # an error text: every request is refused with it
        self._begin()

    def _serve(self):
        while self.is_open:
            try:
                packet, peer = self.socket.recvfrom(65536)
            except socket.timeout:
                continue
            code = struct.unpack("!H", packet[:2])[0]
            words = packet[2:].split(b"\0")
            if code in (RRQ, WRQ) and len(words) >= 3:
                options = dict(zip((w.decode().lower() for w in words[2:-1:2]), (w.decode() for w in words[3:-1:2])))
                self.note(peer, "read" if code == RRQ else "write", words[0].decode())
                threading.Thread(target=self._session, args=(code, words[0].decode(), options, peer), daemon=True).start()

    def _session(self, code, name, options, peer):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as session:
            session.bind((self.host, 0))
            session.connect(peer)
            session.settimeout(1.0)
            if self.refuses is not None or (code == RRQ and name not in self.files):
                text = (self.refuses or "File not found").encode()
                session.send(struct.pack("!HH", ERROR, 1 if self.refuses is None else 2) + text + b"\0")
                return
            size = int(options.get("blksize", 512))
            taken = {key: options[key] for key in ("blksize", "timeout") if key in options}
            if "tsize" in options:
                taken["tsize"] = str(len(self.files[name])) if code == RRQ else options["tsize"]
            oack = struct.pack("!H", OACK) + b"".join(f"{k}\0{v}\0".encode() for k, v in taken.items()) if taken else None
            try:
                (self._send if code == RRQ else self._receive)(session, name, size, oack)
            except OSError:
                pass

    @staticmethod
    def _exchange(session, packet, wanted):
        """Send until the answer with these first four bytes (or two) comes."""
        for _ in range(5):
            session.send(packet)
            try:
                while True:
                    answer = session.recv(65536)
                    if answer.startswith(wanted):
                        return answer
                    if answer[:2] == struct.pack("!H", ERROR):
                        raise OSError("the peer sent an error")
            except socket.timeout:
                continue
        raise OSError("no answer")

    def _send(self, session, name, size, oack):
        content = self.files[name]
        if oack:
            self._exchange(session, oack, struct.pack("!HH", ACK, 0))
        for number in range(len(content) // size + 1):
            if self.break_after is not None and number >= self.break_after:
                return
            block = (number + 1) & 0xFFFF
            packet = struct.pack("!HH", DATA, block) + content[number * size:(number + 1) * size]
            self._exchange(session, packet, struct.pack("!HH", ACK, block))

    def _receive(self, session, name, size, oack):
        content, number, answer = b"", 0, oack or struct.pack("!HH", ACK, 0)
        while True:
            if self.break_after is not None and number >= self.break_after:
                return
            number += 1
            data = self._exchange(session, answer, struct.pack("!HH", DATA, number & 0xFFFF))[4:]
            content += data
            answer = struct.pack("!HH", ACK, number & 0xFFFF)
            if len(data) < size:
                self.uploads[name] = content
                session.send(answer)
                return


class FtpServer(_Server):
    """The few verbs of RFC 959 and 2428 that a device uses; passive and active."""

    protocol = "ftp"

    def __init__(self, address, user="iad", password="secret"):
        super().__init__(address, socket.SOCK_STREAM)
        self.user, self.password = user, password
        self.socket.listen(16)
        self._begin()

    def _serve(self):
        while self.is_open:
            try:
                connection, peer = self.socket.accept()
            except socket.timeout:
                continue
            connection.settimeout(30)
            threading.Thread(target=self._talk, args=(connection, peer), daemon=True).start()

    def _talk(self, connection, peer):
        state = {"user": None, "is_in": False, "passive": None, "active": None}
        with connection, connection.makefile("rw", newline="\r\n") as lines:
            def say(text):
                lines.write(text + "\n")  # becomes CR LF
                lines.flush()
            try:
                say("220 ready")
                for line in lines:
                    verb, _, argument = line.strip().partition(" ")
                    if not self._answer(verb.upper(), argument, state, peer, say):
                        return
            except OSError:
                return

    def _answer(self, verb, argument, state, peer, say):
        if verb == "USER":
            state["user"] = argument
            say("331 password")
        elif verb == "PASS":
            state["is_in"] = (state["user"], argument) == (self.user, self.password)
            say("230 in" if state["is_in"] else "530 no")
        elif verb == "QUIT":
            say("221 bye")
            return False
        elif not state["is_in"]:
            say("530 log in first")
        elif verb in ("TYPE", "MODE", "STRU", "NOOP", "OPTS"):
            say("200 ok")
        elif verb in ("PASV", "EPSV"):
            listener = socket.create_server((self.host, 0))
            state["passive"] = listener
            port = listener.getsockname()[1]
            hosts = self.host.replace(".", ",")
            say(f"227 at ({hosts},{port >> 8},{port & 255})" if verb == "PASV" else f"229 at (|||{port}|)")
        elif verb in ("PORT", "EPRT"):
            numbers = re.findall(r"\d+", argument)
            port = int(numbers[4]) * 256 + int(numbers[5]) if verb == "PORT" else int(numbers[-1])
            state["active"] = (peer[0], port)
            say("200 ok")
        elif verb == "SIZE" and argument in self.files:
            say(f"213 {len(self.files[argument])}")
        elif verb in ("RETR", "STOR"):
            self._transfer(verb, argument, state, peer, say)
        else:
            say("502 not here")
        return True

    def _transfer(self, verb, name, state, peer, say):
        self.note(peer, "read" if verb == "RETR" else "write", name)
        if verb == "RETR" and name not in self.files:
            say("550 no such file")
            return
        say("150 coming")
        if state["passive"]:
            data, _ = state["passive"].accept()
            state["passive"].close()
        else:
            data = socket.create_connection(state["active"], 5, source_address=(self.host, 0))
        state["passive"] = state["active"] = None
        with data:
            if verb == "RETR":
                data.sendall(self.files[name])
            else:
                pieces = iter(lambda: data.recv(65536), b"")
                self.uploads[name] = b"".join(pieces)
        say("226 done")
