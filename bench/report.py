"""The figures as people read them: on the terminal, and in docs/benchmarks.md."""

import datetime
import os
import platform
import re
from pathlib import Path

from rig import CHECKOUT

METHOD = """\
`make bench` measures every program in this page on one machine, in turn (A B A B …), as many rounds as each part says; a
figure is the median, with the lowest and highest beside it. CPU time is the kernel's count for all threads of a process and is
steadier than wall time. Peers run the versions pinned in `tools/requirements.txt` and `bench/peers/package.json`, without
compression, as their documentation advises; their programs are in `bench/peers`. Ratios hold on other machines, absolute
times do not.
"""


def plain(row):
    width = max(len(name) for name in row.samples)
    lines = [f"\n{row.id}  {row.what} ({row.unit}); goal {row.goal}"]
    lines += [f"  {name:<{width}}  {figures:>28}  {ratio:>8}" for name, figures, ratio in table(row)]
    return "\n".join(lines + [f"  {note}" for note in row.notes])


def table(row):
    """Name, median with spread, and how many times better Dabir is."""
    for name, samples in row.samples.items():
        figures = f"{number(row.median(name))} ({number(min(samples))}–{number(max(samples))})"
        yield name, figures, "" if name == row.ours(name) else f"{row.ratio(name):.1f}×"


def number(value):
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.2f}" if value < 10 else f"{value:.1f}"


def write(rows, args):
    """Writes the parts of these rows anew; the parts of others stay as they were measured."""
    path = CHECKOUT / "docs/benchmarks.md"
    parts = {row.id: section(row, args) for row in rows}
    kept = {heading(part): part for part in re.split(r"^(?=## )", path.read_text(), flags=re.M)[1:]}
    whole = [parts.get(name, part) for name, part in kept.items()]
    whole += [part for name, part in parts.items() if name not in kept]
    path.write_text("\n\n".join(part.strip() for part in ["# Benchmarks", METHOD, machine(), *whole]) + "\n")
    return path.relative_to(CHECKOUT)


def heading(part):
    """`## P1: what it is …` → `P1`."""
    return part.removeprefix("## ").partition(":")[0]


def section(row, args):
    lines = [f"## {row.id}: {row.what}", "", f"Goal: {row.goal}. {measured(args)}", ""]
    lines += [f"| | {row.unit} | Dabir is better by |", "|---|--:|--:|"]
    lines += [f"| {name} | {figures} | {ratio} |" for name, figures, ratio in table(row)]
    return "\n".join(lines + [f"\n{note}" for note in row.notes])


def measured(args):
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    return f"Measured on {datetime.date.today().isoformat()}, {args.rounds} rounds; load averages at the end {load}."


def machine():
    memory = next(line for line in Path("/proc/meminfo").read_text().splitlines() if line.startswith("MemTotal"))
    gib = int(memory.split()[1]) / 1024**2
    return f"Machine: {cpu_model()}, {os.cpu_count()} cores, {gib:.0f} GiB, Linux {platform.release()}."


def cpu_model():
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()
