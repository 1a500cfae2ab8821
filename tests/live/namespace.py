"""Two machines on a wire: network namespaces with a pair of veth devices."""
import concurrent.futures
import ctypes
import os
import subprocess
import threading

CLONE_NEWNET = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)


class Machine:
    """A network namespace, which goes with the last of its sockets and processes."""

    def __init__(self):
        def make():
            if _libc.unshare(CLONE_NEWNET) != 0:
                raise OSError(ctypes.get_errno(), "a network namespace cannot be made here")
            return os.open(f"/proc/self/task/{threading.get_native_id()}/ns/net", os.O_RDONLY)
        with concurrent.futures.ThreadPoolExecutor(1) as own:
            self._fd = own.submit(make).result()
        try:
            self.ip("link", "set", "lo", "up")
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        os.close(self._fd)

    def run(self, function, *arguments, **options):
        """What `function` returns, there: its sockets and processes stay there."""
        def enter():
            if _libc.setns(self._fd, CLONE_NEWNET) != 0:
                raise OSError(ctypes.get_errno(), "a network namespace cannot be entered")
            return function(*arguments, **options)
        with concurrent.futures.ThreadPoolExecutor(1) as own:
            return own.submit(enter).result()

    def ip(self, *arguments):
        path = os.environ["PATH"] + ":/usr/sbin:/sbin"
        told = self.run(subprocess.run, ["ip", *arguments], capture_output=True, text=True, env={**os.environ, "PATH": path})
        if told.returncode != 0:
            raise OSError(f"ip {' '.join(arguments)}: {told.stderr.strip()}")

    def connect(self, own_address, other, other_address):
        """A wire, on which each has `wire`."""
        name = f"/proc/{os.getpid()}/fd/{other._fd}"
        self.ip("link", "add", "wire", "type", "veth", "peer", "name", "wire", "netns", name)
        for machine, address in (self, own_address), (other, other_address):
            machine.ip("address", "add", f"{address}/24", "dev", "wire")
            machine.ip("link", "set", "wire", "up")


def two_machines(closing, address, other_address):
    """Both, or None where this machine does not permit it."""
    try:
        one, other = closing.enter_context(Machine()), closing.enter_context(Machine())
        one.connect(address, other, other_address)
        return one, other
    except OSError as fault:
        print(fault)
        return None
