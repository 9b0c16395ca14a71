"""Is another identity provider: on this machine, over HTTP, with keys of its own that it can change, and a code flow."""

import base64
import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, parse_qsl, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from jwt.algorithms import RSAAlgorithm

_PRIVATE: dict[str, RSAPrivateKey] = {}


def private_key(kid: str) -> RSAPrivateKey:
    """The key of that id; made once in a run."""
    if kid not in _PRIVATE:
        _PRIVATE[kid] = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return _PRIVATE[kid]


def public_jwk(kid: str) -> dict:
    """Its public half, as issuers publish it."""
    return RSAAlgorithm.to_jwk(private_key(kid).public_key(), as_dict=True) | {"kid": kid, "use": "sig", "alg": "RS256"}


class LoopbackIssuer:
    """What it publishes and answers can be changed by the test at any time; ``seen`` lists the paths that were asked for."""

    def __init__(self, origin: str, path: str) -> None:
        self.issuer = origin + path
        self.path = path
        self.kids = ["one"]
        self.seen: list[str] = []
        self.status = 200
        self.resting = threading.Event()  # cleared: nothing is answered until it is set
        self.resting.set()
        self.jwks_override: object = None
        self.metadata_override: dict = {}
        self.client_id, self.client_secret = "overlays-admin", "a-secret-of-the-site"
        self.id_claims: dict = {}
        self.id_header: dict = {}
        self.pending: dict[str, dict[str, str]] = {}
        self.token_requests: list[dict[str, str]] = []

    def sign(self, claims: dict, *, kid: str = "one", algorithm: str = "RS256", key: object = None, **header) -> str:
        """A signed token with exactly these claims beside iss, iat and exp; None leaves one out."""
        now = int(datetime.now(UTC).timestamp())
        good = {"iss": self.issuer, "iat": now, "exp": now + 300}
        kept = {name: value for name, value in (good | claims).items() if value is not None}
        headers = {name: value for name, value in ({"kid": kid, "typ": "JWT"} | header).items() if value is not None}
        return jwt.encode(kept, key if key is not None else private_key(kid), algorithm=algorithm, headers=headers)

    def metadata(self) -> dict:
        """The discovery document."""
        return {
            "issuer": self.issuer,
            "jwks_uri": f"{self.issuer}/jwks",
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
        } | self.metadata_override

    def jwks(self) -> object:
        """The key set."""
        return self.jwks_override or {"keys": [public_jwk(kid) for kid in self.kids]}

    def sign_in(self, address: str, **claims: object) -> dict[str, str]:
        """A person signs in at the authorization address: the parameters with which the browser is sent back."""
        asked = dict(parse_qsl(urlsplit(address).query))
        code = f"code-{len(self.pending)}"
        self.pending[code] = asked
        self.id_claims = claims
        return {"code": code, "state": asked["state"], "iss": self.issuer}

    def token(self, form: dict[str, str], authorization: str) -> tuple[int, dict]:
        """The token endpoint: a confidential client's code, once, with its verifier."""
        self.token_requests.append(form)
        asked = self.pending.pop(form.get("code", ""), None)
        basic = "Basic " + base64.b64encode(f"{self.client_id}:{self.client_secret}".encode()).decode()
        if authorization != basic:
            return 401, {"error": "invalid_client"}
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if asked is None or asked["redirect_uri"] != form["redirect_uri"] or asked["code_challenge"] != challenge:
            return 400, {"error": "invalid_grant"}
        claims = {"aud": self.client_id, "sub": "s-1", "nonce": asked["nonce"]} | self.id_claims
        return 200, {"access_token": "opaque", "token_type": "Bearer", "id_token": self.sign(claims, **self.id_header)}


@contextmanager
def loopback_issuer(path: str = "/realms/hospital") -> Iterator[LoopbackIssuer]:
    """A running issuer."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            issuer.seen.append(self.path)
            issuer.resting.wait(10)
            known = {"/.well-known/openid-configuration": issuer.metadata, "/jwks": issuer.jwks}
            answer = known.get(self.path.removeprefix(issuer.path))
            if answer is None or issuer.status != 200:
                self.reply(404 if answer is None else issuer.status, {})
            else:
                self.reply(200, answer())

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            self.reply(*issuer.token(form, self.headers.get("Authorization", "")))

        def reply(self, status: int, body: object) -> None:
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", issuer.issuer + "/jwks")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            with suppress(BrokenPipeError, ConnectionResetError):  # whoever asked may have gone
                self.wfile.write(data)

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    issuer = LoopbackIssuer(f"http://127.0.0.1:{server.server_port}", path)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield issuer
    server.shutdown()
    thread.join()
    server.server_close()
