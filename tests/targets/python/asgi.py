"""The same as goserver as an ASGI application. Its server writes the log."""

WORDS = b"many words " * 10000


async def read_body(receive):
    more = True
    while more:
        more = (await receive()).get("more_body", False)


async def begin(send, status, fields):
    await send({"type": "http.response.start", "status": status, "headers": fields})


async def text(send, status, body):
    await begin(send, status, [(b"content-length", str(len(body)).encode())])
    await send({"type": "http.response.body", "body": body})


async def in_chunks(send):
    await begin(send, 200, [(b"content-type", b"text/plain")])
    for at in range(0, len(WORDS), 10000):
        await send({"type": "http.response.body", "body": WORDS[at:at + 10000], "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def application(scope, receive, send):
    if scope["type"] != "http":
        return
    await read_body(receive)
    place = scope["path"].split("/")[1]
    if place == "c":
        await in_chunks(send)
    elif place == "big":
        await text(send, 200, WORDS)
    elif place == "t":
        await text(send, 200, b"A small text.\n")
    elif place == "e":
        await text(send, 200, b"thanks\n")
    else:
        await text(send, 404, b"no such thing\n")
