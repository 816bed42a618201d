"""Building that a full disk or Ctrl-C cuts short leaves nothing behind."""

import os
import shutil
import signal
import subprocess
import sys
import time

import pytest
from dossiers import kept


def test_a_full_disk_is_said_and_leaves_nothing(ask, home, source, tmp_path, monkeypatch):
    disk = tmp_path / "schijf"
    disk.mkdir()
    mount = shutil.which("mount")
    if mount is None or os.geteuid() != 0:
        pytest.skip("needs root, for a small disk of its own")
    if subprocess.run([mount, "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk], capture_output=True).returncode:
        pytest.skip("no disk can be mounted here")
    try:
        (source / "kaart.txt").write_bytes(os.urandom(3 << 20))
        monkeypatch.setenv("FOODVALLEY_DOSSIERS", str(disk))
        answer = ask("build", source)
        assert answer.code == 3
        assert "the disk is full" in answer.err
        assert "What to do" in answer.err
        assert list(disk.iterdir()) == []
    finally:
        subprocess.run(["umount", disk], check=True)


def test_ctrl_c_while_building_leaves_nothing(home, source):
    with (source / "kaart.txt").open("wb") as file:
        file.truncate(16 << 30)  # sparse: takes no room here, and long enough to be interrupted
    command = [sys.executable, "-c", "from registry.cli import main; main()", "dossier", "build", str(source)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        await_copying(home, process)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 130
    assert "Traceback" not in err
    assert "Nothing is half-written" in err
    assert out == ""
    assert kept(home) == []


def await_copying(home, process):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert process.poll() is None, process.communicate()
        if any(path.stat().st_size for path in (home / "dossiers").glob(".staging-*/kaart.txt")):
            return
        time.sleep(0.02)
    raise AssertionError("the copying did not begin")
