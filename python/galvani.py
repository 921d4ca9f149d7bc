"""Reads what a galvani study has found, with numpy and pyarrow alone.

    import galvani

    study = galvani.open_study("pipelines/default")
    study.map("task-pathology")["z"]                        # float32 [units]
    study.networks["pathology"].masks                       # for each site a boolean array [units of the site]
    study.activations("ses-01_task-pathology", "model.decoder.layers.3.fc1")    # float32 [tokens x units]

Put this file beside your script or its folder on PYTHONPATH. A unit is one number of a site's output, counted from 0 within its
site; a site is a named layer output and bears the path of Hugging Face's module; a run's rows are its generated tokens, prompt
after prompt. docs/python.md shows every call, docs/statistics.md ("What a map holds") defines a map's statistics.

Only finished stages are read: those whose folder has a manifest.json. That a stage was made for study.yaml as it is now is not
looked at here; `galvani verify STUDY` does. Every mistake is a GalvaniError, whose text says what is wrong and what to do.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Iterator, Mapping, NamedTuple, Sequence, Union

import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet

__all__ = ["GalvaniError", "Hooks", "Map", "Network", "Run", "Site", "Study", "Verification", "hooks", "open_study"]


class GalvaniError(Exception):
    """Something that is asked for is not there, damaged, or not to be had; the text says what to do."""


class Run(NamedTuple):
    """A run of the study: one task in one session, counted from 1."""

    name: str
    session: int
    task: str


class Site(NamedTuple):
    """A named layer output of `units` units.

    `kind` is what computes it (embedding, norm, linear, activation, block, head, other), `layer` the file that holds it, and
    `start` the place of its first unit among all units, site after site, as maps have them.
    """

    name: str
    kind: str
    layer: str
    units: int
    start: int


@dataclass(frozen=True)
class Map:
    """A map: statistics of a contrast for every unit of the model, site after site.

    `map["z"]` is an array [units], float32 or float64 as it is stored; `map.of(site, "z")` the part of one site. Effects are in the
    unit's own units of activation, `d` is Cohen's d, and `log10_p...` and `log10_q...` are base-10 logarithms (corrected ones are
    named for their correction). NaN stands where a unit has no such number.
    """

    name: str
    sites: tuple[Site, ...]
    #: uint8 [units]: 0 tested, 1 constant, 2 not finite.
    flags: np.ndarray
    #: int32 [units]: the place in this map of the unit of the same site that a unit copies, -1 for none.
    copy_of: np.ndarray
    #: bool [units]: a unit of the head that stands for no token of any text.
    unreachable: np.ndarray
    #: For each contrast its statistics. A map of the glm stage has one; that of components has one for each.
    contrasts: Mapping[str, Mapping[str, np.ndarray]]
    #: What the manifest says of it: kind, contrast, task or run, noise, df, threshold...; empty of maps of other stages.
    description: Mapping[str, Any]

    @property
    def units(self) -> int:
        return len(self.flags)

    @property
    def statistics(self) -> list[str]:
        """Names for `map[...]`: of the map's contrast, or with several "<contrast>.<statistic>"."""
        if len(self.contrasts) == 1:
            return list(next(iter(self.contrasts.values())))
        return [f"{contrast}.{name}" for contrast, own in self.contrasts.items() for name in own]

    def __getitem__(self, statistic: str) -> np.ndarray:
        if statistic not in self.statistics:
            raise GalvaniError(f"map {self.name} has no statistic {_unknown(statistic, self.statistics)}")
        if len(self.contrasts) == 1:
            return next(iter(self.contrasts.values()))[statistic]
        contrast, name = statistic.rsplit(".", 1)
        return self.contrasts[contrast][name]

    def of(self, site: str, statistic: str) -> np.ndarray:
        """The statistic of one site, [units of the site]: a view."""
        return self[statistic][_slice(self.sites, site)]


