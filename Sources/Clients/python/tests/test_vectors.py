"""docs/protocol-vectors.json is what the writer makes of the cases, and the reader reads it."""

import json
import unittest

import make_vectors
import reference_reader
import reference_writer

VECTORS = json.loads(make_vectors.PATH.read_text(encoding="utf-8"))
KEYS = {key: bytes.fromhex(secret) for key, secret in VECTORS["keys"].items()}


class TheFile(unittest.TestCase):
    def test_is_what_the_script_writes(self):
        self.assertEqual(make_vectors.PATH.read_text(encoding="utf-8"), make_vectors.text())

    def test_has_every_name_once(self):
        names = [entry["name"] for entry in VECTORS["frames"] + VECTORS["answers"]]
        self.assertEqual(len(names), len(set(names)))

    def test_has_every_type_of_record(self):
        types = {
            r["type"] for e in VECTORS["frames"] if "frame" in e for r in e["frame"]["records"]
        }
        self.assertEqual(types, set(reference_writer.TYPES))


class TheReader(unittest.TestCase):
    """It is independent of the writer of the frames."""

    def test_reads_the_meaning(self):
        for entry in VECTORS["frames"]:
            with self.subTest(entry["name"]):
                data = bytes.fromhex(entry["hex"])
                if "refused" in entry:
                    with self.assertRaises(reference_reader.Refused) as refusal:
                        reference_reader.decode(data, KEYS)
                    self.assertEqual(str(refusal.exception), entry["refused"])
                    continue
                meaning, refused = reference_reader.decode(data, KEYS)
                self.assertEqual(make_vectors.plain(meaning), without_texts(entry["frame"]))
                self.assertEqual(refused, entry.get("records_refused", {}))

    def test_reads_the_answers(self):
        for entry in VECTORS["answers"]:
            with self.subTest(entry["name"]):
                meaning = reference_reader.decode_answer(bytes.fromhex(entry["hex"]), KEYS)
                self.assertEqual(meaning, entry["answer"])

    def test_refuses_every_frame_that_is_truncated_before_its_records(self):
        entry = VECTORS["frames"][0]
        data = bytes.fromhex(entry["hex"])
        for length in range(1, len(data)):
            with self.subTest(length), self.assertRaises(reference_reader.Refused) as refusal:
                reference_reader.decode(data[:length])
            self.assertEqual(str(refusal.exception), "truncated")

    def test_hashes_members(self):
        for entry in VECTORS["frames"]:
            for record in entry.get("frame", {}).get("records", []):
                if "of" in record:
                    hashes = [f"{reference_writer.member_hash(each):016x}" for each in record["of"]]
                    self.assertEqual(hashes, record["hashes"])


def without_texts(meaning):
    """A meaning without the texts that were hashed, which no frame has."""
    records = [{k: v for k, v in r.items() if k != "of"} for r in meaning["records"]]
    return {**meaning, "records": records}


if __name__ == "__main__":
    unittest.main()
