"""Judge PDF files by pikepdf's own PDF/A-1b validator: one line a file, "ok" or what it found. Runs in its own venv.

That validator approves only what it recognises; neither the writer of our letters nor our check shares code with it.
"""

from __future__ import annotations

import sys

from pikepdf.pdfa import validate_written

for name in sys.argv[1:]:
    findings = validate_written(name, "1b").findings
    print("; ".join(f"{finding.rule} {finding.message}" for finding in findings) or "ok")
