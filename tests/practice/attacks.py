"""The attacks: this file's text is run in the sandbox as a visitor's program, and each function is one attack.

An attack that gets through returns what it got; one that is stopped raises, or is ended with its process. The name
of its parameter says what it is told: the `path` of a file that everybody may read; a `folder` in which everybody may
write; the number of the `server`'s process; the `port` of this machine at which somebody listens; a `secret` spelt
backwards that is in the server's environment and memory; where the `project` lies, spelt backwards; the numbers of the
system calls that are `allowed`, by name.

Almost no attack does harm where it gets through, so they are also made unsealed: that shows that they are attacks.
System calls without a function in libc are made by number: from 424 on, these are the same on every processor; all
others are tried by `every_other_system_call`.
"""

import ctypes
import errno
import gc
import importlib
import os
import struct
import sys
import threading
import time

import numpy as np

_C = ctypes.CDLL(None, use_errno=True)


def _libc(name, *arguments):
    """Call a function of the C library whose answer below zero means an error."""
    result = getattr(_C, name)(*arguments)
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def _call(number, *arguments):
    """Make a system call by its number."""
    return _libc("syscall", *(ctypes.c_long(a) if isinstance(a, int) else a for a in (number, *arguments)))


def _nothing():
    raise PermissionError("nothing came of it")


# Files: `path` is a file that everybody may read.


def file_by_open(path):
    with open(path) as file:
        return file.read()


def file_by_os_open(path):
    return os.read(os.open(path, os.O_RDONLY), 99).decode()


def file_by_libc(path):
    _C.fopen.restype = ctypes.c_void_p
    return _C.fopen(path.encode(), b"r") or _nothing()


def file_by_openat(path):
    return _libc("openat", -100, path.encode(), 0)


def file_by_openat2(path):
    return _call(437, -100, path.encode(), bytes(24), 24)


def file_as_a_place_only(path):
    return os.open(path, os.O_PATH)


def file_by_numpy(path):
    return np.fromfile(path, np.uint8).tobytes().decode()


def file_by_memory_map(path):
    return np.memmap(path, np.uint8, "r").tobytes().decode()


def file_as_a_module(path):
    return importlib.import_module("importlib.machinery").SourceFileLoader("x", path).get_data(path).decode()


def file_as_a_library(path):
    return str(ctypes.CDLL("libutil.so.1"))


def file_by_a_foreign_import(path):
    sys.path.append(os.path.dirname(path))
    return str(importlib.import_module("sqlite3"))


def look_up_a_file(path):
    return os.stat(path).st_size


def access_to_a_file(path):
    return os.access(path, os.R_OK) or _nothing()


def list_a_folder(path):
    return os.listdir(os.path.dirname(path))


def walk_a_folder(path):
    return [entry.name for entry in os.scandir("/")]


def change_folder(path):
    os.chdir("/tmp")
    return "there"


def read_a_link(path):
    return os.readlink("/proc/self/exe")


def watch_a_folder(path):
    return _libc("inotify_init")


def password_file(path):
    return open("/etc/passwd").read(99)


# The server: its number is `server`; the words `secret` are in its environment and memory alone.


def own_memory_map(server):
    return open("/proc/self/maps").read(99)


def environment_of_the_server(server):
    return open(f"/proc/{server}/environ").read(9)


def command_of_the_server(server):
    return open(f"/proc/{server}/cmdline").read(9)


def connections_of_the_machine(server):
    return open("/proc/net/tcp").read(99)


def memory_of_the_server(server):
    return open(f"/proc/{server}/mem", "rb").fileno()


def read_the_servers_memory(server):
    return _libc("process_vm_readv", server, bytes(16), 0, bytes(16), 0, 0)


def write_the_servers_memory(server):
    return _libc("process_vm_writev", server, bytes(16), 0, bytes(16), 0, 0)


def trace_the_server(server):
    return _libc("ptrace", 0x4206, server, 0, 0)


