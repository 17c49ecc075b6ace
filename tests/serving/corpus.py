"""Requests, good and bad: what gunicorn takes, and what it refuses."""

from __future__ import annotations

PATH = "/echo"


def request(line: str, *fields: str, body: str = "") -> bytes:
    """Return a request of these lines; `Host` is added."""
    lines = [line, "Host: mock", *fields, "", body]
    return "\r\n".join(lines).encode("latin-1")


def get(*fields: str, target: str = PATH) -> bytes:
    return request(f"GET {target} HTTP/1.1", *fields)


def post(*fields: str, body: str = "") -> bytes:
    return request(f"POST {PATH} HTTP/1.1", *fields, body=body)


ORDINARY = {
    "get": get(),
    "head": request(f"HEAD {PATH} HTTP/1.1"),
    "put": request(f"PUT {PATH} HTTP/1.1", "Content-Length: 2", body="{}"),
    "delete": request(f"DELETE {PATH} HTTP/1.1"),
    "options": request(f"OPTIONS {PATH} HTTP/1.1"),
    "patch": request(f"PATCH {PATH} HTTP/1.1", "Content-Length: 1", body="a"),
    "no-host": b"GET /echo HTTP/1.1\r\n\r\n",
    "empty-host": b"GET /echo HTTP/1.1\r\nHost:\r\n\r\n",
    "body": post("Content-Length: 5", body="hello"),
    "body-of-a-get": request("GET /echo HTTP/1.1", "Content-Length: 3", body="abc"),
    "empty-body": post("Content-Length: 0"),
    "zeros": post("Content-Length: 0005", body="hello"),
    "no-length": post(),
    "body-that-looks-like-a-request": post("Content-Length: 18", body="GET / HTTP/1.1\r\n\r\n"),
    "query": get(target="/echo?a=1&b=%20&c"),
    "empty-query": get(target="/echo?"),
    "question-marks": get(target="/echo?a=?b?c"),
    "percent": get(target="/echo/%C3%A4%2F%25%zz%0"),
    "strange-path": get(target='/echo/;p=1/.././/[x]{y}|^`\\"<>'),
    "path-of-colons": get(target="/a:b@c:80/x"),
    "slash": get(target="/"),
    "colon-in-value": get("X-Url: http://a:80/"),
    "spaces-around-value": get("X-A: \t  a b\t "),
    "no-space": get("X-A:a"),
    "empty-value": get("X-A:", "X-B: "),
    "tab-in-value": get("X-A: a\tb"),
    "latin-1": get("X-A: \xe4\xff\x80"),
    "strange-name": get("!#$%&'*+-.^`|~09aZ: x"),
    "twice": get("X-A: 1", "x-a: 2", "X-A:"),
    "cookies": get("Cookie: a=1", "Cookie: b=2"),
    "keep-alive": get("Connection: Keep-Alive"),
    "close": get("Connection: close"),
    "te": get("TE: trailers"),
    "content-type": post("Content-Type: application/json", "Content-Length: 2", body="{}"),
    "https": get("X-Forwarded-Proto: https"),
    "http": get("X-Forwarded-Proto: http"),
    "longest-line": get(target="/".ljust(4094 - len("GET  HTTP/1.1"), "x")),
    "most-fields": get(*["X-A: 1"] * 99),
    "proxy": get("Proxy: http://evil"),
}
"""What is answered without gunicorn's parser."""

