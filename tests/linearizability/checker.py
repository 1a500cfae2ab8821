"""The program of this folder, which checks what servers answered."""
import os
import pathlib
import shutil
import subprocess
import unittest

BUILD_SECONDS = 300


def build_checker(folder):
    """Its path. The test is skipped where there is no Go, or the module that it needs is not to be had."""
    if not shutil.which("go"):
        raise unittest.SkipTest("there is no Go")
    checker = os.path.join(folder, "linearizability")
    built = subprocess.run(["go", "build", "-o", checker, "."], cwd=pathlib.Path(__file__).parent, timeout=BUILD_SECONDS,
                           text=True, stderr=subprocess.PIPE, env=os.environ | {"GOFLAGS": "-buildvcs=false"})
    if built.returncode != 0 and "porcupine" in built.stderr and ".go:" not in built.stderr.split("porcupine")[0]:
        raise unittest.SkipTest(f"porcupine is not to be had: {built.stderr[-200:]}")
    assert built.returncode == 0, built.stderr
    return checker
