#!/usr/bin/env python3
"""live_program_test.py DAYBOOK [CLASS[.TEST]]: event streams and polls, through restarts, proxies and clients that are no
good."""
import unittest

from live.browser_test import EventSource
from live.clients_test import Go, Page, Python
from live.drain_test import Drain
from live.positions_test import OnDisk, OnMemory
from live.proxy_test import Proxy
from live.slow_test import Slow

if __name__ == "__main__":
    unittest.main()
