"""The same as goserver as a WSGI application, its folder in the environment. Its server writes the log."""
import os

WORDS = os.path.join(os.environ.get("FOLDER", "."), "words.txt")


def in_chunks(text):
    for at in range(0, len(text), 10000):
        yield text[at:at + 10000]


def of_words(environ, start_response, place):
    fields = [("Content-Type", "text/plain")]
    file = open(WORDS, "rb")
    if place == "c":
        start_response("200 OK", fields)
        return in_chunks(file.read())
    start_response("200 OK", fields + [("Content-Length", str(os.path.getsize(WORDS)))])
    return environ["wsgi.file_wrapper"](file)


def application(environ, start_response):
    environ["wsgi.input"].read()
    place = environ["PATH_INFO"].split("/")[1]
    head = environ["REQUEST_METHOD"] == "HEAD"
    if place in ("big", "c") and not head:
        return of_words(environ, start_response, place)
    text = {"t": b"A small text.\n", "e": b"thanks\n", "big": b"", "c": b""}.get(place, b"no such thing\n")
    start_response("404 Not Found" if place == "no" else "200 OK", [("Content-Length", str(len(text)))])
    return [b"" if head else text]