@dataclass(frozen=True)
class Network:
    """The network of a task, or the units that survive in a contrast.

    Empty networks have arrays of length 0.
    """

    name: str
    #: Site of each member, in the order of networks/units.parquet.
    site: tuple[str, ...]
    #: int32 [members]: place in its site.
    unit: np.ndarray
    #: int8 [members]: 1 where the task raises the unit, -1 where it lowers it; 0 where the test has no sign (F).
    sign: np.ndarray
    #: For each site of the study, members or not, a boolean array [units of the site].
    masks: Mapping[str, np.ndarray]
    #: The rows of networks/units.parquet (of a contrast contrast_units.parquet): effect, t, z, d, log10_p and more.
    table: pa.Table

    @property
    def members(self) -> list[tuple[str, int]]:
        """(site, unit) of each member."""
        return list(zip(self.site, self.unit.tolist()))

    def __len__(self) -> int:
        return len(self.unit)


@dataclass(frozen=True)
class Verification:
    """What `Study.verify` found."""

    #: Files that were read and are as they were written.
    checked: int
    #: Files whose size alone was looked at, since their checksum is XXH3 and the package xxhash is not installed.
    unchecked: tuple[str, ...]
    #: Sentences, one for each file that is missing or differs.
    problems: tuple[str, ...]


def open_study(folder: Union[str, Path], verify: bool = False) -> Study:
    """Opens a study for reading.

    :param folder: the folder of study.yaml, study.yaml itself, or the folder of its derivatives. Of the first two, derivatives are
        `data/derivatives/<study>` in the nearest folder above that has an nx.json, else `derivatives` beside study.yaml.
    :param verify: whether each file is held against its checksum before it is read for the first time. SHA-256 always; XXH3, which
        activations have, where the package xxhash is installed, else a warning says that it is not looked at. Default: sizes alone.
    :raises GalvaniError: where there is no study, or nothing of it was planned.
    """
    root = _derivatives(Path(folder))
    if not (root / "plan" / "manifest.json").is_file():
        raise GalvaniError(f"{root} holds no planned study: run `galvani run STUDY`, or name another folder.")
    return Study(root, verify)


