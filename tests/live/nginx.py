"""A real nginx before a server."""
import os
import pathlib
import shutil
import signal
import socket
import subprocess

from live.stream import await_that, free_port

NGINX = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin:/sbin")
ZIPPING = "gzip on; gzip_types *;"
# Nothing but what it takes to run beside others; how it passes requests on is left to its defaults.
CONFIGURATION = """
daemon off;
pid {folder}/pid;
error_log stderr;
events {{}}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port};
    {settings}
    location / {{
      proxy_pass http://127.0.0.1:{server_port};
    }}
  }}
}}
"""


class Nginx:
    """Of `settings`, those of its server; before the port `server_port`."""

    def __init__(self, folder, server_port, settings=""):
        self.port = free_port()
        folder = pathlib.Path(folder)
        file = folder / "nginx.conf"
        file.write_text(CONFIGURATION.format(folder=folder, port=self.port, server_port=server_port, settings=settings))
        self._log = (folder / "nginx.log").open("w+")
        self._process = subprocess.Popen([NGINX, "-p", folder, "-c", file, "-e", folder / "error.log"],
                                         stderr=self._log)
        try:
            await_that(self._listens, "an nginx that listens")
        except BaseException:
            self.stop()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        self._process.send_signal(signal.SIGTERM)
        self._process.wait()
        self._log.close()

    def _listens(self):
        if self._process.poll() is not None:
            self._log.seek(0)
            raise AssertionError(f"nginx ended: {self._log.read()}")
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0
