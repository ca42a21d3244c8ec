"""The bytes of a frame, as the reference reader reads them."""

import struct


class Refused(Exception):
    """A frame, or a record, that is not accepted; the argument is the reason."""


class Missing(Exception):
    """There are too few bytes, or a varint is not valid."""


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    @property
    def left(self):
        return len(self.data) - self.at

    def take(self, count):
        if count > self.left:
            raise Missing
        self.at += count
        return self.data[self.at - count : self.at]

    def byte(self):
        return self.take(1)[0]

    def word(self):
        return struct.unpack("<Q", self.take(8))[0]

    def varint(self):
        value = 0
        for place in range(10):
            byte = self.byte()
            value |= (byte & 0x7F) << 7 * place
            if byte < 0x80:
                if value >= 2**64:
                    raise Missing
                return value
        raise Missing

    def zigzag(self):
        value = self.varint()
        return value // 2 if value % 2 == 0 else -(value + 1) // 2

    def number(self):
        value = self.varint()
        if value == 1:
            return struct.unpack("<d", self.take(8))[0]
        return float(value // 2) if value % 2 == 0 else float(-((value - 1) // 2))
