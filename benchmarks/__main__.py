"""Time Glassnet beside torch and scikit-learn: `python -m benchmarks [--quick] [NAME ...]`."""

from __future__ import annotations

import argparse

from benchmarks import (
    classic,
    classroom,
    cnn,
    images,
    machine,
    mlp,
    page,
    quadrants,
    start,
    visits,
    web,
)

BENCHMARKS = {
    "classic": classic.run,
    "classroom": classroom.run,
    "cnn": cnn.run,
    "images": images.run,
    "mlp": mlp.run,
    "page": page.run,
    "quadrants": quadrants.run,
    "start": start.run,
    "visits": visits.run,
    "web": web.run,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(BENCHMARKS)}")
    parser.add_argument("--quick", action="store_true", help="less work, fewer rounds")
    arguments = parser.parse_args()
    unknown = sorted(set(arguments.names) - BENCHMARKS.keys())
    if unknown:
        parser.error(f"there is no {', '.join(unknown)}: choose from {', '.join(BENCHMARKS)}")
    rivals = {"torch": machine.find("torch"), "scikit-learn": machine.find("sklearn")}
    for line in machine.describe(rivals):
        print(line)
    for name in arguments.names or BENCHMARKS:
        print(f"\n{name}", flush=True)
        for line in BENCHMARKS[name](arguments.quick):
            print(f"  {line}", flush=True)


if __name__ == "__main__":
    main()