class Study:
    """What the stages of a study have written. Use `open_study`.

    Nothing but manifests is kept in memory; arrays that are returned are the caller's own.
    """

    def __init__(self, folder: Path, verify: bool) -> None:
        #: Of the derivatives.
        self.folder = folder
        self._verify = verify
        self._verified: set[str] = set()
        self._told_xxh3 = False
        self._manifests: dict[str, dict[str, Any]] = {}
        self._sites: tuple[Site, ...] | None = None
        #: In the order in which they are presented: session after session.
        self.runs: tuple[Run, ...] = tuple(Run(r["name"], r["session"], r["task"]) for r in self.parameters("runs"))
        #: In the order of study.yaml.
        self.tasks: tuple[str, ...] = tuple(dict.fromkeys(run.task for run in self.runs))

    def __repr__(self) -> str:
        return f"Study({str(self.folder)!r}: {len(self.tasks)} tasks, {len(self.runs)} runs)"

    # What is there.

    def manifest(self, folder: str) -> dict[str, Any]:
        """manifest.json of a finished stage, such as "glm", or of a run's, such as "extract/ses-01_task-pathology".

        :raises GalvaniError: where that stage has not finished.
        """
        if folder not in self._manifests:
            path = self.folder / folder / "manifest.json"
            if not path.is_file():
                raise GalvaniError(f"{path} is missing: run `galvani {folder.split('/')[0]} STUDY` first.")
            self._manifests[folder] = json.loads(path.read_text(encoding="utf-8"))
        return self._manifests[folder]

    def parameters(self, stage: str) -> Any:
        """What the plan tells a stage: plan/<stage>.json."""
        return json.loads(self._file("plan", f"{stage}.json").read_text(encoding="utf-8"))

    @property
    def finished(self) -> list[str]:
        """Folders of finished stages: "design", "extract/<run>", "glm", ..."""
        found = self.folder.glob("*/manifest.json"), self.folder.glob("*/*/manifest.json")
        folders = (path.parent.relative_to(self.folder).as_posix() for each in found for path in each)
        return sorted(folder for folder in folders if folder not in self.left_out)

    @property
    def left_out(self) -> dict[str, str]:
        """Stages that make no sense for the study, such as decode with one session: for each why, in a sentence or two."""
        stages = sorted(path.parent.name for path in self.folder.glob("*/manifest.json"))
        found = ((stage, self.manifest(stage)) for stage in stages)
        return {stage: own["facts"]["absent"] for stage, own in found if "absent" in own["facts"] and not own["outputs"]}

    @property
    def sites(self) -> tuple[Site, ...]:
        """Sites that were recorded, in the order of the model; of a study without recordings those of its maps."""
        if self._sites is None:
            recorded = next((run.name for run in self.runs if (self.folder / "extract" / run.name / "manifest.json").is_file()), None)
            self._sites = self._recorded_sites(recorded) if recorded else self.map(next(iter(self.maps))).sites
        return self._sites

    def site(self, name: str) -> Site:
        """:raises GalvaniError: where the study has no such site."""
        found = next((site for site in self.sites if site.name == name), None)
        if found is None:
            raise GalvaniError(f"the study has no site {_unknown(name, [site.name for site in self.sites])}")
        return found

    # Tables.

    @property
    def tables(self) -> list[str]:
        """Names for `table`: every Parquet file of finished stages, such as "networks/sizes"."""
        names = (f"{folder}/{name}" for folder in self.finished for name in self.manifest(folder)["outputs"])
        return sorted(name[: -len(".parquet")] for name in names if name.endswith(".parquet"))

    def table(self, name: str) -> pa.Table:
        """A table by name, such as "networks/sizes" or "decode/accuracy". `to_pandas()` where pandas is installed, `to_pylist()` without.

        packages/core/artifact/src/*-table.ts and *-tables.ts say what each column means.
        """
        if "/" not in name:
            raise GalvaniError(f"a table's name has its stage in front: {_unknown(name, self.tables)}")
        folder, file = name.rsplit("/", 1)
        return parquet.read_table(self._file(folder, f"{file}.parquet"))

    def events(self, run: str) -> pa.Table:
        """Prompts of a run in the order of presentation: prompt (from 0), block, condition (task or rest), topic, text, ..."""
        self._run(run)
        return self.table(f"design/{run}")

    def tokens(self, run: str, after_end: str = "study", twin: bool = False) -> pa.Table:
        """Tokens of a run: prompt (from 0), position, token_id, token, after_end, log_probability and entropy in nats.

        Row for row what `activations` gives, with the same arguments, of a study that keeps activations of tokens.

        :param after_end: whether rows count that come after the end of a prompt's text: "study" (as glm.afterEnd says, the default),
            "drop" or "keep".
        :param twin: of the model's untrained twin.
        """
        self._run(run)
        stored = self.table(f"{_recordings(twin)}/{run}/tokens")
        return stored.filter(pa.array(self._kept(stored, after_end)))

    # Activations.

    def keeps(self, run: str, twin: bool = False) -> str:
        """What is stored of a run's activations: "tokens", or "prompts" (their means alone: extraction.keep)."""
        self._run(run)
        return self._recording(run, twin)["facts"].get("keep", "tokens")

    def activations(
        self, run: str, site: str, units: Sequence[int] | None = None, after_end: str = "study", twin: bool = False
    ) -> np.ndarray:
        """A site's output at every token of a run, float32 [tokens x units], as the model computed it (float16 storage is widened).

        Rows are those of `tokens`. Where the study keeps prompts alone (`keeps`) a row is a prompt's mean over its tokens, in the
        order of `events`, and a warning says so; after_end then is what it was when the run was recorded. glm.transform is not applied.

        :param units: places in the site, from 0; the others are not held in memory. Default: all of them.
        :param after_end: see `tokens`.
        :param twin: of the model's untrained twin, where the study has one.
        :raises GalvaniError: for a run, site or unit that is not there.
        """
        if self.keeps(run, twin) == "prompts":
            warnings.warn(f"{run} keeps prompts' means, not activations at every token: a row is a prompt's mean.", stacklevel=2)
            return self._stored(run, site, units, twin)
        stored = self.table(f"{_recordings(twin)}/{run}/tokens")
        kept = self._kept(stored, after_end)
        values = self._stored(run, site, units, twin)
        if len(values) != len(kept):
            raise GalvaniError(f"{run}: {len(values)} rows of activations, {len(kept)} tokens: extract the run again.")
        return values if kept.all() else values[kept]

    def prompt_means(
        self, run: str, site: str, units: Sequence[int] | None = None, after_end: str = "study", twin: bool = False
    ) -> np.ndarray:
        """Means over each prompt's tokens, float64 [prompts x units], whether tokens or means are stored. Arguments as `activations`."""
        if self.keeps(run, twin) == "prompts":
            return self._stored(run, site, units, twin).astype(np.float64)
        prompt = self.tokens(run, after_end, twin)["prompt"].to_numpy()
        values = self.activations(run, site, units, after_end, twin).astype(np.float64)
        starts = np.flatnonzero(np.diff(prompt, prepend=-1))
        # Row after row, as galvani adds them up, so that sums are the same to the last bit.
        sums = np.zeros((len(starts), values.shape[1]))
        lengths = np.diff(starts, append=len(prompt))
        for k in range(lengths.max(initial=0)):
            longer = lengths > k
            sums[longer] += values[starts[longer] + k]
        return sums / lengths[:, None]

    def mean(self, site: str, condition: str = "rest", after_end: str = "study") -> np.ndarray:
        """Mean output of a site over tokens of one condition in all recorded runs, float64 [units]: what `hooks` can put in place.

        :param condition: "rest" (the default) or "task". Where prompts' means are stored, each prompt counts once.
        """
        total, count = np.zeros(self.site(site).units), 0
        for run in self.runs:
            if not (self.folder / "extract" / run.name / "manifest.json").is_file():
                continue
            wanted = np.array(self.events(run.name)["condition"].to_pylist()) == condition
            if self.keeps(run.name) == "prompts":
                values = self._stored(run.name, site, None, False)[wanted]
            else:
                prompt = self.tokens(run.name, after_end)["prompt"].to_numpy()
                values = self.activations(run.name, site, None, after_end)[wanted[prompt]]
            total += values.sum(0, dtype=np.float64)
            count += len(values)
        if count == 0:
            raise GalvaniError(f"no recorded run has prompts of condition {condition!r}; allowed are 'rest' and 'task'.")
        return total / count

    # Maps and networks.

    @property
    def maps(self) -> dict[str, dict[str, Any]]:
        """Descriptions of all maps by name: of the glm stage, and of yardstick ("yardstick/topics-...") and geometry ("geometry/components")."""
        found = {each["name"]: each for each in self.manifest("glm")["facts"]["mapSets"]} if self._is_finished("glm") else {}
        for stage in ("yardstick", "geometry"):
            if self._is_finished(stage):
                files = (name.split("/") for name in self.manifest(stage)["outputs"] if name.endswith(".arrow"))
                found.update({f"{stage}/{parts[0]}": {} for parts in files if len(parts) == 2})
        return found

    def map(self, name: str) -> Map:
        """A map by name, such as "task-pathology" (a task over all sessions) or "ses-01_task-pathology" (one run).

        :raises GalvaniError: where there is no such map.
        """
        described = self.maps
        if name not in described:
            raise GalvaniError(f"there is no map {_unknown(name, list(described))}")
        stage, folder = name.split("/") if "/" in name else ("glm", name)
        files = {Path(each).stem for each in self.manifest(stage)["outputs"] if each.startswith(f"{folder}/")}
        layers = [layer for layer in self.manifest("glm")["facts"]["layers"] if layer in files]
        parts = [(layer, _open_arrow(self._file(stage, f"{folder}/{layer}.arrow")).read_all()) for layer in layers]
        return _whole_map(name, parts, described[name])

    @property
    def networks(self) -> dict[str, Network]:
        """The network of each task, by task, in the order of the study; empty ones too."""
        table = self.table("networks/units")
        return {task: self._network(task, "task", table) for task in self.tasks}

    @property
    def contrast_networks(self) -> dict[str, Network]:
        """The units that survive in each contrast of glm.contrasts, by the contrast's name."""
        table = self.table("networks/contrast_units")
        names = dict.fromkeys(self.table("networks/contrast_sizes")["contrast"].to_pylist())
        return {name: self._network(name, "contrast", table) for name in names}

    # Checksums.

    def verify(self) -> Verification:
        """Holds every file of finished stages against its manifest: SHA-256, and XXH3 where the package xxhash is installed.

        Manifests' checksums of themselves are not looked at (`galvani verify STUDY` does).
        """
        checked, unchecked, problems = 0, [], []
        for folder in self.finished:
            for name, listed in self.manifest(folder)["outputs"].items():
                problem = _problem(self.folder / folder / name, listed)
                if problem:
                    problems.append(f"{folder}/{name} {problem}.")
                elif "xxh3" in listed and _xxh3() is None:
                    unchecked.append(f"{folder}/{name}")
                else:
                    checked += 1
        return Verification(checked, tuple(unchecked), tuple(problems))

    # Inner workings.

    def _is_finished(self, folder: str) -> bool:
        return (self.folder / folder / "manifest.json").is_file()

    def _file(self, folder: str, name: str) -> Path:
        """The one door to files: listed in the manifest of a finished stage, of the size that it says, verified where that is asked for."""
        outputs = self.manifest(folder)["outputs"]
        if folder in self.left_out:
            raise GalvaniError(f"the study has no {folder}. {self.left_out[folder]}")
        if name not in outputs:
            raise GalvaniError(f"{folder} has no file {_unknown(name, list(outputs))}")
        path, key = self.folder / folder / name, f"{folder}/{name}"
        problem = _problem(path, outputs[name], contents=self._verify and key not in self._verified)
        if problem:
            raise GalvaniError(f"{path} {problem}: run `galvani {folder.split('/')[0]} STUDY` again.")
        if self._verify and key not in self._verified and "xxh3" in outputs[name] and _xxh3() is None:
            if not self._told_xxh3:
                warnings.warn("files of activations are not verified: their checksum is XXH3, and the package xxhash is not installed.")
            self._told_xxh3 = True
        self._verified.add(key)
        return path

    def _run(self, name: str) -> Run:
        for run in self.runs:
            if run.name == name:
                return run
        raise GalvaniError(f"the study has no run {_unknown(name, [run.name for run in self.runs])}")

    def _recording(self, run: str, twin: bool = False) -> dict[str, Any]:
        manifest = self.manifest(f"{_recordings(twin)}/{run}")
        absent = manifest["facts"].get("absent")
        if absent:
            raise GalvaniError(f"{run} has no recording of a twin: {absent}")
        return manifest

    def _kept(self, tokens: pa.Table, after_end: str) -> np.ndarray:
        rule = self.parameters("glm").get("afterEnd", "drop") if after_end == "study" else after_end
        if rule not in ("drop", "keep"):
            raise GalvaniError(f"after_end is {after_end!r}; allowed are 'study', 'drop' and 'keep'.")
        after = tokens["after_end"].to_numpy()
        return ~after if rule == "drop" else np.ones_like(after)

    def _recorded_sites(self, run: str) -> tuple[Site, ...]:
        sites: list[Site] = []
        for field in _open_arrow(self._recorded_file(run)).schema:
            about = {key.decode(): value.decode() for key, value in (field.metadata or {}).items()}
            start = sites[-1].start + sites[-1].units if sites else 0
            sites.append(Site(field.name, about.get("kind", "other"), about["layer"], field.type.list_size, start))
        return tuple(sites)

    def _recorded_file(self, run: str, twin: bool = False) -> Path:
        """The file of a run's activations in all layers, or of prompts' means."""
        name = "means.arrow" if self.keeps(run, twin) == "prompts" else "activations.arrow"
        return self._file(f"{_recordings(twin)}/{run}", name)

    def _stored(self, run: str, name: str, units: Sequence[int] | None, twin: bool) -> np.ndarray:
        """All rows of a site as they are stored, widened to float32, in an array of the caller's own."""
        site = self.site(name)
        places = None if units is None else np.asarray(units, dtype=np.int64)
        if places is not None and places.size and not (0 <= places.min() and places.max() < site.units):
            raise GalvaniError(f"{name} has units 0 to {site.units - 1}; asked for were {places.min()} to {places.max()}.")
        self._recording(run, twin)
        path = self._recorded_file(run, twin)
        column = _open_arrow(path).schema.get_field_index(name)
        parts = [np.empty((0, site.units if places is None else len(places)), np.float32)]
        for batch in _batches(path, column):
            values = batch.column(0).flatten().to_numpy().reshape(-1, site.units)
            parts.append((values if places is None else values[:, places]).astype(np.float32))
        return np.concatenate(parts)

    def _network(self, name: str, column: str, table: pa.Table) -> Network:
        own = table.filter(pa.array([each == name for each in table[column].to_pylist()], pa.bool_()))
        site, unit = tuple(own["site"].to_pylist()), own["unit"].to_numpy().astype(np.int32)
        t = own["t"].to_numpy()
        sign = np.sign(np.nan_to_num(np.where(np.isnan(t), own["effect"].to_numpy(), t))).astype(np.int8)
        masks = {each.name: np.zeros(each.units, bool) for each in self.sites}
        for member, place in zip(site, unit):
            masks[member][place] = True
        return Network(name, site, unit, sign, masks, own)


