"""A part of loopback that belongs to one test world: a /24 of 127/8, claimed by a socket."""
import errno
import itertools
import os
import socket

CLAIM_PORT = 40999  # bound at .254 of the net for as long as the world lives


class Net:
    """`net.host(11)` is an address that no other world on this machine uses."""

    def __init__(self):
        for number in itertools.islice(itertools.count(os.getpid() * 7), 40000):
            prefix = f"127.{16 + number // 250 % 200}.{1 + number % 250}"
            claim = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            try:
                claim.bind((f"{prefix}.254", CLAIM_PORT))
            except OSError as error:
                claim.close()
                if error.errno != errno.EADDRINUSE:
                    raise
                continue
            self.prefix, self._claim = prefix, claim
            return
        raise RuntimeError("no free loopback network")

    def host(self, number):
        return f"{self.prefix}.{number}"

    def close(self):
        self._claim.close()
