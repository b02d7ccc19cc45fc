"""What both client suites need: a server behind the proxy, and checks that say what they saw."""

import socket
import threading
import time


class Echo:
    """A TCP server on a free port that sends back what it gets."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.address = f"127.0.0.1:{self.port}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            connection, _ = self.listener.accept()
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        with connection:
            try:
                while data := connection.recv(65536):
                    connection.sendall(data)
            except OSError:
                pass


def exchange(address, text=b"hello"):
    """Sends text through the proxy; what comes back and the seconds that it took."""
    host, port = address.rsplit(":", 1)
    start = time.monotonic()
    with socket.create_connection((host, int(port)), timeout=20) as client:
        client.settimeout(20)
        client.sendall(text)
        answer = b""
        while len(answer) < len(text) and (data := client.recv(65536)):
            answer += data
    return answer, time.monotonic() - start


def refused(address):
    """Whether nothing listens there."""
    host, port = address.rsplit(":", 1)
    try:
        socket.create_connection((host, int(port)), timeout=20).close()
        return False
    except ConnectionRefusedError:
        return True


def equal(found, wanted):
    assert found == wanted, f"found {found!r}, wanted {wanted!r}"


def raises(kind, body):
    try:
        body()
    except kind as error:
        return error
    raise AssertionError(f"{kind.__name__} was not raised")
