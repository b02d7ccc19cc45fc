"""Reads a JUnit file with junitparser, as CI services do, and prints what it understood.

    read_junit.py FILE    "name passed|failed|error|skipped" for each case, then the totals
"""

import sys

from junitparser import Error, Failure, JUnitXml, Skipped

document = JUnitXml.fromfile(sys.argv[1])
kinds = {Failure: "failed", Error: "error", Skipped: "skipped"}
cases = [(suite, case) for suite in document for case in suite]
for suite, case in cases:
    result = next((kinds[type(found)] for found in case.result), "passed")
    print(f"{suite.name} / {case.name}: {result}")
document.update_statistics()
print(f"{document.tests} tests, {document.failures} failures, {document.errors} errors, {document.skipped} skipped")
