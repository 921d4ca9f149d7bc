"""Tokens a second of PyTorch with a forward hook on every leaf module and block, for comparison with steps.mjs beside it.

Run: python packages/core/model/bench/torch_hooks.py MODEL [THREADS]
"""
import re, statistics, sys, time
import torch
from transformers import AutoModelForCausalLM

torch.set_num_threads(int(sys.argv[2]) if len(sys.argv) > 2 else torch.get_num_threads())
model = AutoModelForCausalLM.from_pretrained(sys.argv[1], dtype=torch.float32).eval()
recorded = {}


def hook(site):
    def record(module, inputs, output):
        output = output[0] if isinstance(output, tuple) else output
        recorded[site] = (output[:, -1] if output.dim() == 3 else output).detach().clone()
    return record


for site, module in model.named_modules():
    if site and (not list(module.children()) or re.search(r'\.(layers|h)\.\d+$', site)): module.register_forward_hook(hook(site))
for batch in (1, 8, 32):
    ids = torch.tensor([[(10 + i * 31 + j * 17) % model.config.vocab_size for j in range(16)] for i in range(batch)])
    times = []
    with torch.no_grad():
        for _ in range(3):
            result = model(input_ids=ids, use_cache=True, logits_to_keep=1)
            for _ in range(23):
                began = time.perf_counter()
                result = model(input_ids=result.logits[:, -1].argmax(-1, keepdim=True), past_key_values=result.past_key_values, use_cache=True)
                times.append(time.perf_counter() - began)
    print(f'batch {batch}: {batch / statistics.median(times):.1f} tokens/s', flush=True)
