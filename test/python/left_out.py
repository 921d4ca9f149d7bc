"""Opens a study without decode; prints what galvani.py says of it."""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "python"))
import galvani

study = galvani.open_study(sys.argv[1])
try:
    study.table("decode/accuracy")
    said = "nothing"
except galvani.GalvaniError as mistake:
    said = str(mistake)
found = {"left_out": study.left_out, "finished": study.finished, "networks": len(study.networks), "said": said}
print(json.dumps(found))
