# SPDX-License-Identifier: BSD-2-Clause
"""Builds and tests every target in every build type and sums up.

  python3 ci/matrix.py [TARGET...]

Without names: every directory under hal/ whose target.ini names a QEMU machine, and hosted. Two jobs run at a
time at most, besides that of hosted, which is nice. Prints what it does as it goes, what failed with the last lines of the console, a table,
and as the last line "N passed, N failed". Exit status 0 if none failed and something ran.
"""
import collections
import concurrent.futures
import json
import os
import re
import subprocess
import sys
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TYPES = {"debug": ["-Doptimization=g"], "release": ["-Doptimization=2"]}
JOBS = min(2, os.cpu_count() or 1)
SHOWN = 40  # lines of a failure

Outcome = collections.namedtuple("Outcome", "target type passed failed seconds")
one_at_a_time = threading.Lock()


def say(text):
    """A progress line, whole even if two jobs speak at once."""
    with one_at_a_time:
        print(time.strftime("[%H:%M:%S] ") + text, flush=True)


def targets():
    """The targets that have a QEMU machine."""
    found = []
    for name in sorted(os.listdir(os.path.join(ROOT, "hal"))):
        try:
            with open(os.path.join(ROOT, "hal", name, "target.ini"), encoding="utf-8") as file:
                if re.search(r"^qemu\s*=", file.read(), re.M):
                    found.append(name)
        except OSError:
            continue
    return found


def end_of(text, count=SHOWN):
    """The last lines of a text, indented."""
    return "".join(f"    {line}\n" for line in text.splitlines()[-count:]).rstrip("\n")


def command(log, *words):
    """Runs a command with its output in a file; returns whether it succeeded."""
    with open(log, "a", encoding="utf-8") as file:
        print("$ " + " ".join(words), file=file, flush=True)
        return subprocess.run(words, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.STDOUT, check=False).returncode == 0


setup_lock = threading.Lock()


def set_up(tree, target, options, log):
    """Makes or renews the build directory. One at a time: the first one unpacks the subprojects."""
    words = ["meson", "setup", tree, "--cross-file", f"hal/{target}/target.ini", *options]
    with setup_lock:
        if not os.path.exists(os.path.join(ROOT, tree, "build.ninja")):
            return command(log, *words, *(["--wipe"] if os.path.exists(os.path.join(ROOT, tree, "meson-private")) else []))
        return command(log, *words, "--reconfigure") or command(log, *words, "--wipe")


def count(entry):
    """(passed, failed) of one entry of Meson's test log: the lines of TAP, or the test as a whole."""
    results = re.findall(r"^(not ok|ok)\b", entry.get("stdout") or "", re.M)
    passed, failed = results.count("ok"), results.count("not ok")
    good = entry["result"] == "OK"
    if not results:
        passed = int(good)
    if not good and not failed:
        failed = 1
    return passed, failed


def report(name, entry):
    """Shows what failed in one entry of Meson's test log."""
    bad = [line for line in (entry.get("stdout") or "").splitlines() if re.match(r"not ok|Bail out!", line)]
    said = (entry.get("stderr") or "").strip() or (entry.get("stdout") or "").strip()
    say(f"{name}: test {entry['name']} failed ({entry['result'].lower()})\n{end_of(chr(10).join(bad))}\n{end_of(said)}")


def run_tests(name, tree, log):
    """Runs a build directory's tests; returns (passed, failed)."""
    results = os.path.join(ROOT, tree, "meson-logs", "testlog.json")
    if os.path.exists(results):
        os.remove(results)
    command(log, "meson", "test", "-C", tree, "--no-rebuild", "--num-processes", "1")
    passed = failed = 0
    try:
        with open(results, encoding="utf-8") as file:
            for line in file:
                entry = json.loads(line)
                more = count(entry)
                passed, failed = passed + more[0], failed + more[1]
                if more[1]:
                    report(name, entry)
    except (OSError, ValueError) as error:
        say(f"{name}: no results: {error}")
        failed += 1
    if passed + failed == 0:
        say(f"{name}: no test ran")
        failed = 1
    return passed, failed


def build(tree, target, kind):
    """Sets the build directory up and builds; what went wrong is shown."""
    log = os.path.join(ROOT, f"{tree}.log")
    os.makedirs(os.path.dirname(log), exist_ok=True)
    open(log, "w", encoding="utf-8").close()
    say(f"{target} {kind}: builds")
    workers = max(1, (os.cpu_count() or 1) // JOBS)
    if set_up(tree, target, TYPES[kind], log) and command(log, "ninja", "-C", tree, "-j", str(workers)):
        return True
    with open(log, encoding="utf-8", errors="replace") as file:
        say(f"{target} {kind}: does not build\n{end_of(file.read())}")
    return False


def build_and_test(name, tree, target, kind):
    """The work of a job; returns (passed, failed)."""
    if not build(tree, target, kind):
        return 0, 1
    say(f"{name}: tests")
    return run_tests(name, tree, os.path.join(ROOT, f"{tree}.log"))


def job(target, kind):
    """One target in one build type; returns its Outcome."""
    name, begin = f"{target} {kind}", time.monotonic()
    try:
        passed, failed = build_and_test(name, f"build/{target}-{kind}", target, kind)
    except OSError as error:
        say(f"{name}: {error}")
        passed, failed = 0, 1
    outcome = Outcome(target, kind, passed, failed, time.monotonic() - begin)
    say(f"{name}: {passed} passed, {failed} failed ({outcome.seconds:.0f} s)")
    return outcome


def check(name, script):
    """A check of the tree itself, by a script of ci/; its lines of TAP count, or it counts as one test."""
    begin = time.monotonic()
    done = subprocess.run([os.path.join(ROOT, "ci", script)], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    passed, failed = count({"stdout": done.stdout, "result": "ERROR" if done.returncode else "OK"})
    say(f"{name}: {passed} passed, {failed} failed" + (f"\n{end_of(done.stdout + done.stderr)}" if failed else ""))
    return Outcome("(tree)", name, passed, failed, time.monotonic() - begin)


def table(outcomes):
    """Prints the outcomes and their sum."""
    width = max(len(outcome.target) for outcome in outcomes)
    print(f"\n{'target':{width}}  build    passed  failed    time")
    for outcome in outcomes:
        print(f"{outcome.target:{width}}  {outcome.type:7}  {outcome.passed:6}  {outcome.failed:6}  {outcome.seconds:4.0f} s")
    print()
    passed, failed = (sum(getattr(outcome, field) for outcome in outcomes) for field in ("passed", "failed"))
    print(f"{passed} passed, {failed} failed", flush=True)
    return 0 if passed and not failed else 1


def main():
    known = [*targets(), "hosted"]
    wanted = sys.argv[1:] or known
    unknown = [name for name in wanted if name not in known]
    if unknown or not wanted:
        sys.exit(f"ci/test: no such target: {' '.join(unknown)}; there are: {' '.join(known)}")
    os.makedirs(os.path.join(ROOT, "build"), exist_ok=True)
    outcomes = [check("shape", "shape"), check("runner", "qemu-tests.py"), check("models", "models")]
    with concurrent.futures.ThreadPoolExecutor(JOBS) as pool, concurrent.futures.ThreadPoolExecutor(1) as beside:
        jobs = [pool.submit(job, target, kind) for target in wanted if target != "hosted" for kind in TYPES]
        jobs += [beside.submit(check, "hosted", "hosted-tests")] if "hosted" in wanted else []
        outcomes = [done.result() for done in jobs] + outcomes
    return table(outcomes)


if __name__ == "__main__":
    sys.exit(main())
