"""What server and child say to each other: frames of JSON and the raw bytes of arrays, never pickle.

A frame is two lengths (four bytes each, big-endian), JSON of the first length, and array data of the second. In the
JSON, numbers, strings, None and lists stand for themselves; `{"tuple": [...]}`, `{"dict": [[key, value], ...]}` and
`{"array": ["<f8", [2, 3]]}` name the rest. Arrays take their bytes from the data in the order in which they are named.

An axis of no entries counts as one entry where sizes are limited: an array without bytes may have endless other axes.

Whatever is read here may have been written by someone hostile: a frame either is as described or raises Malformed.
"""

import json
import math
import struct
from collections.abc import Sequence
from typing import Any

import numpy as np

HEAD = struct.Struct(">II")
JSON_BYTES = 1 << 20  # of one frame
DATA_BYTES = 8 << 20  # of one frame
ITEMS = 20_000  # values in one frame
KEYS = 1_000  # of one dict, so that keys chosen to collide cost little
DEPTH = 10  # of lists within lists
AXES = 8
DTYPES = ("|b1", "|i1", "<i2", "<i4", "<i8", "|u1", "<u2", "<u4", "<u8", "<f2", "<f4", "<f8", "<c8", "<c16")
OUT_OF_MEMORY = 3  # the exit code of a child that could not even answer
KEY_TYPES = (str, bool, int, float, type(None))


class Unsendable(TypeError):
    """A value of a kind that no frame can hold."""


class TooLarge(ValueError):
    """More than a frame may hold."""


class Malformed(ValueError):
    """Bytes that are no frame."""


def room(shape: Sequence[int]) -> int:
    """How many entries an array of this shape counts for: an empty axis counts as one."""
    return math.prod(max(1, n) for n in shape)


def pack(message: Any) -> bytes:
    """Return the frame of a value made of arrays, numbers, strings, None, and lists, tuples or dicts of them.

    Raises Unsendable for anything else and TooLarge beyond the limits above.
    """
    data: list[bytes] = []
    count = taken = 0

    def encode(value: Any, depth: int) -> Any:
        nonlocal count, taken
        count += 1
        if count > ITEMS:
            raise TooLarge(f"more than {ITEMS} values")
        if depth > DEPTH:
            raise Unsendable(f"lists nested more than {DEPTH} deep")
        if value is None or (isinstance(value, (bool, str, float)) and not isinstance(value, np.generic)):
            return value
        if isinstance(value, int):
            if not -(2**63) <= value < 2**63:
                raise Unsendable("a whole number of more than 64 bits")
            return value
        if isinstance(value, (np.ndarray, np.generic, complex)):
            array = np.asarray(value)
            taken += room(array.shape) * array.itemsize
            if array.ndim > AXES or taken > DATA_BYTES:
                raise TooLarge(f"an array of shape {array.shape}")
            array = np.asarray(array, array.dtype.newbyteorder("<"), order="C")
            if array.dtype.str not in DTYPES:
                raise Unsendable(f"an array of dtype {array.dtype}")
            data.append(array.tobytes())
            return {"array": [array.dtype.str, list(array.shape)]}
        if isinstance(value, list):
            return [encode(item, depth + 1) for item in value]
        if isinstance(value, tuple):
            return {"tuple": [encode(item, depth + 1) for item in value]}
        if isinstance(value, dict):
            if len(value) > KEYS:
                raise TooLarge(f"a dict of more than {KEYS} keys")
            if not all(isinstance(key, KEY_TYPES) and not isinstance(key, np.generic) for key in value):
                raise Unsendable("a dict whose keys are neither strings nor numbers")
            return {"dict": [[encode(key, depth + 1), encode(item, depth + 1)] for key, item in value.items()]}
        raise Unsendable(f"a value of type {type(value).__name__}")

    text = json.dumps(encode(message, 0)).encode()
    raw = b"".join(data)
    if len(text) > JSON_BYTES or len(raw) > DATA_BYTES:
        raise TooLarge(f"{len(text) + len(raw)} bytes")
    return HEAD.pack(len(text), len(raw)) + text + raw


def take(buffer: bytearray) -> Any:
    """Remove the first frame from `buffer` and return its value, or None as long as the frame is incomplete.

    A zero-dimensional array comes back as a NumPy scalar; lone surrogates in strings come back as question marks.
    Raises Malformed for anything that `pack` does not write.
    """
    if len(buffer) < HEAD.size:
        return None
    n_text, n_data = HEAD.unpack_from(buffer)
    if n_text > JSON_BYTES or n_data > DATA_BYTES:
        raise Malformed("a frame over the limits")
    end = HEAD.size + n_text + n_data
    if len(buffer) < end:
        return None
    text, data = bytes(buffer[HEAD.size : HEAD.size + n_text]), bytes(buffer[HEAD.size + n_text : end])
    del buffer[:end]
    return unpack(text, data)


def unpack(text: bytes, data: bytes) -> Any:
    """Return the value of one frame, given its JSON and its array data; raises Malformed."""
    try:
        tree = json.loads(text.decode())
    except (ValueError, RecursionError) as error:
        raise Malformed("no JSON") from error
    count = position = taken = 0

    def array(dtype: Any, shape: Any) -> Any:
        nonlocal position, taken
        if not isinstance(dtype, str) or dtype not in DTYPES:
            raise Malformed("a dtype that is not allowed")
        if not isinstance(shape, list) or len(shape) > AXES:
            raise Malformed("no shape")
        if not all(type(n) is int and 0 <= n <= DATA_BYTES for n in shape):
            raise Malformed("no shape")
        size, start = np.dtype(dtype).itemsize, position
        position += math.prod(shape) * size
        taken += room(shape) * size
        if position > len(data) or taken > DATA_BYTES:
            raise Malformed("an array without its bytes, or one too large")
        values = np.frombuffer(data[start:position], "|u1" if dtype == "|b1" else dtype).reshape(shape)
        return (values != 0 if dtype == "|b1" else values.copy())[()]  # a byte of 2 would make a strange truth value

    def decode(value: Any, depth: int) -> Any:
        nonlocal count
        count += 1
        if count > ITEMS or depth > DEPTH:
            raise Malformed("too many values, or nested too deep")
        match value:
            case None | bool() | float():
                return value
            case int() if -(2**63) <= value < 2**63:
                return value
            case str():
                return value.encode("utf-8", "replace").decode()
            case list():
                return [decode(item, depth + 1) for item in value]
            case {"array": [dtype, shape], **rest} if not rest:
                return array(dtype, shape)
            case {"tuple": list(items), **rest} if not rest:
                return tuple(decode(item, depth + 1) for item in items)
            case {"dict": list(pairs), **rest} if not rest and len(pairs) <= KEYS:
                return dict(entry(pair, depth + 1) for pair in pairs)
        raise Malformed("a value of an unknown kind")

    def entry(pair: Any, depth: int) -> tuple[Any, Any]:
        if not isinstance(pair, list) or len(pair) != 2 or not isinstance(pair[0], KEY_TYPES):
            raise Malformed("no key and value")
        return decode(pair[0], depth), decode(pair[1], depth)

    value = decode(tree, 0)
    if position != len(data):
        raise Malformed("bytes that belong to no array")
    return value
