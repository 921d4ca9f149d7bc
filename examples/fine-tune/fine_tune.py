"""Fine-tunes a model on text of one topic, changing nothing but the weights of that topic's network.

    npx galvani mask pipelines/default --task pathology --format json --out pathology.json
    python examples/fine-tune/fine_tune.py pathology.json --sites activation_fn

Beside it: all weights, and random masks, which hold as many units in each site; with --matched units that resemble the network's at rest. Every arm sees the same batches in the same order. Learning rates
are chosen on development passages, of masks with a random one. Loss is in nats a token on passages that no arm was trained on, of the topic and of
others; intervals resample these passages. Needs torch, transformers and numpy.
"""

import argparse
import csv
import json
from pathlib import Path

import numpy as np
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer
from transformers.utils import logging

logging.disable_progress_bar()
here = Path(__file__).parent
parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("network", help="what galvani mask --format json wrote")
parser.add_argument("--sites", default="", help="only sites whose name holds this (default: all)")
parser.add_argument("--model", default=here / "../../data/models/frog")
parser.add_argument("--random", type=int, default=39, help="random masks (default 39)")
parser.add_argument("--matched", action="store_true", help="random units resemble the network's in mean and spread at rest")
parser.add_argument("--epochs", type=int, default=6)
parser.add_argument("--batch", type=int, default=8)
parser.add_argument("--out", help="a JSON file for every arm's loss on every passage")
arguments = parser.parse_args()
torch.set_num_threads(2)

# Text: every tenth passage of the topic is for development, three of ten are held out.
passages = (here / "text/pathology.txt").read_text().splitlines()
others, topic = [], ""
for line in (here / "text/others.txt").read_text().splitlines():
    if line.startswith("# "):
        topic = line[2:]
    else:
        others.append((topic, line))
tokenizer = AutoTokenizer.from_pretrained(arguments.model)
encode = lambda texts: [torch.tensor(tokenizer(text).input_ids) for text in texts]
train = encode(text for i, text in enumerate(passages) if i % 10 < 6)
development = encode(text for i, text in enumerate(passages) if i % 10 == 6)
held_out = encode(text for i, text in enumerate(passages) if i % 10 > 6)
elsewhere = encode(text for _, text in others)


def losses(model, texts):
    """Mean loss of each text's tokens, in nats."""
    lengths = torch.tensor([len(ids) for ids in texts])
    ids = torch.nn.utils.rnn.pad_sequence(texts, batch_first=True, padding_value=tokenizer.pad_token_id)
    logits = model(input_ids=ids).logits[:, :-1]
    each = torch.nn.functional.cross_entropy(logits.transpose(1, 2), ids[:, 1:], reduction="none")
    told = torch.arange(1, ids.shape[1]) < lengths[:, None]
    return (each * told).sum(1) / told.sum(1)


network = json.loads(Path(arguments.network).read_text())
sites = [site for site in network["sites"] if arguments.sites in site["site"]]


def mask_of(units_of):
    """Boolean masks by parameter, of the units that a site is given."""
    masks = {}
    for site in sites:
        units = units_of(site)
        for part in site["writes"] + site["reads"]:
            assert part["places"] == part["units"], "a unit has another place in this parameter: take what galvani mask wrote"
            mask = masks.setdefault(part["parameter"], torch.zeros(part["shape"], dtype=torch.bool))
            mask[(slice(None),) * part["axis"] + (units,)] = True
    return masks


def at_rest():
    """Ranks of each unit's mean and spread while the bank's other topics are read, by site: [units, 2], from 0 to 1."""
    model = AutoModelForCausalLM.from_pretrained(arguments.model, dtype=torch.float32).eval()
    outputs = {site["site"]: [] for site in sites}

    def keep(name):
        def hook(_module, _inputs, output):
            values = output[0] if isinstance(output, tuple) else output
            outputs[name].append(values.reshape(-1, values.shape[-1]))

        return hook

    for name in outputs:
        model.get_submodule(name).register_forward_hook(keep(name))
    with torch.no_grad():
        for prompt in rest_prompts:
            model(input_ids=prompt[None])
    ranks = lambda values: values.argsort().argsort() / (len(values) - 1)
    values = {name: torch.cat(each).double().numpy() for name, each in outputs.items()}
    return {name: np.stack([ranks(each.mean(0)), ranks(each.std(0))], 1) for name, each in values.items()}


with (here / "../../data/prompts/prompts.csv").open(newline="") as bank:
    of_tasks = {"political-science", "medical-imaging", "paleontology", "archaeology", "pathology"}
    rest_prompts = encode(row["text"] for row in csv.DictReader(bank) if row["topic"] not in of_tasks)
rest = at_rest() if arguments.matched else None