ODD = {
    "http-1.0": request("GET /echo HTTP/1.0"),
    "http-1.0-keep-alive": request("GET /echo HTTP/1.0", "Connection: keep-alive"),
    "absolute": get(target="http://mock/echo?a"),
    "two-slashes": get(target="//echo//x"),
    "fragment": get(target="/echo#part"),
    "asterisk": request("OPTIONS * HTTP/1.1"),
    "connect": request("CONNECT mock:80 HTTP/1.1"),
    "strange-method": request("MKCALENDAR /echo HTTP/1.1"),
    "strange-token": request("A-B.C /echo HTTP/1.1"),
    "empty-line-first": b"\r\n" + get(),
    "chunked": post("Transfer-Encoding: chunked", body="5\r\nhello\r\n0\r\n\r\n"),
    "chunked-in-capitals": post("Transfer-Encoding: Chunked", body="0\r\n\r\n"),
    "chunks-extended": post("Transfer-Encoding: chunked", body='1;a="b"\r\nx\r\n0\r\n\r\n'),
    "trailer": post("Transfer-Encoding: chunked", body="1\r\nx\r\n0\r\nX-T: 1\r\n\r\n"),
    "identity-and-chunked": post("Transfer-Encoding: identity, chunked", body="0\r\n\r\n"),
    "expect": post("Expect: 100-continue", "Content-Length: 2", body="{}"),
    "upgrade": get("Connection: Upgrade", "Upgrade: websocket"),
    "upgrade-to-h2c": get("Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c"),
    "two-connections": get("Connection: close", "Connection: keep-alive"),
    "list-of-connections": get("Connection: close, x"),
    "proxies-agree": get("X-Forwarded-Proto: https", "X-Forwarded-Ssl: on"),
    "https-twice": get("X-Forwarded-Proto: https", "X-Forwarded-Proto: https"),
    "script-name": get("SCRIPT_NAME: /echo", target="/echo/x"),
    "underscore": post("Transfer_Encoding: chunked", body="0\r\n\r\n"),
    "long-head": get(*["X-A: ".ljust(4000, "a")] * 3),
}
"""Good, and left to gunicorn."""

TWO = post("Content-Length: 5", body="hello")
PIPELINED = {
    "two": get() + get(target="/echo?second"),
    "bodies": TWO + TWO + get("Connection: close"),
    "empty-line-between": TWO + b"\r\n" + get(),
    "after-close": get("Connection: close") + get(),
    "after-chunks": ODD["chunked"] + TWO,
    "bad-second": TWO + b"GET / HTTP/9.9\r\n\r\n",
    "much": get() * 50,
    "surplus": post("Content-Length: 2", body="hello"),
}

