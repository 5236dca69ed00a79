"""What a container grants: quotas of both versions of control groups, read from trees of files."""

from __future__ import annotations

import os
import subprocess
import sys
from types import SimpleNamespace

import pytest

from course_utils import cgroups, runtime
from course_utils.runtime import ROOT

GB = 10**9


@pytest.fixture
def system(tmp_path, monkeypatch):
    """Writes files of /proc and /sys."""
    monkeypatch.setattr(cgroups, "SYSTEM", tmp_path)

    def write(files):
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"{text}\n")

    return write


V2, V1 = "sys/fs/cgroup", "sys/fs/cgroup/cpu"
QUOTAS = {
    "none": ({}, None),
    "version 2": ({"proc/self/cgroup": "0::/", f"{V2}/cpu.max": "200000 100000"}, 2),
    "version 2, no limit": ({"proc/self/cgroup": "0::/", f"{V2}/cpu.max": "max 100000"}, None),
    "a limit further out": (
        {
            "proc/self/cgroup": "0::/class/learner/kernel",
            f"{V2}/class/learner/kernel/cpu.max": "max 100000",
            f"{V2}/class/learner/cpu.max": "150000 100000",
            f"{V2}/class/cpu.max": "800000 100000",
        },
        1.5,
    ),
    "a path that is the host's": (
        {"proc/self/cgroup": "0::/../../docker/abc", f"{V2}/cpu.max": "300000 100000"},
        3,
    ),
    "version 1": (
        {
            "proc/self/cgroup": "4:memory:/docker/abc\n3:cpu,cpuacct:/docker/abc",
            f"{V1}/cpu.cfs_quota_us": "250000",
            f"{V1}/cpu.cfs_period_us": "100000",
        },
        2.5,
    ),
    "version 1, no limit": (
        {"proc/self/cgroup": "1:cpu:/", f"{V1}/cpu.cfs_quota_us": "-1", f"{V1}/cpu.cfs_period_us": "100000"},
        None,
    ),
    "both, as on older hosts": (
        {
            "proc/self/cgroup": "2:cpu:/a\n0::/b",
            f"{V1}/a/cpu.cfs_quota_us": "50000",
            f"{V1}/a/cpu.cfs_period_us": "100000",
        },
        0.5,
    ),
}


@pytest.mark.parametrize("case", QUOTAS)
def test_the_quota_is_read(case, system):
    files, share = QUOTAS[case]
    system(files)
    assert cgroups.processors() == share


@pytest.mark.parametrize(
    ("granted", "cores"), [("200000", 2), ("250000", 3), ("50000", 1), ("9900000", 64), ("max", 64)]
)
def test_cores_are_those_granted(granted, cores, system, monkeypatch):
    monkeypatch.setattr(runtime, "_visible_cores", lambda: 64)
    system({"proc/self/cgroup": "0::/", f"{V2}/cpu.max": f"{granted} 100000"})
    assert runtime.cores() == cores


def test_torch_is_told_of_the_quota_unless_the_person_has_chosen(system, monkeypatch):
    system({"proc/self/cgroup": "0::/", f"{V2}/cpu.max": "200000 100000"})
    monkeypatch.setattr(runtime, "_visible_cores", lambda: 64)
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    runtime.set_thread_policy()
    assert os.environ["OMP_NUM_THREADS"] == "2"
    monkeypatch.setenv("OMP_NUM_THREADS", "5")
    runtime.set_thread_policy()
    assert os.environ["OMP_NUM_THREADS"] == "5"


def test_without_a_quota_nobody_is_told_anything():
    run = subprocess.run(
        [sys.executable, "-c", "import os, course_utils; print('OMP_NUM_THREADS' in os.environ)"],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if name != "OMP_NUM_THREADS"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout == ("False\n" if runtime.cores() == runtime._visible_cores() else "True\n")


MEMORY = {
    "version 2": {
        "proc/self/cgroup": "0::/",
        f"{V2}/memory.max": 2 * GB,
        f"{V2}/memory.current": GB,
        f"{V2}/memory.stat": f"anon 7\ninactive_file {GB // 2}\nactive_file 9",
    },
    "version 1": {
        "proc/self/cgroup": "4:memory:/docker/abc",
        "sys/fs/cgroup/memory/memory.limit_in_bytes": 2 * GB,
        "sys/fs/cgroup/memory/memory.usage_in_bytes": GB,
        "sys/fs/cgroup/memory/memory.stat": f"inactive_file 3\ntotal_inactive_file {GB // 2}",
    },
}


@pytest.mark.parametrize("version", MEMORY)
def test_free_memory_is_the_containers(version, system, monkeypatch):
    system(MEMORY[version])
    assert cgroups.memory_left() == GB + GB // 2
    for free, seen in ((64 * GB, GB + GB // 2), (GB, GB)):
        memory = SimpleNamespace(available=free)
        monkeypatch.setitem(
            sys.modules, "psutil", SimpleNamespace(virtual_memory=lambda memory=memory: memory)
        )
        assert runtime.free_memory() == seen


def test_no_limit_is_no_limit(system):
    system({"proc/self/cgroup": "0::/", f"{V2}/memory.max": "max", f"{V2}/memory.current": GB})
    assert cgroups.memory_left() is None