class Hooks:
    """Forward hooks on a model. `remove()` takes them off again; so does the end of a `with`."""

    def __init__(self, handles: list[Any]) -> None:
        #: PyTorch's handles, one for each module.
        self.handles = handles

    def remove(self) -> None:
        for handle in self.handles:
            handle.remove()

    def __enter__(self) -> Hooks:
        return self

    def __exit__(self, *_: Any) -> None:
        self.remove()


def hooks(
    model: Any,
    mask: Union[Network, Mapping[str, Any]],
    scale: float = 0.0,
    replace: Mapping[str, Any] | None = None,
) -> Hooks:
    """Changes units of a PyTorch model while it runs, at every position: each y becomes `scale * y`, or a number of your own.

        with galvani.hooks(model, study.networks["pathology"]):        # zero
            model(input_ids)

    The model is a transformers model of the study's architecture, since sites are its modules' paths. Load the one that comes with
    galvani with dtype=torch.float32. A module that returns a tuple (attention) has its first output changed, as galvani records it.

    :param mask: a network, or for each site a boolean array [units of the site] or a list of units.
    :param scale: 0 zeroes the units (the default), 0.5 halves them, 2 doubles them.
    :param replace: in place of `scale`, for each site in the mask the numbers that its units become, [units of the site], such as
        `{site: study.mean(site) for site in mask}`.
    :returns: the hooks; `remove()` them, or use `with`.
    :raises GalvaniError: for a site that is no module of the model, a unit that its site does not have, or a site without numbers in
        `replace`. A mask of another length than the module's output raises it when the model runs.
    """
    import torch

    modules = dict(model.named_modules(remove_duplicate=False))
    masks = mask.masks if isinstance(mask, Network) else mask
    chosen: dict[str, tuple[np.ndarray, int | None]] = {}
    for site, own in masks.items():
        given = np.asarray(own)
        places = np.flatnonzero(given) if given.dtype == bool else np.unique(given.astype(np.int64))
        if len(places) == 0:
            continue
        if _hooked(site, modules) is None:
            raise GalvaniError(f"the model has no module {_unknown(site.partition('#')[0], list(modules))}")
        if places[0] < 0:
            raise GalvaniError(f"{site}: unit {places[0]} is below 0.")
        if replace is not None and site not in replace:
            raise GalvaniError(f"`replace` has no numbers for {site}, which is in the mask.")
        chosen[site] = (places, len(given) if given.dtype == bool else None)
    if len({(id(_hooked(site, modules)), "#" in site) for site in chosen}) < len(chosen):
        raise GalvaniError("several sites of the mask are one and the same module in this model, which its hooks could not tell apart.")

    def changing(site: str, places: np.ndarray, width: int | None) -> Any:
        index = torch.from_numpy(places)
        numbers = None if replace is None else np.asarray(replace[site], dtype=np.float64)
        if numbers is not None and (numbers.ndim != 1 or places[-1] >= len(numbers)):
            raise GalvaniError(f"`replace` has {numbers.shape} numbers for {site}, not one for each of its units.")
        values = None if numbers is None else torch.from_numpy(numbers[places])

        def change(output: Any) -> Any:
            first = output[0] if isinstance(output, tuple) else output
            found = first.shape[-1]
            if places[-1] >= found or (width is not None and width != found):
                raise GalvaniError(f"{site} has {found} units in this model, and the mask has {width or int(places[-1]) + 1}.")
            at = index.to(first.device)
            changed = first.clone()
            changed[..., at] = first[..., at] * scale if values is None else values.to(first)
            return (changed, *output[1:]) if isinstance(output, tuple) else changed

        return change

    made = [(site, _hooked(site, modules), changing(site, *own)) for site, own in chosen.items()]
    return Hooks([
        module.register_forward_pre_hook(lambda _module, inputs, change=change: change(inputs))
        if "#" in site
        else module.register_forward_hook(lambda _module, _inputs, output, change=change: change(output))
        for site, module, change in made
    ])