def trace_me(server):
    return _libc("ptrace", 0, 0, 0, 0)


def signal_the_server(server):
    os.kill(server, 0)
    return "allowed"


def signal_a_thread_of_the_server(server):
    return _libc("tgkill", server, server, 0)


def signal_everybody(server):
    os.kill(-1, 0)
    return "allowed"


def handle_of_the_server(server):
    return _call(434, server, 0)


def priority_of_the_server(server):
    return os.setpriority(os.PRIO_PROCESS, server, os.getpriority(os.PRIO_PROCESS, server)) or "set"


def processors_of_the_server(server):
    return os.sched_setaffinity(server, range(os.cpu_count())) or "set"


def priority_of_my_own(server):
    return os.nice(1)


def processors_allowed_to_the_server(server):
    return sorted(os.sched_getaffinity(server))


def clock_of_the_server(server):
    return time.clock_gettime(_clock(server))


def resolution_of_the_servers_clock(server):
    return time.clock_getres(_clock(server))


def sleep_by_the_servers_clock(server, allowed):
    return _call(allowed["clock_nanosleep"], _clock(server), 0, struct.pack("qq", 0, 0), None) or "slept"


def lock_that_the_server_owns(server, allowed):
    """A priority futex names its owner by the number of its process: the kernel says whether there is one."""
    until, errors = struct.pack("qq", int(time.time()) + 1, 0), []
    for owner in (server, 2**22 - 1):  # no process has the second number
        word = ctypes.byref(ctypes.c_int(owner))
        _C.syscall(ctypes.c_long(allowed["futex"]), word, 6 | 128, 0, until, None, 0)
        errors.append(ctypes.get_errno())
    return errors if errors[0] != errors[1] else _nothing()


def lock_on_a_page_of_the_library(server, allowed):
    """Wake whoever waits at a place in the C library's file, in whatever process."""
    return _call(allowed["futex"], ctypes.cast(_C.getpid, ctypes.c_void_p), 1, 1, None, None, 0) or "woken"


def _clock(process):
    """The number of the clock that counts a process's time on the processor."""
    return (~process << 3) | 2


# What the process itself was given.


def environment(secret):
    return [value for value in os.environ.values() if len(value) > 3] or _nothing()


def environment_of_libc(secret):
    _C.getenv.restype = ctypes.c_char_p
    return _C.getenv(b"PATH") or _nothing()


def expected_values(secret):
    """Look through every object for the server's words."""
    for thing in gc.get_objects():
        held = list(thing.values()) if type(thing) is dict else thing if type(thing) in (list, tuple) else ()
        for value in held:
            if type(value) is str and secret[::-1] in value:
                return value
    return _nothing()


def frames_below(secret):
    """Look for the server's words in the variables of the functions that called this one."""
    frame = sys._getframe(1)
    while frame:
        if secret[::-1] in repr(frame.f_locals):
            return "found"
        frame = frame.f_back
    return _nothing()


def command_line(secret):
    return [word for word in sys.argv + sys.orig_argv if "{" in word] or _nothing()


def modules_of_the_project(secret):
    return [name for name in sys.modules if name.startswith(("mlcore", "streamlit"))] or _nothing()


def files_of_the_project(project):
    """Look for where the project lies in the modules, and in the code and the variables of every function."""
    frame, told = sys._getframe(), []
    while frame := frame.f_back:
        told += [frame.f_code.co_filename, repr(frame.f_locals)]
    for module in list(sys.modules.values()):
        told += [value for value in vars(module).values() if type(value) is str]
    told += [thing.__code__.co_filename for thing in gc.get_objects() if type(thing) is type(_nothing)]
    return "found" if any(project[::-1] in words for words in told) else _nothing()


# The network: somebody listens at `port` of this machine.


