"""Executes the blocks of Python on a page, in a folder, with some of its words replaced.

    python test/python/run_block.py PAGE FOLDER WORD=OTHER ...
"""

import os
import re
import sys
from pathlib import Path

page, folder, *pairs = sys.argv[1:]
text = Path(page).read_text(encoding="utf-8")
os.chdir(folder)
for number, block in enumerate(re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)):
    for word, other in (pair.split("=") for pair in pairs):
        block = block.replace(word, other)
    names = {"__name__": "__main__"}
    exec(compile(block, f"{page}, block {number}", "exec"), names)
    print(number, names["z"].shape, int(names["member"].sum()), len(names["units"]))
