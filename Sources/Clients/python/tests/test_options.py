"""Options of a client."""

import unittest

from support import captured_client, weir


class Mistakes(unittest.TestCase):
    def assert_says(self, error, sentence, wrong):
        with self.assertRaises(error) as raised:
            wrong()
        self.assertEqual(str(raised.exception), sentence)


class Clients(Mistakes):
    def test_have_valid_options(self):
        def https(**options):
            return lambda: weir.Client(url="https://host", **options)

        for wrong, sentence in (
            (
                lambda: weir.Client("nowhere"),
                'The address \'nowhere\' is not valid; use "host:8125" or "[::1]:8125".',
            ),
            (
                lambda: weir.Client("host:²"),
                'The address \'host:²\' is not valid; use "host:8125" or "[::1]:8125".',
            ),
            (
                lambda: weir.Client("host:99999"),
                "The port of 'host:99999' must be from 1 to 65535.",
            ),
            (lambda: weir.Client("host:0"), "The port of 'host:0' must be from 1 to 65535."),
            (
                lambda: weir.Client("ä" * 70 + ":1"),
                f"The host {'ä' * 70!r} is not a valid name.",
            ),
            (
                lambda: weir.Client(url="ftp://host"),
                "The URL 'ftp://host' is not valid; use \"https://host/api/v1/push\".",
            ),
            (
                lambda: weir.Client(url="https://host:99999"),
                "The port of 'https://host:99999' must be from 1 to 65535.",
            ),
            (
                lambda: weir.Client(url="https://host:0"),
                "The port of 'https://host:0' must be from 1 to 65535.",
            ),
            (
                lambda: weir.Client("a:1", url="https://host"),
                "Give the address 'a:1' or the url 'https://host', and not both.",
            ),
            (
                lambda: weir.Client(ca_file="ca.pem"),
                "ca_file and ssl_context need a url; UDP has no TLS.",
            ),
            (
                https(ca_file="ca.pem", ssl_context=object()),
                "Give ca_file or ssl_context, and not both.",
            ),
            (
                lambda: weir.Client(url="http://host", ssl_context=object()),
                "ca_file and ssl_context need TLS; use https in 'http://host'.",
            ),
            (https(http_timeout=0), "http_timeout is 0; it must be seconds, above 0."),
            (
                lambda: weir.Client(flush_interval=0),
                "flush_interval is 0; it must be seconds, above 0 and below 15.",
            ),
            (
                lambda: weir.Client(flush_interval="1s"),
                "flush_interval is '1s'; it must be seconds, above 0 and below 15.",
            ),
            (
                lambda: weir.Client(series_max=0),
                "series_max is 0; it must be a whole number, 1 or more.",
            ),
            (
                lambda: weir.Client(frame_bytes=70_000),
                "frame_bytes is 70000; it must be from 256 to 65507.",
            ),
            (
                lambda: weir.Client(key=("", b"secret")),
                "The id of the key, '', must have 1 to 32 bytes.",
            ),
            (
                lambda: weir.Client(key=("k1", b"")),
                "The secret of the key 'k1' is empty.",
            ),
            (
                lambda: weir.Client(key=("k1", "secret")),
                'The key must be a pair such as ("gateway-2026", b"the secret").',
            ),
            (
                lambda: weir.Client(signals="SIGTERM"),
                "signals is 'SIGTERM'; it must be True, False or a list of signals.",
            ),
            (
                lambda: weir.Client(signals=["SIGKILL"]),
                "signals has 'SIGKILL'; the signals are SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, "
                "SIGUSR2.",
            ),
        ):
            with self.subTest(sentence):
                self.assert_says(ValueError, sentence, wrong)
        self.assertRaises(TypeError, lambda: weir.Client(buckets=(1, 2)))

    def test_close_within_a_valid_time(self):
        client, _, _ = captured_client()
        for timeout in (-1, float("nan"), "2"):
            self.assert_says(
                ValueError,
                f"The timeout is {timeout!r}; it must be seconds, 0 or more.",
                lambda timeout=timeout: client.close(timeout),
            )


if __name__ == "__main__":
    unittest.main()
