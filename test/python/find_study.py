"""Opens each folder that is named and reads a few of its files, verified. Prints a line for each: where its derivatives are, or what is wrong."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "python"))
import galvani

for folder in sys.argv[1:]:
    try:
        study = galvani.open_study(folder, verify=True)
        if "networks" in study.finished:
            study.networks
            study.tokens(study.runs[0].name)
        print(study.folder)
    except galvani.GalvaniError as error:
        print(error)