BAD = {
    "line": b"hello\r\n\r\n",
    "lower-case": request("get /echo HTTP/1.1"),
    "long-method": request(f"{'A' * 21} /echo HTTP/1.1"),
    "short-method": request("GE /echo HTTP/1.1"),
    "method-of-colons": request("GE:T /echo HTTP/1.1"),
    "no-target": request("GET  HTTP/1.1"),
    "authority": get(target="mock:80"),
    "asterisk": get(target="*"),
    "space-in-target": get(target="/a b"),
    "two-spaces": request("GET  /echo HTTP/1.1"),
    "tab": request("GET\t/echo HTTP/1.1"),
    "space-first": b" " + get(),
    "two-empty-lines-first": b"\r\n\r\n" + get(),
    "latin-1-target": get(target="/\xe4"),
    "nul-target": get(target="/\x00"),
    "delete-target": get(target="/\x7f"),
    "version-9.9": request("GET /echo HTTP/9.9"),
    "version-2.0": request("GET /echo HTTP/2.0"),
    "version-1.10": request("GET /echo HTTP/1.10"),
    "version-1": request("GET /echo HTTP/1"),
    "version-lower-case": request("GET /echo http/1.1"),
    "no-version": request("GET /echo"),
    "space-after-version": request("GET /echo HTTP/1.1 "),
    "preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "long-line": get(target="/".ljust(4095 - len("GET  HTTP/1.1"), "x")),
    "many-fields": get(*["X-A: 1"] * 100),
    "long-field": get("X-A: ".ljust(8189, "x")),
    "no-colon": get("X-A"),
    "no-name": get(": a"),
    "space-before-colon": get("X-A : a"),
    "tab-before-colon": get("X-A\t: a"),
    "space-in-name": get("X A: a"),
    "bracket-in-name": get("X(A): a"),
    "latin-1-name": get("X\xe4: a"),
    "nul-name": get("X\x00A: a"),
    "nul-value": get("X-A: a\x00b"),
    "delete-value": get("X-A: a\x7fb"),
    "escape-value": get("X-A: \x1b[0m"),
    "folded": get("X-A: a", " b"),
    "folded-with-a-tab": get("X-A: a", "\tb"),
    "folded-first": b"GET /echo HTTP/1.1\r\n Host: mock\r\n\r\n",
    "bare-lf": b"GET /echo HTTP/1.1\nHost: mock\n\n",
    "bare-lf-in-head": b"GET /echo HTTP/1.1\r\nHost: mock\nX-A: 1\r\n\r\n",
    "bare-lf-at-end": b"GET /echo HTTP/1.1\r\nHost: mock\r\n\nX-A: 1\r\n\r\n",
    "bare-cr": get("X-A: a\rX-B: b"),
    "bare-cr-at-end": get("X-A: a\r"),
    "two-hosts": get("Host: other"),
    "two-content-types": post("Content-Type: a/b", "Content-Type: a/b"),
    "two-schemes": get("X-Forwarded-Proto: https", "X-Forwarded-Ssl: off"),
    "expectation": post("Expect: much", "Content-Length: 0"),
    "length-of-letters": post("Content-Length: some"),
    "empty-length": post("Content-Length:"),
    "length-plus": post("Content-Length: +5", body="hello"),
    "length-minus": post("Content-Length: -5", body="hello"),
    "length-underscored": post("Content-Length: 5_0", body="hello" * 10),
    "length-hexadecimal": post("Content-Length: 0x5", body="hello"),
    "length-of-a-superscript": post("Content-Length: \xb2", body="he"),
    "length-list": post("Content-Length: 5, 5", body="hello"),
    "length-and-space": post("Content-Length: 5 5", body="hello"),
    "two-lengths": post("Content-Length: 5", "Content-Length: 5", body="hello"),
    "two-other-lengths": post("Content-Length: 5", "Content-Length: 6", body="hello!"),
    "length-and-chunked": post("Content-Length: 5", "Transfer-Encoding: chunked", body="0\r\n\r\n"),
    "chunked-and-length": post("Transfer-Encoding: chunked", "Content-Length: 5", body="0\r\n\r\n"),
    "space-before-length": post("Content-Length : 5", body="hello"),
    "space-before-encoding": post("Transfer-Encoding : chunked", body="0\r\n\r\n"),
    "encoding-folded": post("Transfer-Encoding:", " chunked", body="0\r\n\r\n"),
    "encoding-with-a-vertical-tab": post("Transfer-Encoding: \x0bchunked", body="0\r\n\r\n"),
    "encoding-quoted": post('Transfer-Encoding: "chunked"', body="0\r\n\r\n"),
    "encoding-unknown": post("Transfer-Encoding: zip", body="0\r\n\r\n"),
    "encoding-identity": post("Transfer-Encoding: identity", "Content-Length: 5", body="hello"),
    "encoding-empty": post("Transfer-Encoding:", "Content-Length: 5", body="hello"),
    "encoding-twice": post(
        "Transfer-Encoding: chunked", "Transfer-Encoding: chunked", body="0\r\n\r\n"
    ),
    "encoding-before-gzip": post("Transfer-Encoding: chunked, gzip", body="0\r\n\r\n"),
    "encoding-of-http-1.0": request(
        f"POST {PATH} HTTP/1.0", "Transfer-Encoding: chunked", body="0\r\n\r\n"
    ),
    "chunk-size": post("Transfer-Encoding: chunked", body="5_0\r\nhello\r\n0\r\n\r\n"),
    "chunk-size-plus": post("Transfer-Encoding: chunked", body="+5\r\nhello\r\n0\r\n\r\n"),
    "chunk-size-spaced": post("Transfer-Encoding: chunked", body="5 \r\nhello\r\n0\r\n\r\n"),
    "chunk-extension": post("Transfer-Encoding: chunked", body="5;\x01\r\nhello\r\n0\r\n\r\n"),
    "chunk-extension-bare-cr": post(
        "Transfer-Encoding: chunked", body="5;a\r=b\r\nhello\r\n0\r\n\r\n"
    ),
    "chunk-extension-bare-lf": post("Transfer-Encoding: chunked", body="5;\nhello\r\n0\r\n\r\n"),
    "chunk-terminator": post("Transfer-Encoding: chunked", body="5\r\nhelloXX0\r\n\r\n"),
    "chunk-trailer": post("Transfer-Encoding: chunked", body="0\r\nContent-Length: 5\r\n\r\n"),
}
"""What gunicorn refuses, or finds incomplete."""

CUT = {
    "nothing": b"",
    "line": b"GET /echo HT",
    "head": b"GET /echo HTTP/1.1\r\nHost: mo",
    "head-end": b"GET /echo HTTP/1.1\r\nHost: mock\r\n\r",
    "body": post("Content-Length: 50", body="hello"),
    "no-body": post("Content-Length: 50"),
    "chunk": post("Transfer-Encoding: chunked", body="5\r\nhel"),
    "last-chunk": post("Transfer-Encoding: chunked", body="5\r\nhello\r\n"),
    "second": get() + b"GET /echo",
}
"""What a client that goes away has not finished."""
