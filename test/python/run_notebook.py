"""Executes a notebook in its own folder: with nbclient where it and a kernel are installed, else its code cells one after another here.

    python test/python/run_notebook.py examples/python/galvani.ipynb
    python test/python/run_notebook.py docs/python.md        # its blocks of Python, in the workspace

Prints what its cells print; a cell that fails ends it with exit code 1. GALVANI_STUDY is a study to open in place of the default one.
Blocks that need torch are left out where it is not installed.
"""

import json
import os
import re
import sys
from pathlib import Path

path = Path(sys.argv[1]).resolve()
os.environ["MPLBACKEND"] = "agg"
try:
    import ipykernel  # noqa: F401
    import nbclient
    import nbformat
except ImportError:
    nbclient = None



def run(cells):
    names = {"__name__": "__main__"}
    for number, source in enumerate(cells):
        exec(compile(source, f"{path.name}, cell {number}", "exec"), names)


def has_torch():
    try:
        import torch, transformers  # noqa: F401
    except ImportError:
        return False
    return True


if path.suffix == ".md":
    home = Path(__file__).parents[2]
    os.chdir(home)
    sys.path.insert(0, str(home / "python"))
    blocks = re.findall(r"^```python\n(.*?)^```", path.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    own = os.environ.get("GALVANI_STUDY", "pipelines/default")
    run(block.replace('"pipelines/default"', repr(own)) for block in blocks if "torch" not in block or has_torch())
    nbclient = None
elif nbclient:
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    nbclient.NotebookClient(notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(path.parent)}}).execute()
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            print(output.get("text") or output.get("data", {}).get("text/plain", ""))
else:
    os.chdir(path.parent)
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    run("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
print("executed with nbclient" if nbclient else "executed cell by cell")
