"""An OpenID Connect provider as a server of its own: discovery, keys, authorize, and a token endpoint that checks PKCE.

`user` is who sits before it and agrees. Faults are switched on by name; `spoil` changes the claims of ID tokens.
"""

import json
import secrets
import threading
import time
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

from joserfc.jwk import RSAKey

from perkhub.kit.clock import now
from tests.accounts.keys import STRANGE, Signing, b64, jwks, signed

CLIENT, SECRET = "perkhub", "s3cret with/odd:characters+"
Answer = tuple[int, dict[str, str], bytes]


class Provider:
    """The provider's side of every sign-in."""

    def __init__(self) -> None:
        self.key = RSAKey.generate_key(2048, parameters={"kid": "key-1"})
        self.user: dict[str, Any] = {"sub": "alice", "email": "alice@example.com", "email_verified": True, "name": "Alice"}
        self.spoil: dict[str, Any] = {}
        self.faults: set[str] = set()
        self.delay = 0.0
        self.codes: dict[str, dict[str, str]] = {}
        self.asked: list[str] = []
        provider = self

        class Door(BaseHTTPRequestHandler):
            timeout: ClassVar[float] = 5

            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                self._answer(provider.get(parts.path, {name: one[0] for name, one in parse_qs(parts.query).items()}))

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                form = {name: one[0] for name, one in parse_qs(body).items()}
                self._answer(provider.token(form, self.headers.get("Authorization", "")))

            def _answer(self, answer: Answer) -> None:
                status, headers, body = answer
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def get(self, path: str, query: dict[str, str]) -> Answer:
        self.asked.append(path)
        time.sleep(self.delay)
        if "down" in self.faults or f"down {path}" in self.faults:
            return 500, {}, b"oh"
        pages = {"/.well-known/openid-configuration": self._configuration, "/keys": self._keys}
        if path in pages:
            return 200, {"Content-Type": "application/json"}, json.dumps(pages[path]()).encode()
        return self._authorize(query) if path == "/authorize" else (404, {}, b"")

    def token(self, form: dict[str, str], authorization: str) -> Answer:
        """Trade a code, once, for whoever proves to be the client, and to have begun it."""
        self.asked.append("/token")
        time.sleep(self.delay)
        if faulty := {"token 500": (500, b"oh"), "token nonsense": (200, b"<html>"), "token list": (200, b"[]")}.get(
            next(iter(self.faults), "")
        ):
            return faulty[0], {"Content-Type": "application/json"}, faulty[1]
        begun = self.codes.pop(form.get("code", ""), None)
        challenge = urlsafe_b64encode(sha256(form.get("code_verifier", "").encode()).digest()).decode().rstrip("=")
        if begun is None or begun["code_challenge"] != challenge or begun["redirect_uri"] != form.get("redirect_uri"):
            return 400, {"Content-Type": "application/json"}, b'{"error": "invalid_grant"}'
        if not self._is_client(authorization):
            return 401, {"Content-Type": "application/json"}, b'{"error": "invalid_client"}'
        told = {"access_token": "at", "token_type": "Bearer", "expires_in": 60, "id_token": self._id_token(begun["nonce"])}
        if "no id token" in self.faults:
            del told["id_token"]
        return 200, {"Content-Type": "application/json"}, json.dumps(told).encode()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _is_client(self, authorization: str) -> bool:
        client, _, secret = b64decode(authorization.removeprefix("Basic ") or "Og==").decode().partition(":")
        return (unquote(client), unquote(secret)) in ((CLIENT, SECRET), (CLIENT, SECRET.replace(" ", "+")))

    def _configuration(self) -> dict[str, Any]:
        issuer = "https://evil.example.com" if "another issuer" in self.faults else self.issuer
        inside = "http://10.0.0.1/token" if "inside" in self.faults else f"{self.issuer}/token"
        return {
            "issuer": issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": inside,
            "jwks_uri": f"{self.issuer}/keys",
            "token_endpoint_auth_methods_supported": ["private_key_jwt", "client_secret_basic"],
        }

    def _keys(self) -> dict[str, Any]:
        return jwks(self.key)

    def _authorize(self, query: dict[str, str]) -> Answer:
        back = {"state": query["state"]}
        if "says no" in self.faults:
            back["error"] = "access_denied"
        else:
            assert (query["client_id"], query["response_type"], query["code_challenge_method"]) == (CLIENT, "code", "S256")
            assert {"openid"} <= set(query["scope"].split())
            back["code"] = secrets.token_urlsafe(16)
            self.codes[back["code"]] = query
        return 302, {"Location": f"{query['redirect_uri']}?{urlencode(back)}"}, b""

    def _id_token(self, nonce: str) -> str:
        at = int(now().timestamp())
        good = {"iss": self.issuer, "aud": CLIENT, "iat": at, "exp": at + 300, "nonce": nonce, **self.user}
        claims = {name: value for name, value in (good | self.spoil).items() if value is not None}
        if "unsigned" in self.faults:
            return f"{b64({'alg': 'none'})}.{b64(claims)}."
        if "forged" in self.faults:
            return signed(claims, Signing(STRANGE, "RS256"), kid=str(self.key.kid))
        return signed(claims, Signing(self.key, "RS256"))


@contextmanager
def oidc_provider() -> Iterator[Provider]:
    """Started, and stopped at the end."""
    running = Provider()
    try:
        yield running
    finally:
        running.close()