def connect(port):
    sock = _libc("socket", 2, 1, 0)
    address = struct.pack("=H", 2) + struct.pack(">H", port) + bytes([127, 0, 0, 1]) + bytes(8)
    return _C.connect(sock, address, 16) == 0 or _nothing()


def datagram(port):
    return _libc("socket", 2, 2, 0)


def unix_socket(port):
    return _libc("socket", 1, 1, 0)


def netlink(port):
    return _libc("socket", 16, 3, 0)


def pair_of_sockets(port):
    return _libc("socketpair", 1, 1, 0, ctypes.create_string_buffer(8))


def resolve_a_name(port):
    return _C.getaddrinfo(b"localhost", b"80", None, ctypes.create_string_buffer(8)) == 0 or _nothing()


def python_socket(port):
    return str(importlib.import_module("_socket").socket())


# Writing: `folder` is one in which everybody may write.


def write_a_file(folder):
    with open(f"{folder}/written", "w") as file:
        return file.write("x")


def append_to_a_file(folder):
    return os.open(f"{folder}/file", os.O_WRONLY | os.O_APPEND)


def array_to_a_file(folder):
    np.save(f"{folder}/array", np.zeros(2))
    return "saved"


def make_a_folder(folder):
    return os.mkdir(f"{folder}/made") or "made"


def remove_a_file(folder):
    return os.unlink(f"{folder}/spare") or "removed"


def link_a_file(folder):
    return os.link(f"{folder}/file", f"{folder}/linked") or "linked"


def link_by_name(folder):
    return os.symlink("/etc/passwd", f"{folder}/name") or "linked"


def change_the_mode(folder):
    return os.chmod(f"{folder}/file", 0o777) or "changed"


def cut_a_file(folder):
    return os.truncate(f"{folder}/file", 0) or "cut"


def rename_a_file(folder):
    return os.rename(f"{folder}/renamed", f"{folder}/renamed again") or "renamed"


def make_a_pipe_by_name(folder):
    return os.mkfifo(f"{folder}/fifo") or "made"


def file_in_memory(folder):
    return os.memfd_create("x")


def secret_memory(folder):
    return _call(447, 0)


# Processes and threads.


def fork(_):
    process = os.fork()
    if process == 0:
        os._exit(0)
    os.waitpid(process, 0)
    return process


def clone_by_the_newer_call(_):
    process = _call(435, struct.pack("8Q", 0, 0, 0, 0, 17, 0, 0, 0), 64)
    if process == 0:
        os._exit(0)
    os.waitpid(process, 0)
    return process


def spawn(_):
    process = os.posix_spawn("/bin/true", ["true"], {})
    return os.waitpid(process, 0)


def shell(_):
    return os.system("exit 0") == 0 or _nothing()


def thread(_):
    new = threading.Thread(target=time.sleep, args=(0,))
    new.start()
    new.join()
    return "started"


def new_namespaces(_):
    return _libc("unshare", 0) or "allowed"


# The kernel.


def every_other_system_call(allowed):
    """Make each system call that is not on the list: each has to be refused as such, before it looks at anything.

    Except x86_64's 335 and 336, which the kernel keeps to its own probes: it asks no filter and ends whoever calls.
    """
    answers = {}
    for number in range(600):
        if number not in (*allowed.values(), 335, 336):
            ctypes.set_errno(0)
            answers[number] = _C.syscall(ctypes.c_long(number), *[ctypes.c_long(-1)] * 6), ctypes.get_errno()
    return [number for number, answer in answers.items() if answer != (-1, 1)] or _nothing()


def raise_my_limits(_):
    huge = struct.pack("QQ", 1 << 40, 1 << 40)
    return _libc("setrlimit", 4, huge) or "raised"


def become_root(_):
    return _libc("setuid", 0) or "root"


def control_the_process(_):
    return _libc("prctl", 3, 0, 0, 0, 0)


def name_the_process(_):
    return _libc("prctl", 15, b"server", 0, 0, 0) or "named"


def ruleset_of_my_own(_):
    return _call(444, None, 0, 1)


