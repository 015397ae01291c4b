"""What the numbers were measured on, and what is installed to compare with."""

from __future__ import annotations

import importlib
import os
import platform
import time
from types import ModuleType
from typing import Any

import numpy as np
from threadpoolctl import threadpool_info, threadpool_limits


def find(name: str) -> ModuleType | None:
    """Import a rival, or return None if it is not installed."""
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


def describe(rivals: dict[str, ModuleType | None]) -> list[str]:
    """Return lines that say which machine, versions and BLAS this is."""
    versions = [f"Python {platform.python_version()}", f"NumPy {np.__version__}"]
    versions += [f"{name} {module.__version__}" for name, module in rivals.items() if module]
    lines = [", ".join(versions), f"{platform.machine()}, {os.cpu_count()} cores; {blas()}"]
    peaks = ", ".join(f"{peak:.0f} ({threads} thr.)" for threads, peak in sgemm_peaks().items())
    lines.append(f"float32 matrix product, 1024 x 1024, best of 5, GFLOP/s: {peaks}")
    lines += [
        f"{name} is not installed: its comparisons are left out (make bench installs it)"
        for name, module in rivals.items()
        if not module
    ]
    return lines


def blas() -> str:
    """Name the BLAS library that NumPy multiplies matrices with, and its kernel."""
    found: list[dict[str, Any]] = [i for i in threadpool_info() if i["user_api"] == "blas"]
    numpys = [i for i in found if "numpy" in i["filepath"]] or found
    if not numpys:
        return "an unknown BLAS"
    info = numpys[0]
    kernel = info.get("architecture", "unknown")
    return f"{info['internal_api']} {info['version']}, kernel {kernel}, {info['num_threads']} thr."


def sgemm_peaks() -> dict[int, float]:
    """Measure what the machine can do at best: threads -> GFLOP/s."""
    size = 1024
    a = np.random.default_rng(0).random((size, size), dtype=np.float32)
    out = np.empty_like(a)
    peaks = {}
    for threads in (1, 2):
        with threadpool_limits(threads, user_api="blas"):
            times = []
            for _ in range(5):
                start = time.perf_counter()
                np.matmul(a, a, out=out)
                times.append(time.perf_counter() - start)
        peaks[threads] = 2 * size**3 / min(times) / 1e9
    return peaks
