"""How a process gives up, for good, everything that a computation does not need; Linux, without any other program.

Three layers, each proved before the next: "limits" (resource limits, an unprivileged user, no new privileges),
"landlock" (no right to any file, no network), and "seccomp" (an allow-list of system calls and their
arguments). The last two each shut files by themselves, and it can be seen which did: Landlock answers EACCES, and
seccomp, asked first, EPERM.

Sources: the manual pages landlock(7), seccomp(2), prctl(2) and getrlimit(2).
"""

import ctypes
import errno
import math
import os
import resource
import struct
import time

NOBODY = 65534

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS = 1, 4, 38
SIGKILL = 9

# Landlock: the numbers of its calls are the same on every processor.
LANDLOCK_CREATE_RULESET, LANDLOCK_RESTRICT_SELF = 444, 446
LANDLOCK_CREATE_RULESET_VERSION = 1
FILE_RIGHTS = {1: 0x1FFF, 2: 0x3FFF, 3: 0x7FFF, 4: 0x7FFF}  # by version; from 5 on, with ioctl on devices:
ALL_FILE_RIGHTS = 0xFFFF
TCP_RIGHTS = 0x3  # bind and connect, from version 4 on
SCOPES = 0x3  # abstract Unix sockets and signals, from version 6 on

# Computing needs memory, the clock, random bytes, the pipes that are open already, and an end. Everything else is
# refused: opening or looking up files, sockets, new processes and threads, signals to others, tracing, devices …
ALLOWED = {
    "x86_64": {
        "read": 0,
        "write": 1,
        "close": 3,
        "mmap": 9,
        "mprotect": 10,
        "munmap": 11,
        "brk": 12,
        "rt_sigaction": 13,
        "rt_sigprocmask": 14,
        "rt_sigreturn": 15,
        "sched_yield": 24,
        "mremap": 25,
        "madvise": 28,
        "nanosleep": 35,
        "getpid": 39,
        "exit": 60,
        "gettimeofday": 96,
        "getrusage": 98,
        "times": 100,
        "sigaltstack": 131,
        "gettid": 186,
        "time": 201,
        "futex": 202,
        "sched_getaffinity": 204,
        "restart_syscall": 219,
        "clock_gettime": 228,
        "clock_getres": 229,
        "clock_nanosleep": 230,
        "exit_group": 231,
        "getcpu": 309,
        "getrandom": 318,
    },
    "aarch64": {
        "close": 57,
        "read": 63,
        "write": 64,
        "exit": 93,
        "exit_group": 94,
        "futex": 98,
        "nanosleep": 101,
        "clock_gettime": 113,
        "clock_getres": 114,
        "clock_nanosleep": 115,
        "sched_getaffinity": 123,
        "sched_yield": 124,
        "restart_syscall": 128,
        "sigaltstack": 132,
        "rt_sigaction": 134,
        "rt_sigprocmask": 135,
        "rt_sigreturn": 139,
        "times": 153,
        "getrusage": 165,
        "gettimeofday": 169,
        "getpid": 172,
        "gettid": 178,
        "brk": 214,
        "munmap": 215,
        "mremap": 216,
        "mmap": 222,
        "mprotect": 226,
        "madvise": 233,
        "getrandom": 278,
        "getcpu": 168,
    },
}
# These may name another process, its clock, or what the machine shares, and then they tell about others or disturb
# them; computing needs only the values given here: the position of the argument, and its lower 32 bits.
FUTEX_PRIVATE, FUTEX_CLOCK_REALTIME = 128, 256
CLOCKS = range(16)  # those of the machine and of this process; another's has a number with the sign bit
ONLY_WITH = {
    "sched_getaffinity": (0, (0,)),  # this process
    "clock_gettime": (0, CLOCKS),
    "clock_getres": (0, CLOCKS),
    "clock_nanosleep": (0, CLOCKS),
    # Wait and wake, each also by bits, in private memory: no owner by its number (priority futexes), no shared page.
    "futex": (1, [of | FUTEX_PRIVATE for of in (0, 1, 9, 10, 9 | FUTEX_CLOCK_REALTIME)]),
    "madvise": (2, (4, 8, 14, 15)),  # give back, or large pages or not: no page is merged with another process's
    "getrandom": (2, (0, 1)),  # not from the pool that runs dry
}
# mmap's flags: no page from the machine's few huge ones (MAP_HUGETLB), none that is never swapped (MAP_LOCKED).
NOT_WITH = {"mmap": (3, 0x42000)}
ARCHITECTURE = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
SECCOMP = {"x86_64": 317, "aarch64": 277}  # the number of seccomp(2) itself
SECCOMP_SET_MODE_FILTER = 1
KILL_PROCESS, REFUSE, ALLOW = 0x80000000, 0x00050000 | errno.EPERM, 0x7FFF0000
# The filter's instructions (classic BPF); a jump's two numbers are how many to skip if so, and if not.
LOAD, JUMP_IF_EQUAL, JUMP_IF_AT_LEAST, JUMP_IF_ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
X32 = 0x40000000  # from this number on, x86_64's second set of system calls


