"""As much of the Kubernetes API as `helm --dry-run=server` asks for: what there is, and one StatefulSet or Deployment."""
import contextlib
import http.server
import json
import pathlib
import tempfile
import threading

RESOURCES = {"v1": ["Pod", "Service", "ServiceAccount", "ConfigMap", "Secret", "Namespace"],
             "apps/v1": ["StatefulSet", "Deployment"], "policy/v1": ["PodDisruptionBudget"]}


def answers(workload):
    """The answer to each path; others are 404."""
    groups = [{"name": version.partition("/")[0], "versions": [{"groupVersion": version, "version": version.partition("/")[2]}]}
              for version in RESOURCES if "/" in version]
    found = {
        "/version": {"major": "1", "minor": "34", "gitVersion": "v1.34.0"},
        "/api": {"kind": "APIVersions", "versions": ["v1"]},
        "/apis": {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups},
    }
    for version, kinds in RESOURCES.items():
        found[("/apis/" if "/" in version else "/api/") + version] = {
            "kind": "APIResourceList", "apiVersion": "v1", "groupVersion": version,
            "resources": [{"name": kind.lower() + "s", "singularName": kind.lower(), "kind": kind, "namespaced": True,
                           "verbs": ["get", "list"]} for kind in kinds]}
    if workload:
        found[f"/apis/apps/v1/namespaces/default/{workload['kind'].lower()}s/{workload['metadata']['name']}"] = workload
    return found


@contextlib.contextmanager
def api_server(workload=None):
    """Gives a kubeconfig file."""
    found = answers(workload)

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            path = self.path.partition("?")[0]
            missing = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "NotFound", "code": 404}
            body = json.dumps(found.get(path, missing)).encode()
            self.send_response(200 if path in found else 404)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server, tempfile.TemporaryDirectory() as folder:
        threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
        file = pathlib.Path(folder, "kubeconfig")
        file.write_text(json.dumps({
            "apiVersion": "v1", "kind": "Config", "current-context": "test",
            "contexts": [{"name": "test", "context": {"cluster": "test", "user": "test"}}],
            "clusters": [{"name": "test", "cluster": {"server": f"http://127.0.0.1:{server.server_address[1]}"}}],
            "users": [{"name": "test", "user": {}}]}))
        yield file
        server.shutdown()
