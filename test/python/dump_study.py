"""Prints what python/galvani.py reads of a study as JSON, for module.test.ts to compare. Arrays are base64 of their bytes, little-endian."""

import base64
import json
import sys
import warnings
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2] / "python"))
import galvani


def packed(values):
    values = np.ascontiguousarray(values)
    return {"type": values.dtype.name, "shape": values.shape, "bytes": base64.b64encode(values.tobytes()).decode()}


def rows(table):
    """Columns by name; of numbers their arrays, so that NaN and every bit survive."""
    columns = {name: table[name].to_pylist() for name in table.column_names}
    return {name: packed(np.array(v)) if v and isinstance(v[0], float) else v for name, v in columns.items()}


def network(own):
    masks = {site: np.flatnonzero(mask).tolist() for site, mask in own.masks.items()}
    widths = {site: len(mask) for site, mask in own.masks.items()}
    return {"members": own.members, "sign": own.sign.tolist(), "masks": masks, "widths": widths}


def whole_map(own):
    return {
        "sites": own.sites,
        "flags": packed(own.flags),
        "copyOf": packed(own.copy_of),
        "unreachable": packed(own.unreachable.astype(np.uint8)),
        "statistics": {name: packed(own[name].astype(np.float64)) for name in own.statistics},
        "types": sorted({own[name].dtype.name for name in own.statistics}),
        "of": all(np.array_equal(own.of(s.name, n), own[n][s.start : s.start + s.units], True) for s in own.sites for n in own.statistics),
    }


def recording(study, run, twin):
    prompts = study.keeps(run, twin) == "prompts"
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        activations = {site.name: packed(study.activations(run, site.name, twin=twin)) for site in study.sites}
        last = {site.name: packed(study.activations(run, site.name, units=[site.units - 1], twin=twin)) for site in study.sites}
    return {
        "prompts": prompts,
        "warnings": sorted({str(each.message) for each in told}),
        "tokens": rows(study.tokens(run, twin=twin)),
        "stored": study.tokens(run, after_end="keep", twin=twin).num_rows,
        "activations": activations,
        "last": last,
        "means": {site.name: packed(study.prompt_means(run, site.name, twin=twin)) for site in study.sites},
    }


def mistakes(study):
    run, site = study.runs[0].name, study.sites[0]
    found = []
    for wrong in (
        lambda: study.map("task-nothing"),
        lambda: study.activations("ses-99", site.name),
        lambda: study.activations(run, "no.such.site"),
        lambda: study.activations(run, site.name, units=[site.units]),
        lambda: study.tokens(run, after_end="sometimes"),
        lambda: study.table("networks/nothing"),
        lambda: study.mean(site.name, "sleep"),
        lambda: study.manifest("lesion"),
    ):
        try:
            wrong()
            found.append("no error")
        except galvani.GalvaniError as error:
            found.append(str(error))
    return found


study = galvani.open_study(sys.argv[1], verify=True)
twins = [run.name for run in study.runs if (study.folder / "twin" / run.name / "manifest.json").is_file()]
verified = study.verify()
print(
    json.dumps(
        {
            "runs": study.runs,
            "tasks": study.tasks,
            "sites": study.sites,
            "events": {run.name: rows(study.events(run.name)) for run in study.runs},
            "recordings": {run.name: recording(study, run.name, False) for run in study.runs},
            "twins": {run: recording(study, run, True) for run in twins},
            "maps": {name: whole_map(study.map(name)) for name in study.maps},
            "networks": {name: network(own) for name, own in study.networks.items()} if "networks/units" in study.tables else {},
            "contrasts": {name: network(own) for name, own in study.contrast_networks.items()} if "networks/units" in study.tables else {},
            "tables": {name: rows(study.table(name)) for name in study.tables if name.split("/")[0] in ("glm", "networks")},
            "rest": {site.name: packed(study.mean(site.name)) for site in study.sites},
            "checked": verified.checked,
            "unchecked": verified.unchecked,
            "problems": verified.problems,
            "mistakes": mistakes(study),
        }
    )
)
