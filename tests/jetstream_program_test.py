#!/usr/bin/env python3
"""jetstream_program_test.py DAYBOOK [CLASS[.TEST]]: daybooks over servers of NATS that fail, of which any serves the same logs.
Skipped where there is no nats-server."""
import unittest

from jetstream.access_test import Access
from jetstream.durability_test import Durability
from jetstream.limits_test import Limits
from jetstream.live_test import Live
from jetstream.missing_test import Missing
from jetstream.outage_test import Away, Leader
from jetstream.retries_test import Retries
from jetstream.two_daybooks_test import TwoDaybooks

if __name__ == "__main__":
    unittest.main()
