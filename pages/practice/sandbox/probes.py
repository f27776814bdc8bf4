"""What a program must not be able to do: `host` runs this text in a sealed child, where every call has to raise.

Each function returns what it got if it got through.
"""

import ctypes
import os

LIBRARY = ctypes.CDLL(None, use_errno=True)


def read_a_file(path):
    """Read a file that is surely there."""
    return os.read(os.open(path, os.O_RDONLY), 9).decode()


def list_the_root():
    """List the top folder."""
    return os.listdir("/")


def look_up_a_file(path):
    """Ask for a file's size: that needs no right to the file."""
    return os.stat(path).st_size


def write_a_file():
    """Create a file in the folder for temporary files, and remove it."""
    path = "/tmp/ml-interview-lab-probe"
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT))
    os.unlink(path)
    return path


def open_a_socket():
    """Make a socket for the network."""
    return answer_of(LIBRARY.socket(2, 1, 0))


def fork():
    """Start a second process."""
    process = os.fork()
    if process == 0:
        os._exit(0)
    return process


def execute():
    """Become another program."""
    os.execv("/bin/sh", ["sh", "-c", "exit 33"])


def signal_the_server(process):
    """Ask whether the server may be sent a signal."""
    os.kill(process, 0)
    return "allowed"


def look_for_the_server(process):
    """Ask which processors the server may use, by a call that is allowed for oneself."""
    return len(os.sched_getaffinity(process))


def open_by_the_newer_call():
    """Open the top folder by openat2, which filters written for the older calls forget."""
    return answer_of(LIBRARY.syscall(437, -100, b"/", bytes(24), 24))


def open_a_ring():
    """Set up io_uring, which opens files without any of the calls for that."""
    return answer_of(LIBRARY.syscall(425, 4, ctypes.create_string_buffer(120)))


def take_memory():
    """Take twice the memory that is allowed."""
    return len(bytearray(1 << 30))


def answer_of(result):
    """Return the C library's answer, or raise what it means if it is below zero."""
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result
