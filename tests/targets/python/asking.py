"""A server of one loop that asks another server for each request: asking.py PORT.

It waits for the answer by poll on that one connection, as every client library with a timeout does. The other
server is a process of its own, which answers a byte after two milliseconds.
"""

import os
import selectors
import socket
import sys
import time

DELAY_S = 0.002
TIMEOUT_S = 5


def serve_other(listener):
    connection, _ = listener.accept()
    while connection.recv(1):
        time.sleep(DELAY_S)
        connection.sendall(b"!")


def start_other():
    listener = socket.create_server(("127.0.0.1", 0))
    between = os.fork()
    if between == 0:  # so that the other server is none of this one's processes
        if os.fork() == 0:
            serve_other(listener)
        os._exit(0)
    os.waitpid(between, 0)
    other = socket.create_connection(listener.getsockname(), timeout=TIMEOUT_S)
    other.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    listener.close()
    return other


def answer(connection, other):
    head = connection.recv(4096)
    if not head:
        return False
    other.sendall(b"?")
    other.recv(1)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
    return True


def main():
    other = start_other()
    ready = selectors.DefaultSelector()
    listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=128)
    ready.register(listener, selectors.EVENT_READ)
    print("ready", flush=True)
    while True:
        for key, _ in ready.select():
            if key.fileobj is listener:
                connection, _ = listener.accept()
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                ready.register(connection, selectors.EVENT_READ)
            elif not answer(key.fileobj, other):
                ready.unregister(key.fileobj)
                key.fileobj.close()


main()