def random_units(site, generator):
    """As many units of the site; matched: for each member one of the ten most like it that are none and not yet taken."""
    members = np.array(site["units"])
    part = site["writes"][0]
    width = part["shape"][part["axis"]]
    if rest is None:
        return generator.choice(width, len(members), replace=False)
    free = np.setdiff1d(np.arange(width), members)
    chosen = []
    for member in generator.permutation(members):
        distance = np.linalg.norm(rest[site["site"]][free] - rest[site["site"]][member], axis=1)
        taken = generator.choice(np.argsort(distance, kind="stable")[:10])
        chosen.append(free[taken])
        free = np.delete(free, taken)
    return np.array(chosen)


def random_mask(seed):
    generator = np.random.default_rng(seed)
    return mask_of(lambda site: random_units(site, generator))


def fine_tune(mask, rate):
    """A model that was trained with gradients on the mask alone; without a mask, on everything."""
    model = AutoModelForCausalLM.from_pretrained(arguments.model, dtype=torch.float32)
    for name, parameter in model.named_parameters():
        if mask is None:
            continue
        parameter.requires_grad_(name in mask)
        if name in mask:
            parameter.register_hook(lambda gradient, own=mask[name]: gradient * own)
    optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], rate)
    order = np.random.default_rng(0)
    for _ in range(arguments.epochs):
        shuffled = order.permutation(len(train))
        for start in range(0, len(train), arguments.batch):
            loss = losses(model, [train[i] for i in shuffled[start : start + arguments.batch]]).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return model.eval()


def tell(model, texts):
    with torch.no_grad():
        return losses(model, texts).double().numpy()


def chosen_rate(mask, rates):
    found = [tell(fine_tune(mask, rate), development).mean() for rate in rates]
    return rates[int(np.argmin(found))]


untouched = AutoModelForCausalLM.from_pretrained(arguments.model, dtype=torch.float32).eval()
before = np.concatenate([tell(untouched, held_out), tell(untouched, elsewhere)])
own = np.arange(len(before)) < len(held_out)


def change(mask, rate):
    model = fine_tune(mask, rate)
    return np.concatenate([tell(model, held_out), tell(model, elsewhere)]) - before


rate_of_masks = chosen_rate(random_mask(0), [3e-4, 1e-3, 3e-3, 1e-2])
rate_of_all = chosen_rate(None, [3e-5, 1e-4, 3e-4, 1e-3])
members = mask_of(lambda site: site["units"])
ours = change(members, rate_of_masks)
everything = change(None, rate_of_all)
random = np.array([change(random_mask(seed), rate_of_masks) for seed in range(1, arguments.random + 1)])

# Passages are resampled, those of the topic and the others each by themselves; arms share the draws.
generator = np.random.default_rng(1)
resample = lambda where: generator.choice(np.flatnonzero(where), (10000, where.sum()))
draws = {"own topic": resample(own), "others": resample(~own)}


def interval(values):
    """Mean change on the topic, on others, and their difference, each with a 95% interval."""
    parts = {name: values[drawn].mean(1) for name, drawn in draws.items()}
    parts["own - others"] = parts["own topic"] - parts["others"]
    means = {"own topic": values[own].mean(), "others": values[~own].mean()}
    means["own - others"] = means["own topic"] - means["others"]
    bounds = {name: np.percentile(part, [2.5, 97.5]) for name, part in parts.items()}
    return "  ".join(f"{name} {means[name]:+.3f} ({low:+.3f} to {high:+.3f})" for name, (low, high) in bounds.items())


total = sum(p.numel() for p in untouched.parameters())
count = lambda mask: sum(int(m.sum()) for m in mask.values())
units = sum(len(site["units"]) for site in sites)
print(f"{network['task']}: {units} units in {len(sites)} sites, {count(members)} of {total} weights")
kind = "matched" if arguments.matched else "random"
print(f"{kind} masks hold {np.mean([count(random_mask(s)) for s in range(1, arguments.random + 1)]):.0f} weights on average")
print(f"{len(train)} passages of the topic to train on, {own.sum()} held out, {(~own).sum()} of others; {arguments.epochs} epochs")
print(f"learning rates: masks {rate_of_masks}, all weights {rate_of_all}")
print(f"loss before: own topic {before[own].mean():.3f}, others {before[~own].mean():.3f} nats a token; changes:")
print(f"network            {interval(ours)}")
print(f"{kind} masks, mean {interval(random.mean(0))}")
print(f"all weights        {interval(everything)}")
print(f"network - {kind}  {interval(ours - random.mean(0))}")
for name, of in {
    "own topic": lambda v: v[own].mean(),
    "own - others": lambda v: v[own].mean() - v[~own].mean(),
}.items():
    theirs = np.array([of(each) for each in random])
    below = int((theirs <= of(ours)).sum())
    p = (1 + below) / (1 + len(random))
    print(f"{name}: {below} of {len(random)} {kind} masks gain as much or more ({theirs.min():+.3f} to {theirs.max():+.3f}), p {p:.3f}")
if arguments.out:
    result = {"before": before, "network": ours, "all": everything, "random": random, "own": own}
    Path(arguments.out).write_text(json.dumps({name: values.tolist() for name, values in result.items()}))