# What lies inside a module and is what another of its modules takes: the gated product, heads' outputs.
_TAKERS = {"gated": ("down_proj", "Wo", "w2", "out_proj", "per_layer_projection"), "z": ("o_proj", "out_proj", "c_proj", "dense", "out_lin", "Wo")}


def _hooked(site: str, modules: Mapping[str, Any]) -> Any:
    """The module whose output a site is, or whose input, where it lies inside a module; None where there is none."""
    module, _, inside = site.partition("#")
    if not inside:
        return modules.get(module)
    if inside not in _TAKERS:
        raise GalvaniError(f"{site} lies inside a module, where PyTorch's hooks do not reach: they reach sites that end in #gated and #z.")
    if module not in modules:
        return None
    takers = [f"{module}.{name}" for name in _TAKERS[inside]]
    if inside == "z" and module.endswith(".self"):
        # BERT's output projection stands beside what gives it heads' outputs.
        takers.append(f"{module[:-len('.self')]}.output.dense")
    there = [modules[name] for name in takers if name in modules]
    if len(there) != 1:
        raise GalvaniError(f"{site} lies inside a module, and this model has no one module that takes it, whose hooks could reach it.")
    return there[0]


def _derivatives(folder: Path) -> Path:
    if (folder / "plan" / "manifest.json").is_file():
        return folder
    own = (folder.parent if folder.is_file() else folder).resolve()
    if not (folder.is_file() or (folder / "study.yaml").is_file()):
        raise GalvaniError(f"{folder} is no study: name the folder that holds study.yaml, or that of its derivatives.")
    workspace = next((each for each in (own, *own.parents) if (each / "nx.json").exists()), None)
    return workspace / "data" / "derivatives" / own.name if workspace else own / "derivatives"


