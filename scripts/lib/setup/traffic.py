"""What the first user's gateway sends: some instances, all eleven metrics, as StatsD text over UDP."""

import random
import socket

MODELS = [
    ("openai", "gpt-4o"), ("openai", "gpt-4o-mini"), ("anthropic", "sonnet"), ("google", "gemini"),
]
DATAGRAM_BYTES_MAX = 1432


class Fleet:
    """Instances of a gateway, which are well or in a bad phase.

    In the bad phase 15 % of the requests fail, `anthropic` takes 8 s and more, the last instance takes
    1.5 GiB, and 20 requests a second are over the limit. The last instance ends with the phase, and another
    one starts.
    """

    def __init__(self, address, instances=3, requests_per_second=60, seed=1):
        host, _, port = address.rpartition(":")
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.connect((host, int(port)))
        self.chance = random.Random(seed)
        self.requests_per_second = requests_per_second
        self.names = [f"gateway-{n + 1}" for n in range(instances)]
        self.seconds, self.is_bad, self.owed, self.hits_owed = 0.0, False, 0.0, 0.0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def begin_bad_phase(self):
        self.is_bad = True

    def end_bad_phase(self):
        self.is_bad = False
        self.names[-1] = f"gateway-{int(self.names[-1].rpartition('-')[2]) + 1}"

    def run(self, seconds):
        """Sends what the time since the last call has brought."""
        self.seconds += seconds
        self.owed += seconds * self.requests_per_second
        self.hits_owed += seconds * (20 if self.is_bad else 2)
        lines = []
        while self.owed >= 1:
            self.owed -= 1
            lines += self.request()
        hits, self.hits_owed = int(self.hits_owed), self.hits_owed % 1
        lines.append(f"rate_limit_hits_total:{hits}|c|#endpoint:/v1/chat/completions")
        for name in self.names:
            lines += self.instance(name, seconds)
        self.send(lines)

    def request(self):
        provider, model = self.chance.choice(MODELS)
        labels = f"#provider:{provider},model:{model}"
        status = "error" if self.chance.random() < (0.15 if self.is_bad else 0.005) else "ok"
        slow = 8 if self.is_bad and provider == "anthropic" else 0
        yield f"llm_requests_total:1|c|{labels},status:{status}"
        duration = slow + self.chance.lognormvariate(-0.5, 0.6)
        yield f"llm_request_duration_seconds:{duration:.3f}|h|{labels}"
        yield f"llm_tokens_total:{self.chance.randrange(20, 2000)}|c|{labels},type:prompt"
        yield f"llm_tokens_total:{self.chance.randrange(1, 800)}|c|{labels},type:completion"

    def instance(self, name, seconds):
        resident = 1_610_612_736 if self.is_bad and name == self.names[-1] else 300_000_000
        label = f"#instance:{name}"
        yield f"process_resident_memory_bytes:{resident}|g|{label}"
        yield f"process_heap_bytes:{resident // 2}|g|{label}"
        yield f"process_cpu_user_seconds_total:{0.2 * seconds:.4f}|c|{label}"
        yield f"process_cpu_system_seconds_total:{0.05 * seconds:.4f}|c|{label}"
        yield f"process_uptime_seconds:{self.seconds:.1f}|g|{label}"
        yield f"nodejs_eventloop_lag_seconds:{self.chance.uniform(0.001, 0.01):.4f}|g|{label}"
        yield f"nodejs_version_info:1|g|{label},version:v22.11.0"

    def send(self, lines):
        datagram = ""
        for line in lines:
            if len(datagram) + 1 + len(line) > DATAGRAM_BYTES_MAX:
                self.socket.send(datagram.encode())
                datagram = ""
            datagram = f"{datagram}\n{line}" if datagram else line
        self.socket.send(datagram.encode())
