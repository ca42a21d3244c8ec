"""Bounds of histograms."""

import unittest

from support import captured_client, weir


class Mistakes(unittest.TestCase):
    def assert_says(self, error, sentence, wrong):
        with self.assertRaises(error) as raised:
            wrong()
        self.assertEqual(str(raised.exception), sentence)


class Bounds(Mistakes):
    def test_are_made_by_steps_and_by_factors(self):
        self.assertEqual(weir.linear_bounds(0, 2.5, 4), (0, 2.5, 5, 7.5))
        self.assertEqual(weir.linear_bounds(-1, 1, 3), (-1, 0, 1))
        self.assertEqual(weir.exponential_bounds(0.5, 2, 4), (0.5, 1, 2, 4))
        self.assertEqual(weir.exponential_bounds(1, 10, 1), (1,))
        client, sent, _ = captured_client()
        client.histogram("h", bounds=weir.exponential_bounds(1, 2, 3)).observe(2)
        client.flush()
        [record] = sent.take_records()
        self.assertEqual((record["bounds"], record["buckets"]), ([1, 2, 4], [[1, 1]]))

    def test_have_a_valid_count_and_step(self):
        linear = "linear_bounds needs a width above 0, and a count of 1 to 200."
        exponential = (
            "exponential_bounds needs a start above 0, a factor above 1, and a count of 1 to 200."
        )
        for arguments in ((0, 0, 3), (0, -1, 3), (0, 1, 0), (0, 1, 201)):
            self.assert_says(ValueError, linear, lambda a=arguments: weir.linear_bounds(*a))
        for arguments in ((0, 2, 3), (1, 1, 3), (1, 2, 0), (1, 2, 201)):
            self.assert_says(
                ValueError, exponential, lambda a=arguments: weir.exponential_bounds(*a)
            )
        self.assert_says(
            ValueError,
            "exponential_bounds exceeds the largest floating-point number.",
            lambda: weir.exponential_bounds(1.0, 1e100, 10),
        )


if __name__ == "__main__":
    unittest.main()