def _recordings(twin: bool) -> str:
    return "twin" if twin else "extract"


def _unknown(name: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    if near:
        return f"{name!r}. Did you mean {near[0]!r}?"
    listed = ", ".join(known[:8]) + (f" and {len(known) - 8} more" if len(known) > 8 else "")
    return f"{name!r}. There are: {listed or 'none'}."


def _slice(sites: Sequence[Site], name: str) -> slice:
    for site in sites:
        if site.name == name:
            return slice(site.start, site.start + site.units)
    raise GalvaniError(f"the map has no site {_unknown(name, [site.name for site in sites])}")


def _open_arrow(path: Path) -> pa.ipc.RecordBatchFileReader:
    try:
        return pa.ipc.open_file(pa.memory_map(str(path)))
    except pa.ArrowInvalid as error:
        raise GalvaniError(f"{path} is no Arrow file ({error}).") from error


def _batches(path: Path, column: int) -> Iterator[pa.RecordBatch]:
    """Batches of one column: the others' pages are never touched."""
    options = pa.ipc.IpcReadOptions(included_fields=[column])
    file = pa.ipc.open_file(pa.memory_map(str(path)), options=options)
    for number in range(file.num_record_batches):
        yield file.get_batch(number)


def _whole_map(name: str, layers: Sequence[tuple[str, pa.Table]], description: Mapping[str, Any]) -> Map:
    sites: list[Site] = []
    copies: list[np.ndarray] = []
    columns: dict[tuple[str, str], list[np.ndarray | None]] = {}
    lengths = [table.num_rows for _, table in layers]
    for k, (layer, table) in enumerate(layers):
        labels, first = np.array(table["site"].to_pylist()), sites[-1].start + sites[-1].units if sites else 0
        starts = np.flatnonzero(np.r_[True, labels[1:] != labels[:-1]]) if len(labels) else []
        copy_of = table["copy_of"].to_numpy().copy() if "copy_of" in table.column_names else np.full(len(labels), -1, np.int32)
        for start, end in zip(starts, [*starts[1:], len(labels)]):
            sites.append(Site(str(labels[start]), table["kind"][int(start)].as_py(), layer, int(end - start), first + int(start)))
            own = copy_of[start:end]
            own[own >= 0] += first + int(start)
        copies.append(copy_of)
        for column in table.column_names:
            contrast, dot, statistic = column.rpartition(".")
            # A map of the glm stage is of the contrast that its manifest names.
            if dot and description.get("contrast", contrast) == contrast:
                columns.setdefault((contrast, statistic), [None] * len(layers))[k] = table[column].to_numpy()
    contrasts: dict[str, dict[str, np.ndarray]] = {}
    for (contrast, statistic), parts in columns.items():
        whole = [np.full(n, np.nan) if part is None else part for part, n in zip(parts, lengths)]
        contrasts.setdefault(contrast, {})[statistic] = np.concatenate(whole)
    joined = lambda column: np.concatenate(
        [t[column].to_numpy() if column in t.column_names else np.zeros(t.num_rows, np.uint8) for _, t in layers]
    )
    return Map(name, tuple(sites), joined("flag"), np.concatenate(copies), joined("unreachable") == 1, contrasts, description)


def _xxh3() -> Any:
    try:
        from xxhash import xxh3_64
    except ImportError:
        return None
    return xxh3_64


def _problem(path: Path, listed: Mapping[str, Any], contents: bool = True) -> str | None:
    """In words how a file differs from what its manifest says."""
    if not path.is_file():
        return "is missing"
    size = path.stat().st_size
    if size != listed["bytes"]:
        return f"has {size} bytes instead of {listed['bytes']}"
    made = hashlib.sha256 if "sha256" in listed else _xxh3()
    if not contents or made is None:
        return None
    digest = made()
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
    return None if digest.hexdigest() == (listed.get("sha256") or listed.get("xxh3")) else "differs from its checksum"
