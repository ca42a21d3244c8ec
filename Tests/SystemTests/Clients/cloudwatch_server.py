"""CloudWatch, STS and the two metadata services, as strict as their documentation, in one process.

cloudwatch_server.py [--key=K --secret=S [--token=T]] [ACTION ...]

Each request that pushes gets the next action, the last one for good: a status (`200`, `503`), a status with a code of
AWS (`400:Throttling`), `hang` (no answer, and it is counted), `reset` (the connection ends, and it is counted).
A request that a real service would refuse is refused and reported, whatever the action.

Standard output has a line of JSON for each thing that happens; the first one is {"url": ...}.
"""

import gzip
import hashlib
import hmac
import json
import math
import re
import sys
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

options = dict(a[2:].split("=", 1) for a in sys.argv[1:] if a.startswith("--"))
actions = [a for a in sys.argv[1:] if not a.startswith("--")] or ["200"]
lock = threading.Lock()
keys = {options.get("key", "AKTEST"): (options.get("secret", "test-secret"), options.get("token"))}
minted = 0


def say(**fields):
    with lock:
        print(json.dumps(fields), flush=True)


def next_action():
    with lock:
        return actions.pop(0) if len(actions) > 1 else actions[0]


def mint(prefix, seconds):
    """New temporary credentials, which requests may be signed with."""
    global minted
    with lock:
        minted += 1
        key, secret, token = f"{prefix}{minted}", f"{prefix}-secret/+{minted}", f"{prefix}-token/+=={minted}"
        keys[key] = (secret, token)
    end = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))
    return key, secret, token, end


def signature_fault(method, path, headers, body, region="us-east-1"):
    """What is wrong with a signature of version 4; None if nothing is."""
    found = re.fullmatch(
        r"AWS4-HMAC-SHA256 Credential=([^,]+), ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})",
        headers.get("Authorization", ""))
    if not found:
        return "MissingAuthenticationToken"
    key, *scope = found[1].split("/")
    if key not in keys:
        return "InvalidClientTokenId"
    secret, token = keys[key]
    date = headers.get("X-Amz-Date", "")
    if scope != [date[:8], region, "monitoring", "aws4_request"]:
        return "SignatureDoesNotMatch scope"
    sent = time.strptime(date, "%Y%m%dT%H%M%SZ")
    if abs(time.time() - time.mktime(sent) + time.timezone) > 300:
        return "RequestExpired"
    signed = found[2].split(";")
    if "host" not in signed or any(
            name.lower().startswith("x-amz-") and name.lower() not in signed for name in headers):
        return "IncompleteSignature"
    # Also a header that is switched off must not be signed.
    if any(headers.get(name) is None for name in signed):
        return "SignatureDoesNotMatch absent"
    if headers.get("X-Amz-Security-Token") != token:
        return "InvalidClientTokenId token"
    lines = "".join(f"{name}:{' '.join((headers.get(name) or '').split())}\n" for name in signed)
    canonical = "\n".join(
        [method, path, "", lines, ";".join(signed), hashlib.sha256(body).hexdigest()])
    text = "\n".join(
        ["AWS4-HMAC-SHA256", date, "/".join(scope), hashlib.sha256(canonical.encode()).hexdigest()])
    step = ("AWS4" + secret).encode()
    for part in scope:
        step = hmac.new(step, part.encode(), hashlib.sha256).digest()
    wanted = hmac.new(step, text.encode(), hashlib.sha256).hexdigest()
    return None if hmac.compare_digest(wanted, found[3]) else "SignatureDoesNotMatch"


def members(form, prefix):
    """The members of a list: the texts behind `prefix.member.1`, `.2` and so on, as maps by the rest of their keys."""
    found = {}
    for name, value in form.items():
        match = re.fullmatch(re.escape(prefix) + r"\.member\.(\d+)(?:\.(.+))?", name)
        if match:
            found.setdefault(int(match[1]), {})[match[2] or ""] = value
    if sorted(found) != list(range(1, len(found) + 1)):
        raise ValueError(f"{prefix} is not numbered from 1")
    return [found[index] for index in sorted(found)]


def number(text):
    value = float(text)
    if not math.isfinite(value) or abs(value) > 2.0 ** 360:
        raise ValueError(f"{text} is no value that CloudWatch takes")
    return value


def is_text(text, longest):
    return 0 < len(text) <= longest and text.isascii() and text.isprintable() and text.strip() != ""


UNITS = {"Count", "Seconds", "Milliseconds", "Microseconds", "Bytes", "Percent", "None"}


