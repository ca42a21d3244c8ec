"""What the checked Weir receives: usual metrics, mistakes, and text that attacks whoever shows it."""

import socket

from programs import push_client

HOSTILE = [
    "<img src=x onerror=window.owned=1>",
    '"><script>window.owned=1</script>',
    "a\u202eb\u200bc\u0007d\u2066e",
    "javascript:window.owned=1",
    "'-window.owned=1-'",
    "</pre></script><b>&amp;",
    "${window.owned=1}",
    "{{constructor.constructor('window.owned=1')()}}",
    "x" * 3_000,
    "\u0627\u0644\u0639\u0631\u0628\u064a\u0629 \u4e2d\u6587 \U0001f642",
]
PROVIDERS = ["openai", "anthropic", "google"]
USERS = 300


class Sender:
    """Sends datagrams of text."""

    def __init__(self, address):
        host, port = address.rsplit(":", 1)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.connect((host, int(port)))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, *lines):
        text = "\n".join(lines)
        self.socket.send(text.encode("utf-8", "surrogateescape"))

    def usual(self, times=1):
        for number in range(times):
            for provider in PROVIDERS:
                self.send(
                    f"llm_requests_total:{1 + number % 3}|c|#provider:{provider},status:ok",
                    f"llm_request_duration_seconds:{0.05 + 0.1 * (number % 40)}|h|#provider:{provider},model:large",
                    f"process_memory_bytes:{1e6 + number}|g|#instance:{provider}",
                )
            self.send(f"user_actions_total:1|c|#user_id:u{number % USERS},action:open")

    def mistakes(self):
        self.send("queue.wait:0,5|ms|#shop:de")
        self.send("orders.paid:1|q|#shop:de")
        self.send("llm_requests_total:3|g")
        self.send("\udcff\udcfe:1|c")

    def hostile(self):
        """In each place that a sender fills and the page shows: a name, a label's name, its value, a refused line."""
        for text in HOSTILE:
            tag = text.replace(",", "").replace("|", "").replace("\n", "")
            self.send(f"hostile_total:1|c|#label:{tag}")
            self.send(f"hostile_labels_total:1|c|#{tag.replace(':', '')[:200]}:value")
            name = tag.replace(":", "").replace("#", "")
            self.send(f"{name[:900]}:1|c")
            self.send(f"{name}:1|q|#{tag}")


def push(address):
    """An instance that has pushed one counter, and has ended."""
    client = push_client(address)
    client.counter("pushed_total").inc(3)
    client.close()