def seal(layers: list[str], memory: int, cpu: int) -> list[str]:
    """Put this process behind `layers` for the rest of its life and return those that were proved.

    `memory` is the address space in bytes, `cpu` the processor's seconds from now on. Raises OSError, saying which
    layer failed; the caller must then end the process.
    """
    os.chdir("/")
    os.environ.clear()
    if "landlock" in layers or "seccomp" in layers:
        _must_be_alone()
    if "limits" in layers:
        _limit(memory, cpu, strictly="seccomp" in layers)
    if "landlock" in layers:
        _shut_files_and_network()
        _must_be_shut(errno.EACCES, "Landlock")
    if "seccomp" in layers:
        _allow_computing_only()
        _must_be_shut(errno.EPERM, "seccomp")
    return layers


def _must_be_alone() -> None:
    """Raise OSError if this process has a second thread: Landlock would leave it outside."""
    threads = len(os.listdir("/proc/self/task"))
    if threads != 1:
        raise OSError(f"the process has {threads} threads before it is sealed")


def _must_be_shut(expected: int, layer: str) -> None:
    """Raise OSError unless opening a folder fails with the error that only `layer` gives."""
    try:
        os.close(os.open("/", os.O_RDONLY))
    except OSError as error:
        if error.errno == expected:
            return
        raise OSError(f"{layer} is in place, but opening a folder ends in: {error}") from error
    raise OSError(f"{layer} is in place, but a folder can be opened")


def _limit(memory: int, cpu: int, strictly: bool) -> None:
    """Set resource limits, become an unprivileged user where root, and refuse new privileges.

    Limits are only ever lowered. Unless `strictly`, a limit that the system does not know is left out (macOS has no
    limit on the address space).
    """
    seconds = math.ceil(time.process_time()) + cpu
    wanted = {
        "RLIMIT_AS": (memory, memory),
        "RLIMIT_DATA": (memory, memory),
        "RLIMIT_CPU": (seconds, seconds + 1),  # a signal that can be caught, then one that cannot
        "RLIMIT_STACK": (8 << 20, 8 << 20),
        "RLIMIT_FSIZE": (0, 0),
        "RLIMIT_CORE": (0, 0),
        "RLIMIT_NOFILE": (16, 16),
        "RLIMIT_NPROC": (0, 0),  # says nothing to root
        "RLIMIT_MEMLOCK": (0, 0),
    }
    if os.geteuid() == 0:
        _become_nobody()
    for name, limits in wanted.items():
        which = getattr(resource, name)
        hard = resource.getrlimit(which)[1]
        if hard != resource.RLIM_INFINITY:
            limits = tuple(min(limit, hard) for limit in limits)
        try:
            resource.setrlimit(which, limits)
        except (ValueError, OSError):
            if strictly:
                raise
        if strictly and resource.getrlimit(which) != limits:
            raise OSError(f"{name} is {resource.getrlimit(which)} instead of {limits}")
    if hasattr(os, "memfd_create"):  # Linux
        _control(PR_SET_NO_NEW_PRIVS, 1)
        _control(PR_SET_DUMPABLE, 0)
        _control(PR_SET_PDEATHSIG, SIGKILL)  # end with the server, however it ends