def metrics_of(body):
    """The metrics of a request as plain data; ValueError if CloudWatch would refuse it."""
    if len(body) > 1_000_000:
        raise ValueError("more than 1 MB")
    form = dict(urllib.parse.parse_qsl(body.decode("ascii"), strict_parsing=True, keep_blank_values=True))
    if form.get("Action") != "PutMetricData" or form.get("Version") != "2010-08-01":
        raise ValueError("another action")
    if not is_text(form["Namespace"], 255) or form["Namespace"].startswith("AWS/"):
        raise ValueError("no namespace")
    data = members({k: v for k, v in form.items() if k.startswith("MetricData.")}, "MetricData")
    if not 1 <= len(data) <= 1_000:
        raise ValueError(f"{len(data)} metrics")
    metrics = []
    for datum in data:
        if not is_text(datum["MetricName"], 255) or datum["Unit"] not in UNITS:
            raise ValueError(f"name or unit of {datum}")
        dimensions = [(d["Name"], d["Value"]) for d in members(datum, "Dimensions")]
        if len(dimensions) > 30 or not all(
                is_text(n, 255) and n[0] != ":" and is_text(v, 1_024) for n, v in dimensions):
            raise ValueError(f"dimensions {dimensions}")
        if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", datum["Timestamp"]):
            raise ValueError("timestamp")
        values = [number(v[""]) for v in members(datum, "Values")]
        counts = [number(v[""]) for v in members(datum, "Counts")]
        if len(values) != len(counts) or len(values) > 150 or any(c <= 0 for c in counts):
            raise ValueError("values and counts")
        if ("Value" in datum) == bool(values):
            raise ValueError("neither a value nor values")
        metric = {"name": datum["MetricName"], "dimensions": dict(dimensions), "unit": datum["Unit"]}
        if values:
            metric |= {"values": values, "counts": counts}
        else:
            metric["value"] = number(datum["Value"])
        metrics.append(metric)
    return form["Namespace"], metrics


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, text, content="text/xml"):
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", content)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def fail(self, status, code):
        # As AWS does: the message of a wrong signature repeats what was signed, with the session token.
        self.answer(status, (
            f"<ErrorResponse><Error><Code>{code}</Code><Message>It is not accepted.\n"
            f"The Canonical String was {self.headers.get('X-Amz-Security-Token')}</Message>"
            "</Error></ErrorResponse>"))

    def do_PUT(self):
        if self.path == "/latest/api/token" and self.headers.get("X-aws-ec2-metadata-token-ttl-seconds"):
            return self.answer(200, "imds-token", "text/plain")
        self.answer(404, "")

    def do_GET(self):
        role = "/latest/meta-data/iam/security-credentials/"
        if self.path.startswith(role) and self.headers.get("X-aws-ec2-metadata-token") != "imds-token":
            return self.answer(401, "")
        if self.path == role:
            return self.answer(200, "weir-role", "text/plain")
        if self.path == role + "weir-role":
            source = "imds"
        elif self.path == "/creds" and self.headers.get("Authorization") == "container-token":
            source = "container"
        else:
            return self.answer(404, "")
        key, secret, token, end = mint(source, float(options.get("lifetime", 3_600)))
        say(credentials=source)
        self.answer(200, json.dumps({
            "Code": "Success", "Nested": {"a": ["}", 1]}, "AccessKeyId": key, "SecretAccessKey": secret,
            "Token": token, "Expiration": end}), "application/json")

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        form = urllib.parse.parse_qs(body.decode("latin-1"))
        if form.get("Action") == ["AssumeRoleWithWebIdentity"]:
            if form.get("WebIdentityToken") != ["a.b.c"]:
                return self.fail(400, "InvalidIdentityToken")
            key, secret, token, end = mint("sts", 3_600)
            say(credentials="sts")
            return self.answer(200, (
                "<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials>"
                f"<AccessKeyId>{key}</AccessKeyId><SecretAccessKey>{secret}</SecretAccessKey>"
                f"<SessionToken>{token}</SessionToken><Expiration>{end}</Expiration>"
                "</Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>"))
        self.push(body)

    def push(self, body):
        fault = signature_fault("POST", self.path, self.headers, body)
        if fault:
            say(fault=fault, headers=sorted(self.headers.keys()))
            return self.fail(403, fault.split()[0])
        packed = self.headers.get("Content-Encoding") == "gzip"
        try:
            plain = gzip.decompress(body) if packed else body
            namespace, metrics = metrics_of(plain)
        except Exception as mistake:
            say(fault=f"ValidationError: {mistake!r}")
            return self.fail(400, "ValidationError")
        action = next_action()
        status, _, code = action.partition(":")
        say(
            action=action, namespace=namespace, metrics=metrics, packed=packed, bytes=len(plain),
            token=self.headers.get("X-Amz-Security-Token") is not None)
        if action == "hang":
            time.sleep(60)
        elif action == "reset":
            self.close_connection = True
            self.connection.shutdown(2)
        elif status == "200":
            self.answer(200, "<PutMetricDataResponse/>")
        else:
            self.fail(int(status), code or "InternalFailure")


server = ThreadingHTTPServer(("127.0.0.1", int(options.get("port", "0"))), Handler)
server.daemon_threads = True
say(url=f"http://127.0.0.1:{server.server_address[1]}")
server.serve_forever()
