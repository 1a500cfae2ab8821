"""A headless Chromium, driven over the DevTools protocol, which is JSON over a WebSocket (RFC 6455)."""
import base64
import json
import os
import shutil
import socket
import struct
import subprocess
import tempfile
import time
import urllib.request

CHROMIUM = next(filter(None, map(shutil.which, (
    os.environ.get("CHROMIUM") or "chromium", "chromium-browser", "google-chrome"))), None)
PATIENCE_SECONDS = 20


class WebSocket:
    """The client's side, of whole messages of text."""

    def __init__(self, address):
        host, _, path = address.removeprefix("ws://").partition("/")
        name, _, port = host.partition(":")
        self.socket = socket.create_connection((name, int(port)), timeout=PATIENCE_SECONDS)
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall(f"GET /{path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode())
        self.input = self.socket.makefile("rb")
        if b" 101 " not in self.input.readline():
            raise OSError(f"{address} is no WebSocket")
        while self.input.readline().strip():
            pass

    def send(self, text):
        payload, mask = text.encode(), os.urandom(4)
        length = len(payload)
        head = (struct.pack("!BB", 0x81, 0x80 | length) if length < 126
                else struct.pack("!BBH", 0x81, 0xFE, length) if length < 1 << 16
                else struct.pack("!BBQ", 0x81, 0xFF, length))
        masked = bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload))
        self.socket.sendall(head + mask + masked)

    def receive(self):
        message = b""
        while True:
            first, second = self._read(2)
            length = second & 0x7F
            if length >= 126:
                length = int.from_bytes(self._read(2 if length == 126 else 8), "big")
            payload = self._read(length)
            if first & 0x0F == 0x8:
                raise OSError("the browser closed the WebSocket")
            if first & 0x0F < 0x8:  # neither a ping nor a pong
                message += payload
                if first & 0x80:
                    return message.decode()

    def close(self):
        self.input.close()
        self.socket.close()

    def _read(self, length):
        data = self.input.read(length)
        if len(data) < length:
            raise OSError("the browser ended the WebSocket")
        return data


class Browser:
    """Chromium with one page. `faults` are what the page threw, wrote to console.error, or was refused."""

    def __init__(self):
        self._folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self._process = subprocess.Popen(
            [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
             "--disable-background-networking", "--disable-component-update", "--remote-debugging-port=0",
             f"--user-data-dir={self._folder.name}", "about:blank"],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.faults = []
        self._commands = 0
        try:
            self._socket = WebSocket(self._page_address())
            for domain in "Page", "Runtime", "Log":
                self.command(f"{domain}.enable")
        except BaseException:
            self._end()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._socket.close()
        self._end()

    def command(self, method, **parameters):
        self._commands += 1
        self._socket.send(json.dumps({"id": self._commands, "method": method, "params": parameters}))
        while True:
            message = json.loads(self._socket.receive())
            if message.get("id") == self._commands:
                if "error" in message:
                    raise AssertionError(f"{method}: {message['error']}")
                return message["result"]
            self._note(message)

    def open(self, address, width=1440, height=900, dark=False):
        self.command("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1,
                     mobile=width < 600)
        self.command("Emulation.setEmulatedMedia",
                     features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])
        self.command("Page.navigate", url="about:blank")
        self.command("Page.navigate", url=address)
        self.wait_for("location.protocol !== 'about:' && document.readyState === 'complete'")

    def evaluate(self, expression):
        result = self.command("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            raise AssertionError(f"{expression}: {result['exceptionDetails']}")
        return result["result"].get("value")

    def wait_for(self, expression):
        """The expression's value, once that is true."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not (value := self.evaluate(expression)):
            if time.monotonic() > deadline:
                raise AssertionError(f"it did not become true: {expression}\n{self.evaluate('document.body.innerText')}")
            time.sleep(0.05)
        return value

    def screenshot(self, path):
        with open(path, "wb") as file:
            file.write(base64.b64decode(self.command("Page.captureScreenshot", format="png")["data"]))

    def _page_address(self):
        for line in self._process.stderr:
            if "DevTools listening on ws://" in line:
                host = line.split("ws://")[1].split("/")[0]
                with urllib.request.urlopen(f"http://{host}/json/list", timeout=PATIENCE_SECONDS) as answer:
                    return next(each["webSocketDebuggerUrl"] for each in json.load(answer) if each["type"] == "page")
        raise AssertionError(f"{CHROMIUM} does not start")

    def _note(self, message):
        parameters = message.get("params", {})
        if (message["method"] == "Runtime.exceptionThrown"
                or message["method"] == "Runtime.consoleAPICalled" and parameters["type"] in ("error", "warning")
                or message["method"] == "Log.entryAdded" and parameters["entry"]["level"] in ("error", "warning")):
            self.faults.append(json.dumps(parameters))

    def _end(self):
        self._process.kill()
        self._process.communicate()
        self._folder.cleanup()
