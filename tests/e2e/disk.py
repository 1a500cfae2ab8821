"""A disk of its own for a release: an ext4 in a file, mounted on this machine, which the cluster's first node has to see."""
import contextlib
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from cluster import on_a_test_cluster, run

needs_this_machine = unittest.skipUnless(
    on_a_test_cluster() and all(map(shutil.which, ("mkfs.ext4", "fsfreeze", "losetup"))),
    "it takes a test cluster, whose nodes are this machine, and mkfs.ext4, losetup and fsfreeze")


# What a file system takes for itself.
ROOM_BELOW_MIB = 64


@contextlib.contextmanager
def held(hold, release, subject):
    """`release` is run whatever becomes of this process."""
    script = f'{hold} "$1" && echo held && read -r _; {release} "$1"'
    command = ["bash", "-c", script, "held", str(subject)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        try:
            assert holder.stdout.readline() == b"held\n", f"{hold} {subject} failed"
            yield
        finally:
            holder.stdin.close()
            holder.wait(60)


def mounted(test, folder, size_mib):
    """A new file system in a file there, until the test's end."""
    image, mount = folder / "image", folder / "mount"
    mount.mkdir()
    with open(image, "wb") as file:
        file.truncate(size_mib << 20)
    run("mkfs.ext4", "-q", "-m", "0", "-E", "lazy_itable_init=0", "-e", "remount-ro", image)
    run("mount", "-o", "loop", image, mount)
    test.addCleanup(run, "umount", "--lazy", mount)
    return mount


class Disk:
    """The volume of the release of `test`, which has not been installed: a file system in a file of another one. Where that is
    frozen, it is this one's disk that hangs. Gone with the test."""

    def __init__(self, test, size_mib):
        folder = tempfile.TemporaryDirectory(prefix="daybook-e2e-")
        test.addCleanup(folder.cleanup)
        self._below = mounted(test, pathlib.Path(folder.name), size_mib + ROOM_BELOW_MIB)
        self.folder = mounted(test, self._below, size_mib)
        self._image = self._below / "image"
        self._class = f"{test.namespace}-{test.name}"
        node = test.get("nodes")["items"][0]["metadata"]["name"]
        test.apply({
            "apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": self._class},
            "spec": {"capacity": {"storage": f"{size_mib}Mi"}, "accessModes": ["ReadWriteOnce"],
                     "persistentVolumeReclaimPolicy": "Retain", "storageClassName": self._class,
                     "claimRef": {"namespace": test.namespace, "name": f"data-{test.name}-0"},
                     "local": {"path": str(self.folder)},
                     "nodeAffinity": {"required": {"nodeSelectorTerms": [{"matchExpressions": [
                         {"key": "kubernetes.io/hostname", "operator": "In", "values": [node]}]}]}}}})
        test.addCleanup(run, "kubectl", "delete", "persistentvolume", self._class, "--wait=false")
        self.values = {"persistence": {"storageClass": self._class, "size": f"{size_mib}Mi"}}

    def turn_read_only(self):
        """As a file system does when it finds an error on its disk."""
        device = run("findmnt", "--noheadings", "--output", "SOURCE", self.folder).strip()
        pathlib.Path("/sys/fs/ext4", pathlib.Path(device).name, "trigger_fs_error").write_text("a test's")

    def mend(self):
        """While no pod has it: it can be written again."""
        run("umount", self.folder)
        run("bash", "-c", 'e2fsck -p "$1" || (($? == 1))', "mend", self._image)
        run("mount", "-o", "loop", self._image, self.folder)

    def frozen(self):
        """Meanwhile no write and no sync comes to its end."""
        return held("fsfreeze --freeze", "fsfreeze --unfreeze", self._below)
