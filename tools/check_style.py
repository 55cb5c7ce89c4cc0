#!/usr/bin/python3
"""Fail where src/ breaks a habit that a machine can see.

Usage: check_style.py SRC

- every prototype in a header stands in a paragraph with a comment (the header is the manual);
- no file has more than FILE_LINES_MAX lines, no function more than FUNCTION_LINES_MAX;
- no word in code promises work for later.
"""
import pathlib
import re
import sys

FILE_LINES_MAX = 800
FUNCTION_LINES_MAX = 100
LATER = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
PROTOTYPE = re.compile(r"^[a-z][\w \t*]*\b(\w+)\s*\([^;{}]*\)\s*(?:__attribute__\s*\(\(.*\)\)\s*)?;", re.M | re.S)


def paragraphs(text):
    """(line number, text) of each run of lines without a blank one; a comment is not cut by its blank lines."""
    start, lines, in_comment = 1, [], False
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() or in_comment:
            if not lines:
                start = number
            lines.append(line)
        elif lines:
            yield start, "\n".join(lines)
            lines = []
        opened, shut = line.rfind("/*"), line.rfind("*/")
        in_comment = opened > shut if max(opened, shut) >= 0 else in_comment
    if lines:
        yield start, "\n".join(lines)


def check_header(path, text):
    for number, paragraph in paragraphs(text):
        if paragraph.lstrip().startswith(("struct", "enum", "#define", "static")) or "/*" in paragraph or "//" in paragraph:
            continue
        match = PROTOTYPE.search(paragraph)
        if match:
            yield f"{path}:{number}: {match[1]}() has no comment that says what it does"


def check_functions(path, text):
    """A function's body starts with '{' in the first column and ends with '}' there: the layout of .clang-format."""
    start = None
    for number, line in enumerate(text.splitlines(), 1):
        if line == "{":
            start = number
        elif line == "}" and start is not None:
            if number - start - 1 > FUNCTION_LINES_MAX:
                yield f"{path}:{start}: a function of {number - start - 1} lines, {FUNCTION_LINES_MAX} at most"
            start = None


def check(path):
    text = path.read_text(errors="replace")
    count = text.count("\n")
    if count > FILE_LINES_MAX:
        yield f"{path}: {count} lines, {FILE_LINES_MAX} at most"
    for number, line in enumerate(text.splitlines(), 1):
        if LATER.search(line):
            yield f"{path}:{number}: {LATER.search(line)[0]}: finish it or leave it out"
    yield from check_header(path, text) if path.suffix == ".h" else check_functions(path, text)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    files = sorted(pathlib.Path(sys.argv[1]).rglob("*.[ch]"))
    complaints = [complaint for path in files for complaint in check(path)]
    for complaint in complaints:
        print(complaint)
    print(f"style: {len(files)} files, {len(complaints)} complaints")
    return 1 if complaints else 0


sys.exit(main())
