"""What a program must not be able to do: `host` runs this text in a sealed child, where every call has to raise.

Each function returns what it got if it got through.
"""

import ctypes
import os


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
    """Create a file in the folder for temporary files."""
    return os.open("/tmp/ml-interview-lab-probe", os.O_WRONLY | os.O_CREAT)


def open_a_socket():
    """Make a socket for the network."""
    return system_call(41, 198, 2, 1, 0)


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


def open_by_the_newer_call():
    """Open the top folder by openat2, which filters written for the older calls forget."""
    return system_call(437, 437, -100, b"/", bytes(24), 24)


def open_a_ring():
    """Set up io_uring, which opens files without any of the calls for that."""
    return system_call(425, 425, 4, bytes(120))


def take_memory():
    """Take twice the memory that is allowed."""
    return len(bytearray(1 << 30))


def system_call(x86_64, aarch64, *arguments):
    """Make a system call by its number."""
    library = ctypes.CDLL(None, use_errno=True)
    result = library.syscall(x86_64 if os.uname().machine == "x86_64" else aarch64, *arguments)
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result
