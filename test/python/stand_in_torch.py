"""What check_hooks.py and python/galvani.py use of PyTorch, on numpy, where there is no PyTorch: tensors, modules and their forward hooks."""

import contextlib
import importlib.util
import sys
import types

import numpy as np

float16, float32 = np.dtype(np.float16), np.dtype(np.float32)


class Tensor(np.ndarray):
    device = "cpu"

    def clone(self):
        return self.copy()

    def half(self):
        return self.astype(float16)

    def to(self, target):
        return self.astype(target.dtype) if isinstance(target, Tensor) else self


class Handle:
    def __init__(self, hooks, hook):
        self.hooks, self.hook = hooks, hook
        hooks.append(hook)

    def remove(self):
        self.hooks.remove(self.hook)


class Module:
    def __init__(self):
        self.before, self.behind = [], []

    def register_forward_pre_hook(self, hook):
        return Handle(self.before, hook)

    def register_forward_hook(self, hook):
        return Handle(self.behind, hook)

    def __call__(self, *inputs):
        for hook in self.before:
            given = hook(self, inputs)
            if given is not None:
                inputs = given if isinstance(given, tuple) else (given,)
        output = self.forward(*inputs)
        for hook in self.behind:
            given = hook(self, inputs, output)
            output = output if given is None else given
        return output

    def named_modules(self, remove_duplicate=True, prefix="", seen=None):
        seen = set() if seen is None else seen
        if remove_duplicate and id(self) in seen:
            return
        seen.add(id(self))
        yield prefix, self
        for name, child in vars(self).items():
            if isinstance(child, Module):
                yield from child.named_modules(remove_duplicate, f"{prefix}.{name}" if prefix else name, seen)

    def eval(self):
        return self

    def half(self):
        for _, module in self.named_modules():
            for name, value in vars(module).items():
                if isinstance(value, Tensor):
                    setattr(module, name, value.half())
        return self


class Linear(Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.weight, self.bias = randn(outputs, inputs), randn(outputs)

    def forward(self, x):
        return x @ self.weight.T + self.bias


class nn:
    Module, Linear = Module, Linear


chance = np.random.default_rng(1)


def manual_seed(seed):
    global chance
    chance = np.random.default_rng(seed)


def randn(*shape):
    return chance.standard_normal(shape).astype(float32).view(Tensor)


def tensor(values):
    return np.asarray(values, float32).view(Tensor)


def from_numpy(values):
    return values.view(Tensor)


def equal(a, b):
    return a.shape == b.shape and bool((a == b).all())


no_grad = contextlib.nullcontext


def stand_in():
    """Puts this in PyTorch's place, and nothing in that of pyarrow, which hooks do not use, where it is not installed."""
    sys.modules["torch"] = sys.modules[__name__]
    if importlib.util.find_spec("pyarrow") is None:
        for name in ("pyarrow", "pyarrow.parquet"):
            sys.modules[name] = types.ModuleType(name)
