"""Reads every image of a BIDS dataset with nibabel and prints, by path: its shape, the kind of its file, and its values in base64 as float64.

    python test/python/read_bids.py DATASET
"""

import base64
import json
import sys
from pathlib import Path

import nibabel
import numpy

root = Path(sys.argv[1])
found = {}
for path in sorted(root.rglob("*.nii.gz")):
    image = nibabel.load(path)
    values = numpy.asanyarray(image.dataobj).astype("<f8")
    found[str(path.relative_to(root))] = {
        "kind": type(image).__name__,
        "shape": list(image.shape),
        "intent": image.header.get_intent()[0],
        "parameters": list(image.header.get_intent()[1]),
        "units": list(image.header.get_xyzt_units()),
        "identity": bool((image.affine == numpy.eye(4)).all()),
        "values": base64.b64encode(values.tobytes()).decode(),
    }
print(json.dumps(found))