def control_a_device(_):
    return _libc("ioctl", 2, 0x541B, ctypes.create_string_buffer(8)) or "done"


def double_a_descriptor(_):
    return _libc("dup", 2)


def make_a_pipe(_):
    return os.pipe()


def event_descriptor(_):
    return os.eventfd(0)


def timer_descriptor(_):
    return _libc("timerfd_create", 1, 0)


def poll_descriptor(_):
    return _libc("epoll_create1", 0)


def ring(_):
    return _call(425, 4, ctypes.create_string_buffer(120))


def shared_memory(_):
    return _libc("shmget", 0, 4096, 0o1600)


def name_of_the_machine(_):
    return os.uname().nodename


def state_of_the_machine(_):
    return _libc("sysinfo", ctypes.create_string_buffer(200)) or "told"


def personality(_):
    return _libc("personality", 0x0040000)  # not random addresses


# Memory.


def one_large_block(_):
    return len(bytearray(1 << 30))


def one_large_array(_):
    return len(np.zeros(1 << 27))


def many_mappings(_):
    _C.mmap.restype = ctypes.c_long
    taken = sum(_C.mmap(None, ctypes.c_long(1 << 26), 3, 0x22, -1, ctypes.c_long(0)) > 0 for _ in range(16))
    return taken if taken > 8 else _nothing()


def huge_pages_of_the_machine(_):
    _C.mmap.restype = ctypes.c_long
    page = _C.mmap(None, ctypes.c_long(1 << 21), 3, 0x40022, -1, ctypes.c_long(0))
    return _nothing() if page == -1 and ctypes.get_errno() == errno.EPERM else "asked"


def pages_shared_with_others(_):
    """Let the kernel merge equal pages of processes: how long a write takes then tells what others hold."""
    _C.mmap.restype = ctypes.c_long
    page = _C.mmap(None, ctypes.c_long(4096), 3, 0x22, -1, ctypes.c_long(0))
    return _libc("madvise", ctypes.c_void_p(page), ctypes.c_size_t(4096), 12) or "merged"


def random_bytes_that_run_out(_):
    return _libc("getrandom", ctypes.create_string_buffer(8), 8, 2)


# These end their process, or may.


def words_of_the_server_on_the_stack(secret):
    """Read upwards from the stack, where the kernel puts a process's environment and command line."""
    top = ctypes.c_void_p.in_dll(_C, "__libc_stack_end").value
    if secret[::-1].encode() in ctypes.string_at(top, 1 << 12):
        return "found"
    return _nothing()


def project_on_the_stack(project):
    """Read upwards from the stack, to its end: the process's command line is there."""
    place = ctypes.c_void_p.in_dll(_C, "__libc_stack_end").value & ~4095
    words = b""
    while project[::-1].encode() not in words:
        words = words[-4096:] + ctypes.string_at(place, 4096)
        place += 4096
    return "found"


def calls_of_32_bits(_):
    """Open the top folder by `int 0x80`: mov eax, 5; mov ebx, path; xor ecx, ecx; xor edx, edx; int 0x80; ret."""
    _C.mmap.restype = ctypes.c_long
    page = _C.mmap(None, ctypes.c_long(4096), 7, 0x62, -1, ctypes.c_long(0))  # below 4 GiB
    code = b"\x53\xb8\x05\0\0\0\xbb" + struct.pack("I", page + 64) + b"\x31\xc9\x31\xd2\xcd\x80\x5b\xc3"
    ctypes.memmove(page, code.ljust(64, b"\x90") + b"/\0", 66)
    result = ctypes.CFUNCTYPE(ctypes.c_int)(page)()
    return result if result >= 0 else _nothing()


def calls_of_x32(_):
    """Ask for the process's number by the second set of calls; even where there is none, asking ends the process."""
    return _C.syscall(ctypes.c_long(0x40000000 + 39)) > 0 or _nothing()
