#!/usr/bin/env python3
"""client_program_test.py DAYBOOK [CLASS[.TEST]]: the commands that are clients of a server."""
import unittest

from commands.admin_test import Admin
from commands.append_test import Append, ExactlyOnce
from commands.documents_test import Completion, FullDevice, ManPage
from commands.python_test import PythonClient
from commands.read_test import Read, Token
from commands.tail_test import Tail

if __name__ == "__main__":
    unittest.main()
