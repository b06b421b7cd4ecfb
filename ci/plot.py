#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Draws docs/measurements/figures.json with gnuplot: the operations that have a goal, beside the best peer and the goal.

  ci/plot.py [OUT.svg]       default: docs/measurements/operations.svg

The same figures give the same bytes.
"""
import os
import subprocess
import sys

import figures
import machine

HEAD = """set terminal svg size 1200,{height} font "sans-serif,12" background "#ffffff"
set output "{out}"
set multiplot layout {rows},2
set style data histogram
set style histogram clustered gap 1
set style fill solid 0.9 border -1
set boxwidth 0.9
set logscale y
set yrange [{low}:{high}]
set grid ytics
set ylabel "instructions, kernel + user"
set xtics rotate by -25 nomirror
set key top left
"""
PANEL = """set title "{target}"
$d{number} << END
{data}
END
plot {columns}
"""
COLUMN = '$d{number} using {column}:xtic(1) title "{title}" linecolor rgb "{colour}"'


def panel(number, target, found, peers):
    """The commands for one target; gnuplot refuses a column without a value, so peers are left out where there are none."""
    rows, compared = [], False
    for name, row in peers["goals"]["operations"].items():
        if name in found["operations"]:
            peer = figures.best_peer(peers, target, name)
            compared = compared or peer is not None
            rows.append(f'"{name}" {figures.total(found["operations"][name])} {peer[0] if peer else "NaN"} {figures.goal(peers, target, row)}')
    columns = [(2, "this kernel", "#20639b"), *([(3, "best peer", "#b0b0b0")] if compared else []), (4, "goal", "#3caea3")]
    plots = [COLUMN.format(number=number, column=column, title=title, colour=colour) for column, title, colour in columns]
    return PANEL.format(number=number, target=target.replace("_", "\\\\_"), data="\n".join(rows), columns=", ".join(plots))


def draw(out):
    """Writes the picture."""
    peers, results = figures.load(figures.PEERS), figures.load(figures.FIGURES)
    targets = sorted(results["targets"].items())
    rows = (len(targets) + 1) // 2
    script = HEAD.format(out=out, rows=rows, height=420 * rows, low=20, high=10000)
    script += "".join(panel(number, target, found, peers) for number, (target, found) in enumerate(targets))
    try:
        done = subprocess.run(["gnuplot"], input=script, text=True, capture_output=True, check=False)
    except OSError as error:
        raise machine.Failure(f"gnuplot: {error.strerror}; ci/setup --bench installs it") from error
    if done.returncode != 0 or "warning" in done.stderr:
        raise machine.Failure(f"gnuplot: {done.stderr}")


if __name__ == "__main__":
    try:
        draw(sys.argv[1] if len(sys.argv) > 1 else os.path.join(figures.MEASUREMENTS, "operations.svg"))
    except machine.Failure as failure:
        sys.exit(f"ci/plot.py: {failure}")
