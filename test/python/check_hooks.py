"""Holds the hooks of python/galvani.py against arithmetic on a small PyTorch model. Prints what it found, or that there is no torch."""

import copy
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2] / "python"))
import galvani

try:
    import torch
except ImportError:
    print("no torch")
    sys.exit()


class Pair(torch.nn.Module):
    """Returns a tuple, as attention does."""

    def forward(self, x):
        return x * 2, "second"


class Model(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1, self.pair, self.fc2 = torch.nn.Linear(3, 4), Pair(), torch.nn.Linear(4, 2)
        self.twice = self.fc2

    def forward(self, x):
        first, second = self.pair(self.fc1(x))
        assert second == "second"
        return self.fc2(first)


torch.manual_seed(1)
model, x = Model().eval(), torch.randn(5, 7, 3)


def expected(fc1=lambda y: y, pair=lambda y: y):
    return model.fc2(pair(fc1(model.fc1(x)) * 2))


def times(units, factor):
    def change(y):
        y = y.clone()
        y[..., units] = y[..., units] * factor
        return y

    return change


def becomes(units, values):
    def change(y):
        y = y.clone()
        y[..., units] = torch.tensor(values)
        return y

    return change


def error(*arguments, run=False, **named):
    try:
        with galvani.hooks(model, *arguments, **named):
            if run:
                model(x)
        return "no error"
    except galvani.GalvaniError as mistake:
        return str(mistake)


with torch.no_grad():
    plain = model(x)
    mask = np.array([True, False, False, True])
    cases = {
        "zero": (dict(mask={"fc1": mask}), expected(times([0, 3], 0))),
        "list": (dict(mask={"fc1": [3, 0]}), expected(times([0, 3], 0))),
        "scale": (dict(mask={"fc1": mask}, scale=2.5), expected(times([0, 3], 2.5))),
        "replace": (dict(mask={"fc1": mask}, replace={"fc1": [1.5, 9, 9, -2]}), expected(becomes([0, 3], [1.5, -2.0]))),
        "tuple": (dict(mask={"pair": [1]}), expected(pair=times([1], 0))),
        "two": (dict(mask={"fc1": [0], "pair": [1], "nowhere": []}), expected(times([0], 0), times([1], 0))),
    }
    for name, (given, wanted) in cases.items():
        with galvani.hooks(model, **given):
            found = model(x)
        assert torch.equal(found, wanted), name
        assert not torch.equal(found, plain), f"{name} changes nothing"
        assert torch.equal(model(x), plain), f"{name}: the end of `with` leaves hooks"
    made = galvani.hooks(model, {"fc1": mask})
    assert not torch.equal(model(x), plain)
    made.remove()
    assert torch.equal(model(x), plain), "remove() leaves hooks"
    half = copy.deepcopy(model).half()
    with galvani.hooks(half, {"fc1": mask}, replace={"fc1": [0.1] * 4}):
        assert half(x.half()).dtype == torch.float16

assert "Did you mean 'fc1'" in error({"fc11": [0]}), error({"fc11": [0]})
assert "has 4 units in this model" in error({"fc1": [4]}, run=True)
assert "the mask has 5" in error({"fc1": np.ones(5, bool)}, run=True)
assert "no numbers for fc1" in error({"fc1": [0]}, replace={})
assert "below 0" in error({"fc1": [-1]})
assert "one and the same module" in error({"fc2": [0], "twice": [1]})
assert torch.equal(model(x), plain), "an error leaves hooks"
print("hooks hold")
