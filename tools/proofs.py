#!/usr/bin/python3
"""Each requirement of the method with the tests that prove it, what they saw, and the result.

Usage: proofs.py [--json] [--results DIR]

Runs the system tests that are marked `proves`, just now, or reads the results of a run that has just ended (JUnit files
DIR/system-*.xml, as tests/system/run.py writes them). A requirement without a test, or with one that did not pass, fails.
Exit 1 where one fails.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

TOP = pathlib.Path(__file__).resolve().parents[1]
EVIDENCE_MAX = 6  # facts shown for one requirement

REQUIREMENTS = {
    "R1": "Through a server that stores the update files: the device's configuration is backed up to the server; the device "
          "downloads the update files from the server and loads them; the configuration is restored from the server",
    "R2": "The server watches the backup and judges whether it succeeded; if not, it instructs the device to back up again",
    "R3": "Backup failed means: a failure message came from the device, or the scheduled time passed",
    "R4": "Before that, the user is told that the backup failed and asked; on his word it is done again, otherwise the process "
          "ends",
    "R5": "The management system sends an SNMP backup command; the device sends its configuration file to the named FTP or TFTP "
          "server",
    "R6": "Configuration is user data, port data, protocol parameters, default parameters",
    "R7": "The server watches the update and judges whether it succeeded; if not, it instructs the device to update again",
    "R8": "Update failed means: a failure message came from the device, or the scheduled time passed",
    "R9": "Before that, the user is told that the update failed and asked; on his word it is done again, otherwise the process "
          "ends",
    "R10": "The old software version is stored in the device before the update; before the update is instructed again, the device "
           "is instructed to go back to it",
    "R11": "The SNMP update command carries the server's address and the names of the update files; the device downloads those "
           "files by FTP or TFTP and loads them",
    "R12": "The server watches the restore and judges whether it succeeded; if not, it instructs the device to restore again",
    "R13": "Restore failed means: a failure message came from the device, or the scheduled time passed",
    "R14": "Before that, the user is told that the restore failed and asked; on his word it is done again, otherwise the process "
           "ends",
    "R15": "The SNMP restore command carries the server's address and the names of the configuration files; the device downloads "
           "those by FTP or TFTP and loads them",
    "R16": "The format of the configuration is changed where the new software wants another, before it goes back",
}


def run_tests(folder):
    """Run what is marked; progress goes to stderr."""
    words = [sys.executable, TOP / "tests/system/run.py", "--logs", folder, "-m", "proves", TOP / "tests/system"]
    subprocess.run(words, stdout=sys.stderr, check=False)


def read_results(folder):
    """Requirement -> list of (test, has passed, [evidence])."""
    found = {name: [] for name in REQUIREMENTS}
    for file in sorted(folder.glob("system-*.xml")):
        for case in ElementTree.parse(file).getroot().iter("testcase"):
            bad = [child.tag for child in case if child.tag in ("failure", "error", "skipped")]
            properties = [(p.get("name"), p.get("value")) for p in case.iter("property")]
            evidence = [value for name, value in properties if name == "evidence"]
            test = f"{(case.get('file') or case.get('classname').replace('.', '/') + '.py')}::{case.get('name')}"
            for name, value in properties:
                if name == "proves" and value in found:
                    found[value].append((test, not bad, evidence))
    return found


def judge(name, tests):
    bad = [test for test, passed, _ in tests if not passed]
    evidence = list(dict.fromkeys(fact for _, _, facts in tests for fact in facts))
    summary = f"{len(tests)} tests, {len(bad)} failed" if tests else "no test"
    return {
        "id": name, "requirement": REQUIREMENTS[name], "test": ", ".join(sorted(test for test, _, _ in tests)),
        "evidence": "; ".join([summary, *(f"failed: {test}" for test in bad), *sorted(evidence)[:EVIDENCE_MAX]]),
        "result": "pass" if tests and not bad else "fail",
    }


def main():
    parser = argparse.ArgumentParser(prog="./dev proofs")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.add_argument("--results", type=pathlib.Path, help="do not run: read this folder's JUnit files")
    options = parser.parse_args()
    folder = options.results or TOP / "build-check" / "proofs"
    if not options.results:
        run_tests(folder)
    proofs = [judge(name, tests) for name, tests in read_results(folder).items()]
    for proof in proofs:
        if options.json:
            print(json.dumps(proof))
        else:
            print(f"{proof['id']:4} {proof['result']:5} {proof['requirement']}")
            for fact in proof["evidence"].split("; "):
                print(f"           {fact}")
            for test in proof["test"].split(", "):
                print(f"           test: {test}")
    bad = [proof["id"] for proof in proofs if proof["result"] != "pass"]
    print(f"{len(proofs) - len(bad)} of {len(proofs)} requirements are proven" + (f"; not: {' '.join(bad)}" if bad else ""),
          file=sys.stderr)
    return 1 if bad else 0


sys.exit(main())
