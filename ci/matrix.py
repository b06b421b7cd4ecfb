# SPDX-License-Identifier: BSD-2-Clause
"""Builds and tests every target in every build type and sums up.

  python3 ci/matrix.py [TARGET...]

Without names: every directory under hal/ whose target.ini names a QEMU machine, and hosted. A board, whose target.ini lists more than one
directory, is built as release only; the boot archive of its build must be the same bytes as that of its architecture's build, which is what
the user-level tests are run from, with one core and with as many as it has. Every target is built with LLVM as well (ci/toolchains/llvm.ini,
release), and runs a few of its tests. Two jobs run at a time at most, besides that of hosted, which is nice. Prints what it does as it goes, what failed with the last lines of the console, a table,
and as the last line "N passed, N failed". Exit status 0 if none failed and something ran.
"""
import collections
import concurrent.futures
import hashlib
import json
import os
import re
import subprocess
import sys
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TYPES = {"debug": ["-Doptimization=g"], "release": ["-Doptimization=2"]}
BOARDS = "release"  # the build type of boards
LLVM = "llvm"  # release by the other toolchain
OPTIONS = {**TYPES, LLVM: ["--cross-file", "ci/toolchains/llvm.ini", *TYPES["release"]]}
# What depends on the compiler most: registers in the fast path, entries from any instruction, the FPU.
LLVM_PROGRAMS = ["test-hello", "test-ipc", "test-registers", "test-preempt", "test-fault", "test-fpu"]
JOBS = min(2, os.cpu_count() or 1)
SHOWN = 40  # lines of a failure

Outcome = collections.namedtuple("Outcome", "target type passed failed seconds note", defaults=[""])
one_at_a_time = threading.Lock()


def say(text):
    """A progress line, whole even if two jobs speak at once."""
    with one_at_a_time:
        print(time.strftime("[%H:%M:%S] ") + text, flush=True)


def machines():
    """The targets that have a QEMU machine: {name: the directories under hal/ that it is made of}."""
    found = {}
    for name in sorted(os.listdir(os.path.join(ROOT, "hal"))):
        try:
            with open(os.path.join(ROOT, "hal", name, "target.ini"), encoding="utf-8") as file:
                text = file.read()
        except OSError:
            continue
        parts = re.search(r"^hal\s*=\s*\[(.*)\]", text, re.M)
        if parts and re.search(r"^qemu\s*=", text, re.M):
            found[name] = re.findall(r"'([^']*)'", parts[1])
    return found


def targets():
    """The architectures that have a QEMU machine."""
    return [name for name, parts in machines().items() if len(parts) == 1]


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
    if set_up(tree, target, OPTIONS[kind], log) and command(log, "ninja", "-C", tree, "-j", str(workers)):
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
    return timed(target, kind, lambda name: build_and_test(name, f"build/{target}-{kind}", target, kind))


def timed(target, kind, work):
    """The Outcome of work(name), which returns passed, failed and perhaps a note."""
    name, begin = f"{target} {kind}", time.monotonic()
    try:
        result = work(name)
    except OSError as error:
        say(f"{name}: {error}")
        result = 0, 1
    outcome = Outcome(target, kind, *result[:2], time.monotonic() - begin, *result[2:])
    say(f"{name}: {outcome.passed} passed, {outcome.failed} failed ({outcome.seconds:.0f} s) {outcome.note}".rstrip())
    return outcome


# ---- boards ----

def hash_of(path):
    """SHA-256 of a file."""
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def data_of(tree):
    """What a build directory says about its machine."""
    with open(os.path.join(ROOT, tree, "ci", "machine.json"), encoding="utf-8") as file:
        return json.load(file)


def run_suite(name, tree, archive, cores, programs=()):
    """The user-level tests of `archive`, or some of its programs, on a machine with so many cores; returns (passed, failed)."""
    log = os.path.join(ROOT, tree, "ci", "log", f"user-smp{cores}.log")
    alone = ["--alone"] if cores != "1" else []
    words = [os.path.join(ROOT, "ci", "qemu"), os.path.join(ROOT, tree), data_of(tree)["kernel"], archive, "--tap", *alone, "--log", log,
             *(word for program in programs for word in ("--only", program)), "--", "-smp", cores]
    done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", check=False)
    entry = {"name": f"user-smp{cores}", "stdout": done.stdout, "stderr": done.stderr, "result": "ERROR" if done.returncode else "OK"}
    result = count(entry)
    if result[1]:
        report(name, entry)
    return result


