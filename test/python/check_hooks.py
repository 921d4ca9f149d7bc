"""Holds the hooks of python/galvani.py against arithmetic on a small model: of PyTorch, or with `stand-in` on numpy. Prints what it found."""

import copy
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2] / "python"))
if sys.argv[1:] == ["stand-in"]:
    import stand_in_torch

    stand_in_torch.stand_in()
import galvani
import torch


class Pair(torch.nn.Module):
    """Returns a tuple, as attention does."""

    def forward(self, x):
        return x * 2, "second"


class Gated(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.up_proj, self.down_proj = torch.nn.Linear(3, 4), torch.nn.Linear(4, 2)

    def forward(self, x):
        return self.down_proj(self.up_proj(x) * 3)


class Own(torch.nn.Module):
    """What BERT's attention does without its output projection, which is another module's."""

    def __init__(self):
        super().__init__()
        self.value = torch.nn.Linear(3, 4)

    def forward(self, x):
        return self.value(x) * 5, None


class Output(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.dense = torch.nn.Linear(4, 2)

    def forward(self, x):
        return self.dense(x)


class Attention(torch.nn.Module):
    """As BERT's, whose inner module is called `self`."""

    def __init__(self):
        super().__init__()
        setattr(self, "self", Own())
        self.output = Output()

    def forward(self, x):
        return self.output(getattr(self, "self")(x)[0])


class Layer(torch.nn.Module):
    def __init__(self, attention, projection):
        super().__init__()
        self.attention, self.mlp = attention, Gated()
        if projection:
            setattr(attention, projection, torch.nn.Linear(4, 2))

    def forward(self, x):
        return self.attention(x) + self.mlp(x)


class Projected(torch.nn.Module):
    """Attention that has its output projection, by whichever name."""

    def __init__(self, name):
        super().__init__()
        self.value, self.name = torch.nn.Linear(3, 4), name

    def forward(self, x):
        return getattr(self, self.name)(self.value(x) * 5)


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

with torch.no_grad():
    # What lies inside a module is what the next module takes: all of it, at every position.
    for name in ("o_proj", "out_proj", "c_proj", "dense", "out_lin", "Wo", None):
        layer = Layer(Projected(name) if name else Attention(), name).eval()
        module = "attention" if name else "attention.self"
        own = layer.attention if name else getattr(layer.attention, "self")
        output = getattr(layer.attention, name) if name else layer.attention.output.dense
        z, gated = own.value(x) * 5, layer.mlp.up_proj(x) * 3
        for mask, (at, up) in (
            ({f"{module}#z": [1, 3]}, (times([1, 3], 0.5), lambda y: y)),
            ({"mlp#gated": [0]}, (lambda y: y, times([0], 0.5))),
            ({f"{module}#z": [2], "mlp#gated": np.array([False, True, True, False])}, (times([2], 0.5), times([1, 2], 0.5))),
        ):
            with galvani.hooks(layer, mask, scale=0.5):
                found = layer(x)
            assert torch.equal(found, output(at(z)) + layer.mlp.down_proj(up(gated))), (name, mask)
        # Two sites of one module, one inside it, are told apart.
        if name:
            with galvani.hooks(layer, {"attention#z": [1], f"attention.{name}": [0]}):
                found = layer.attention(x)
            assert torch.equal(found, times([0], 0)(output(times([1], 0)(z)))), name
    plain_model, model = model, layer
    assert "where PyTorch's hooks do not reach" in error({"attention#pattern": [0]})
    assert "no one module that takes it" in error({"mlp.up_proj#gated": [0]})
    assert "Did you mean 'mlp'" in error({"mlpp#gated": [0]}), error({"mlpp#gated": [0]})
    assert "has 4 units in this model" in error({"mlp#gated": [4]}, run=True)
    model = plain_model

assert "Did you mean 'fc1'" in error({"fc11": [0]}), error({"fc11": [0]})
assert "has 4 units in this model" in error({"fc1": [4]}, run=True)
assert "the mask has 5" in error({"fc1": np.ones(5, bool)}, run=True)
assert "no numbers for fc1" in error({"fc1": [0]}, replace={})
assert "below 0" in error({"fc1": [-1]})
assert "one and the same module" in error({"fc2": [0], "twice": [1]})
assert torch.equal(model(x), plain), "an error leaves hooks"
print("hooks hold")
