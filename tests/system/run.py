#!/usr/bin/python3
"""Run the system tests in several pytest processes that share the list; print one line a test as it ends.

Usage: run.py --logs DIR [--jobs N] [--long] [PYTEST-WORD...]
Writes DIR/system-K.xml (JUnit). The last line is 'N passed, N failed'.
"""
import argparse
import os
import pathlib
import shutil
import subprocess
import sys
import threading
import xml.etree.ElementTree as ElementTree

HERE = pathlib.Path(__file__).resolve().parent


def follow(popen, shown, lock, failures):
    """Pass on the lines that name a test's result; keep the rest for when something fails."""
    rest = []
    for line in popen.stdout:
        line = line.rstrip()
        words = line.split()
        if "::" in line and len(words) >= 2 and words[1] in ("PASSED", "FAILED", "ERROR", "SKIPPED"):
            with lock:
                shown.append(line)
                print(f"{words[1].lower():8}{words[0].split('/')[-1]}", flush=True)
        else:
            rest.append(line)
    code = popen.wait()
    if code not in (0, 5):  # 5: the others took every test
        with lock:
            failures.append((code, "\n".join(rest)))


def counts(files):
    passed = failed = 0
    for file in files:
        for suite in ElementTree.parse(file).getroot().iter("testsuite"):
            bad = int(suite.get("failures")) + int(suite.get("errors"))
            failed += bad
            passed += int(suite.get("tests")) - bad - int(suite.get("skipped"))
    return passed, failed


def have_terminals():
    """A bare root has no /dev/pts, and tests that need a terminal fail: then run in a mount namespace of our own that has one."""
    try:
        for fd in os.openpty():
            os.close(fd)
        return
    except OSError:
        if os.geteuid() != 0 or "DRYDOCK_TERMINALS" in os.environ:
            return
    mount = ("mount --make-private /dev && mount -t devpts -o newinstance,ptmxmode=666,mode=620 devpts /dev/pts || "
             "echo 'run: no terminals here, tests that need one fail' >&2; exec \"$@\"")
    os.environ["DRYDOCK_TERMINALS"] = "1"
    os.execvp("unshare", ["unshare", "--mount", "--propagation", "unchanged", "sh", "-c", mount, "sh", sys.executable, *sys.argv])


def main():
    have_terminals()
    parser = argparse.ArgumentParser()
    parser.add_argument("--logs", required=True, type=pathlib.Path)
    parser.add_argument("--jobs", type=int, default=4)
    parser.add_argument("--long", action="store_true")
    options, words = parser.parse_known_args()
    claims = options.logs / "claims"
    shutil.rmtree(claims, ignore_errors=True)
    claims.mkdir(parents=True)
    files = [options.logs / f"system-{number}.xml" for number in range(options.jobs)]
    threads, shown, failures, lock = [], [], [], threading.Lock()
    for file in files:
        file.unlink(missing_ok=True)
        arguments = ["/usr/bin/python3", "-m", "pytest", "-v", "-p", "no:cacheprovider", "--tb=short", "--no-header",
                     f"--claims={claims}", f"--junitxml={file}", "-o", "junit_family=xunit1", *(["--long"] if options.long else []),
                     *(words or [str(HERE)])]
        popen = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        threads.append(threading.Thread(target=follow, args=(popen, shown, lock, failures)))
        threads[-1].start()
    for thread in threads:
        thread.join()
    for _, text in failures:
        print(text)
    passed, failed = counts(file for file in files if file.exists())
    failed += sum(1 for code, _ in failures if code != 1)  # 1: tests failed, and are counted; else pytest itself
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


sys.exit(main())
