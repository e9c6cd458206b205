"""The same as goserver by Python's http.server: threads.py PORT FOLDER. A thread a connection."""
import http.server
import os
import socketserver
import sys

WORDS = os.path.join(sys.argv[2], "words.txt")


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def read_body(self):
        if self.headers.get("Transfer-Encoding") != "chunked":
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            return
        while True:
            size = int(self.rfile.readline().split(b";")[0], 16)
            if size == 0:
                break
            self.rfile.read(size + 2)
        while self.rfile.readline().strip():
            pass

    def begin(self, status, field, value):
        self.send_response(status)
        self.send_header(field, value)
        self.end_headers()

    def text(self, status, text):
        self.begin(status, "Content-Length", str(len(text)))
        if self.command == "HEAD":
            return 0
        self.wfile.write(text)
        return len(text)

    def by_sendfile(self):
        size = os.path.getsize(WORDS)
        self.begin(200, "Content-Length", str(size))
        if self.command == "HEAD":
            return 0
        with open(WORDS, "rb") as file:
            self.connection.sendfile(file)
        return size

    def in_chunks(self):
        with open(WORDS, "rb") as file:
            text = file.read()
        old = self.request_version == "HTTP/1.0"
        self.begin(200, "Connection" if old else "Transfer-Encoding", "close" if old else "chunked")
        if self.command == "HEAD":
            return 0
        for at in range(0, len(text), 10000):
            piece = text[at:at + 10000]
            self.wfile.write(piece if old else b"%x\r\n%s\r\n" % (len(piece), piece))
        if not old:
            self.wfile.write(b"0\r\n\r\n")
        return len(text)

    def answer(self):
        place = self.path.replace("?", "/").split("/")[1]
        if place == "t":
            size = self.text(200, b"A small text.\n")
        elif place == "big":
            size = self.by_sendfile()
        elif place == "c":
            size = self.in_chunks()
        elif place == "e":
            self.read_body()
            size = self.text(200, b"thanks\n")
        else:
            size = self.text(404, b"no such thing\n")
        self.wfile.flush()
        status = 404 if place == "no" else 200
        line = f"log\t{self.client_address[0]}:{self.client_address[1]}\t{self.requestline}\t{status}\t{size}\n"
        os.write(1, line.encode())

    do_GET = do_HEAD = do_POST = answer

    def log_message(self, *_):
        pass


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    request_queue_size = 512

    def handle_error(self, *_):
        pass


Server(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