def _become_nobody() -> None:
    """Leave root; a container may lack the right to, and the other layers hold for root as well."""
    try:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
    except OSError:
        return


def _control(option: int, value: int) -> None:
    """Call prctl(2)."""
    zero = ctypes.c_ulong(0)
    if _C.prctl(ctypes.c_int(option), ctypes.c_ulong(value), zero, zero, zero):
        raise OSError(ctypes.get_errno(), f"prctl {option} failed")


def _shut_files_and_network() -> None:
    """Restrict this process to a Landlock ruleset that handles every right and grants none."""
    version = _system_call(LANDLOCK_CREATE_RULESET, None, 0, LANDLOCK_CREATE_RULESET_VERSION, what="Landlock")
    rights = [FILE_RIGHTS.get(version, ALL_FILE_RIGHTS)]
    if version >= 4:
        rights.append(TCP_RIGHTS)
    if version >= 6:
        rights.append(SCOPES)
    attributes = struct.pack(f"={len(rights)}Q", *rights)
    ruleset = _system_call(LANDLOCK_CREATE_RULESET, attributes, len(attributes), 0, what="Landlock")
    try:
        _system_call(LANDLOCK_RESTRICT_SELF, ruleset, 0, what="Landlock")
    finally:
        os.close(ruleset)


def _allow_computing_only() -> None:
    """Install the allow-list; a call by another processor mode's numbers ends the process."""
    machine = os.uname().machine
    if machine not in ALLOWED:
        raise OSError(f"seccomp: no list of system calls for the processor {machine}")
    numbers = ALLOWED[machine]
    always = sorted(number for name, number in numbers.items() if name not in ONLY_WITH and name not in NOT_WITH)
    filter_ = [
        (LOAD, 0, 0, 4),  # the architecture by whose numbers the call is made: `int 0x80` has others
        (JUMP_IF_EQUAL, 1, 0, ARCHITECTURE[machine]),
        (RETURN, 0, 0, KILL_PROCESS),
        (LOAD, 0, 0, 0),  # the call's number
        (JUMP_IF_AT_LEAST, 0, 1, X32),
        (RETURN, 0, 0, KILL_PROCESS),
    ]
    for name, (position, values) in ONLY_WITH.items():
        tests = [(JUMP_IF_EQUAL, len(values) - i, 0, value) for i, value in enumerate(values)]
        filter_ += _where(numbers[name], position, [*tests, (RETURN, 0, 0, REFUSE), (RETURN, 0, 0, ALLOW)])
    for name, (position, bits) in NOT_WITH.items():
        test = (JUMP_IF_ANY_BIT, 0, 1, bits)
        filter_ += _where(numbers[name], position, [test, (RETURN, 0, 0, REFUSE), (RETURN, 0, 0, ALLOW)])
    filter_ += [
        *((JUMP_IF_EQUAL, len(always) - i, 0, number) for i, number in enumerate(always)),
        (RETURN, 0, 0, REFUSE),
        (RETURN, 0, 0, ALLOW),
    ]
    code = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *instruction) for instruction in filter_))
    program = struct.pack("@HP", len(filter_), ctypes.addressof(code))
    _system_call(SECCOMP[machine], SECCOMP_SET_MODE_FILTER, 0, program, what="seccomp")


def _where(number: int, position: int, then: list[tuple[int, int, int, int]]) -> list[tuple[int, int, int, int]]:
    """Instructions that look at the lower half of one call's argument; `then` ends the filter in every case."""
    look = (LOAD, 0, 0, 16 + 8 * position)  # both processors write the lower half first
    return [(JUMP_IF_EQUAL, 0, 1 + len(then), number), look, *then]


def _system_call(number: int, *arguments: int | bytes | None, what: str) -> int:
    """Make a system call for which Python has no function; raises OSError."""
    whole = (ctypes.c_long(a) if isinstance(a, int) else ctypes.c_char_p(a) for a in arguments)
    result = _C.syscall(ctypes.c_long(number), *whole)
    if result < 0:
        raise OSError(ctypes.get_errno(), f"{what} is not available: {os.strerror(ctypes.get_errno())}")
    return result


_C = ctypes.CDLL(None, use_errno=True)
_C.syscall.restype = ctypes.c_long