def board_job(target, architecture, kind):
    """A board, after its architecture's build of the same type; returns its Outcome."""
    def work(name):
        tree, its_tree = f"build/{target}-{kind}", f"build/{architecture}-{kind}"
        if not build(tree, target, kind):
            return 0, 1
        own, archive = data_of(tree)["archive"], data_of(its_tree)["archive"]
        own_hash, its_hash = hash_of(own), hash_of(archive)
        same = own_hash == its_hash
        if not same:
            say(f"{name}: its build made another boot archive than {architecture}'s:\n    {own_hash} {own}\n    {its_hash} {archive}")
        passed, failed = int(same), int(not same)
        say(f"{name}: tests")
        for cores in data_of(tree)["smp"]:
            more = run_suite(name, tree, archive, cores)
            passed, failed = passed + more[0], failed + more[1]
        return passed, failed, f"archive of {architecture} {its_hash}"
    return timed(target, kind, work)


def llvm_job(target):
    """A target built with LLVM, and a few of its tests on one core, or as few as it has; returns its Outcome."""
    def work(name):
        tree = f"build/{target}-{LLVM}"
        if not build(tree, target, LLVM):
            return 0, 1
        here = data_of(tree)
        return run_suite(name, tree, here["archive"], here["smp"][0], LLVM_PROGRAMS)
    return timed(target, LLVM, work)


def after(builds, target, architecture, kind):
    """board_job() when the future `builds` is done: the architecture's job, or its build alone."""
    result = builds.result()
    if result if isinstance(result, bool) else result.passed > 0:
        return board_job(target, architecture, kind)
    say(f"{target} {kind}: {architecture} does not build")
    return Outcome(target, kind, 0, 1, 0.0)


def check(name, script, *words):
    """A check of the tree itself, by a script of ci/ with arguments; its lines of TAP count, or it counts as one test."""
    begin = time.monotonic()
    done = subprocess.run([os.path.join(ROOT, "ci", script), *words], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    passed, failed = count({"stdout": done.stdout, "result": "ERROR" if done.returncode else "OK"})
    say(f"{name}: {passed} passed, {failed} failed" + (f"\n{end_of(done.stdout + done.stderr)}" if failed else ""))
    return Outcome("(tree)", name, passed, failed, time.monotonic() - begin)


def table(outcomes):
    """Prints the outcomes and their sum."""
    width = max(len(outcome.target) for outcome in outcomes)
    print(f"\n{'target':{width}}  build    passed  failed    time")
    for outcome in outcomes:
        print(f"{outcome.target:{width}}  {outcome.type:7}  {outcome.passed:6}  {outcome.failed:6}  {outcome.seconds:4.0f} s  {outcome.note}".rstrip())
    print()
    passed, failed = (sum(getattr(outcome, field) for outcome in outcomes) for field in ("passed", "failed"))
    print(f"{passed} passed, {failed} failed", flush=True)
    return 0 if passed and not failed else 1


def start_jobs(pool, wanted):
    """Submits what is wanted; boards behind architectures, so that what they wait for is not behind them, LLVM last. Returns the futures of Outcomes."""
    known = machines()
    jobs = {(target, kind): pool.submit(job, target, kind) for target in known if target in wanted and len(known[target]) == 1 for kind in TYPES}
    boards = [target for target in known if target in wanted and len(known[target]) > 1]
    built = {}
    for architecture in {known[target][0] for target in boards}:
        tested = jobs.get((architecture, BOARDS))
        built[architecture] = tested or pool.submit(build, f"build/{architecture}-{BOARDS}", architecture, BOARDS)
    return [*jobs.values(), *(pool.submit(after, built[known[target][0]], target, known[target][0], BOARDS) for target in boards),
            *(pool.submit(llvm_job, target) for target in known if target in wanted)]


def main():
    known = [*machines(), "hosted"]
    wanted = sys.argv[1:] or known
    unknown = [name for name in wanted if name not in known]
    if unknown or not wanted:
        sys.exit(f"ci/test: no such target: {' '.join(unknown)}; there are: {' '.join(known)}")
    os.makedirs(os.path.join(ROOT, "build"), exist_ok=True)
    outcomes = [check("shape", "shape"), check("runner", "qemu-tests.py"), check("models", "models")]
    if not sys.argv[1:]:  # the template has a compiler of its own
        outcomes.append(check("porting", "port-tests.py"))
    with concurrent.futures.ThreadPoolExecutor(JOBS) as pool, concurrent.futures.ThreadPoolExecutor(1) as beside:
        jobs = start_jobs(pool, wanted)
        jobs += [beside.submit(check, "hosted", "hosted-tests")] if "hosted" in wanted else []
        outcomes = [done.result() for done in jobs] + outcomes
    outcomes.append(check("bench", "bench-tests.py", *[name for name in wanted if name != "hosted"]))
    return table(outcomes)


if __name__ == "__main__":
    sys.exit(main())
