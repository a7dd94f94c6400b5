"""Run by scripts/first_page.py in the machine on which the page was followed: does the service do what it is for?

It does what the page says next, sets authentication, with an issuer of its own on the loopback address, and then
works as a caller would: a problem is uploaded, a case is recommended an officer, a worker makes a plan and a roster.
"""

from __future__ import annotations

import csv
import http.server
import json
import re
import subprocess
import threading
import time
import urllib.error
import urllib.request
import uuid
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

SERVICE = "http://127.0.0.1:8040"
ISSUER = "http://127.0.0.1:8041"
SETTINGS = Path("/etc/evenhand/evenhand.env")
EXAMPLES = Path("/opt/evenhand/examples")
PDU = "N03PDU1"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Jwks(http.server.BaseHTTPRequestHandler):
    """Publishes the issuer's key."""

    def do_GET(self) -> None:
        """The key."""
        key = {**json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key())), "kid": "one", "use": "sig"}
        body = json.dumps({"keys": [key]}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Says nothing."""


def token(*roles: str) -> str:
    """A person's token for one PDU."""
    claims: dict[str, Any] = {"sub": "A_MANAGER", "user_name": "A_MANAGER", "iss": ISSUER, "aud": "evenhand"}
    claims |= {"authorities": [f"ROLE_EVENHAND_{role}" for role in roles], "pdus": [PDU]}
    claims["exp"] = int(time.time()) + 600
    return jwt.encode(claims, KEY, algorithm="RS256", headers={"kid": "one"})


def ask(
    method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
) -> tuple[int, Any]:
    """A status and a body."""
    request = urllib.request.Request(SERVICE + path, body, headers or {}, method=method)  # noqa: S310 - our own
    try:
        with urllib.request.urlopen(request, timeout=120) as answer:  # noqa: S310 - the same
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def expect(what: str, found: Any, wanted: Any) -> None:
    """Ends when it is another."""
    if found != wanted:
        raise SystemExit(f"first_page: {what}: {found!r}, expected {wanted!r}")
    print(f"first_page: {what}: {found}", flush=True)


def wait_until_up() -> None:
    """Until the service answers."""
    for _ in range(60):
        try:
            if ask("GET", "/health")[0] == 200:
                return
        except OSError:
            pass
        time.sleep(1)
    raise SystemExit("first_page: the service does not answer")


def upload(kind: str, folder: Path, bearer: str) -> str:
    """The id of the problem in a folder of extracts."""
    edge = uuid.uuid4().hex
    parts = [f'name="pdu"\r\n\r\n{PDU}', f'name="kind"\r\n\r\n{kind}']
    parts += [
        f'name="files"; filename="{path.name}"\r\n\r\n{path.read_text(encoding="utf-8")}'
        for path in sorted(folder.glob("*.csv"))
    ]
    body = (
        "".join(f"--{edge}\r\nContent-Disposition: form-data; {part}\r\n" for part in parts)
        + f"--{edge}--\r\n"
    )
    sent = {"Content-Type": f"multipart/form-data; boundary={edge}", "Authorization": f"Bearer {bearer}"}
    status, kept = ask("POST", "/v1/problems/uploads", body.encode(), sent)
    expect(f"upload of {folder.name}", status, 201)
    return str(kept["id"])


def solved(path: str, question: dict[str, Any], bearer: str) -> None:
    """Asks for a plan and waits for it."""
    sent = {"Content-Type": "application/json", "Authorization": f"Bearer {bearer}"}
    status, job = ask("POST", path, json.dumps(question).encode(), sent)
    expect(path.rpartition("/")[2], status, 202)
    for _ in range(300):
        job = ask("GET", f"/v1/jobs/{job['id']}", None, sent)[1]
        if job["state"] not in {"QUEUED", "RUNNING"}:
            break
        time.sleep(1)
    expect(f"the job of {path.rpartition('/')[2]}", job["state"], "SUCCEEDED")


def main() -> None:
    """All of it."""
    expect("health after the page", ask("GET", "/health")[1]["status"], "UP")
    issuer = http.server.ThreadingHTTPServer(("127.0.0.1", 8041), Jwks)
    threading.Thread(target=issuer.serve_forever, daemon=True).start()
    named = {"JWKS_URL": f"{ISSUER}/jwks", "ISSUER": ISSUER, "AUDIENCE": "evenhand"}
    with SETTINGS.open("a", encoding="utf-8") as settings:
        settings.writelines(f"EVENHAND_{name}={value}\n" for name, value in named.items())
    subprocess.run(["systemctl", "restart", "evenhand-api"], check=True)
    wait_until_up()
    expect("without a token", ask("GET", "/v1/problems")[0], 401)
    allocation, unpaid = token("ALLOCATION"), token("UNPAID_WORK")
    problem = upload("ALLOCATION", EXAMPLES / "pdu", allocation)
    with (EXAMPLES / "pdu" / "cases.csv").open(encoding="utf-8", newline="") as table:
        cases = list(csv.DictReader(table))
    crns = [row["crn"] for row in cases]
    waiting = next(row["crn"] for row in cases if not row["currentStaffCode"])
    sent = {"Content-Type": "application/json", "Authorization": f"Bearer {allocation}"}
    path = f"/v1/problems/{problem}"
    status, found = ask("POST", f"{path}/recommendations", json.dumps({"crn": waiting}).encode(), sent)
    expect("a recommendation", status, 200)
    best = found["options"][0]
    expect("the best officer may take the case", best["eligible"], True)
    solved(f"{path}/rebalances", {"moves": 5, "limits": {"seconds": 5}}, allocation)
    team = upload("UNPAID_WORK", EXAMPLES / "upw", unpaid)
    solved(f"/v1/problems/{team}/rosters", {"limits": {"seconds": 5}}, unpaid)
    for unit in ("evenhand-api", "evenhand-worker"):
        words = ["systemctl", "show", "--property=ActiveState,NRestarts", unit]
        told = subprocess.run(words, capture_output=True, text=True, check=True).stdout.split()
        expect(unit, sorted(told), ["ActiveState=active", "NRestarts=0"])
    words = ["journalctl", "--no-pager", "--unit=evenhand-api", "--unit=evenhand-worker"]
    logged = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    expect("requests logged", '"event": "request"' in logged, True)
    expect("people named in the logs", [crn for crn in crns if re.search(rf"\b{crn}\b", logged)], [])


main()
