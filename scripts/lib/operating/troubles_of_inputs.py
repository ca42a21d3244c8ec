"""Troubles of docs/troubleshooting.md with connections, mapping rules, pushed groups and the relay."""

import os
import signal
import socket
import time
from pathlib import Path

from operating.trouble import require, send, trouble, until_shown
from programs import Weir, eventually

MAPPING = """\
mappings:
- match: shop.*.cart.*
  name: cart_actions_total
  labels: {zone: $1}
"""


@trouble("Lines over a connection are missing")
def connections(steps):
    tcp = "--statsd.listen-tcp=127.0.0.1:8125"
    accepted = 'weir_stream_connections_total{listener="127.0.0.1:8125"}'
    with Weir(tcp, "--limit.tcp-connections=1") as weir, connect() as one:
        until_shown(weir, accepted, 1)
        with connect():
            until_shown(weir, accepted, 2)
        one.sendall(b"x" * 70_000)
        steps.run()
    with Weir(*steps.flags()) as weir, connect() as one, connect() as other:
        one.sendall(b"hits_total:1|c\n")
        other.sendall(b"hits_total:1|c\n")
        until_shown(weir, "hits_total", 2)


def connect():
    return socket.create_connection(("127.0.0.1", 8125))


@trouble("A mapping rule is not used")
def mapping(steps):
    os.chdir("/var/lib/weir")
    file = Path("mapping.yml").absolute()
    file.write_text(MAPPING)
    successful = "weir_mapping_config_last_reload_successful"
    with Weir(f"--statsd.mapping-config={file}") as weir:
        send("shop.eu.cart:1|c")
        until_shown(weir, "shop_eu_cart", 1)
        steps.run()
        file.write_text(MAPPING.replace("name: cart_actions_total", "nmae: cart_actions_total"))
        weir.process.send_signal(signal.SIGHUP)
        until_shown(weir, successful, 0)
        steps.run()
        steps.run()
        file.write_text(MAPPING.replace(".cart.*", ".cart"))
        weir.process.send_signal(signal.SIGHUP)
        until_shown(weir, successful, 1)
        send("shop.eu.cart:1|c")
        until_shown(weir, 'cart_actions_total{zone="eu"}', 1)


@trouble("A pushed group is refused")
def groups(steps):
    with Weir():
        steps.run()
        steps.run()


@trouble("Relayed lines do not arrive")
def relay(steps):
    with Weir("--statsd.relay.address=127.0.0.1:8126") as weir:

        def refused():
            send("hits_total:1|c")
            time.sleep(0.2)
            return weir.value('weir_relay_refusals_total{target="127.0.0.1:8126"}')

        eventually("a refusal", refused)
        steps.run()
        sent = weir.value('weir_relay_lines_relayed_total{target="127.0.0.1:8126"}')
        with Weir("--statsd.listen-udp=127.0.0.1:8126", "--web.listen-address=127.0.0.1:9103") as other:
            send("arrived_total:1|c")
            until_shown(other, "arrived_total", 1)
        require(sent > 0, "nothing was sent.")
