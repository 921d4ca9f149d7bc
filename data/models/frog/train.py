"""Trains `frog`, the language model embedded in galvani, from scratch on a folder of plain text files.

    python train.py --corpus CORPUS_DIR --out OUT_DIR [--minutes 90] [--threads 2]

CORPUS_DIR holds text/*.txt, paragraphs separated by a blank line (SOURCES.md beside this file says how to assemble it).
OUT_DIR receives config.json, model.safetensors (float16), tokenizer.json, tokenizer_config.json and training.json.
The architecture is OPT's as Galactica uses it: pre-norm, exact GELU, learned positions with offset 2, tied head.
Needs Python with torch, tokenizers, safetensors and numpy. Users of galvani never run it.
"""
import argparse, glob, json, math, os, time
from collections import Counter
import numpy as np, torch
import torch.nn as nn, torch.nn.functional as F
from tokenizers import Tokenizer, models, pre_tokenizers, decoders, trainers, processors
from safetensors.torch import save_file

SEED = 20231116
VOCAB, WIDTH, BLOCKS, HEADS, CONTEXT = 4096, 192, 6, 6, 256
BATCH, PEAK_RATE, WARMUP = 24, 2.5e-3, 300
BOS, PAD, EOS = 0, 1, 2
# Medical imaging is the thinnest topic of the corpus, then archaeology: they are read more often.
IMAGING = ('andys-brain', 'bids-spec', 'bioimage', 'carpentries', 'ct-lectures', 'dipy', 'fmriprep', 'histomicstk', 'idc-docs',
           'itk-', 'medical-image', 'mriqc', 'neurohackademy', 'nibabel', 'nilearn', 'nipype', 'pydicom', 'simpleitk', 'qupath',
           'pg19261', 'pg48341', 'pg63422', 'pg65372', 'pg49334')
ARCHAEOLOGY = ('pg13575', 'pg14400', 'pg26319', 'pg39897', 'pg39974', 'pg41557', 'pg42715', 'pg43491', 'pg45229', 'pg46946',
               'pg48514', 'pg52570', 'pg53631', 'pg56304', 'pg56940', 'pg59155', 'pg61403', 'pg62189', 'pg63311', 'pg63671',
               'pg65794', 'pg65822', 'pg69574', 'pg52664', 'pg34082')

def weight_of(name):
    return 4 if name.startswith(IMAGING) else 2 if name.startswith(ARCHAEOLOGY) else 1

def segments(text, size=2000):
    """Whole paragraphs, gathered into segments of about `size` characters."""
    out, now = [], ''
    for paragraph in (p.strip() for p in text.split('\n\n')):
        if not paragraph: continue
        now = now + '\n\n' + paragraph if now else paragraph
        if len(now) >= size: out.append(now); now = ''
    if now: out.append(now)
    return out

def load(corpus):
    """Every 50th segment of each source is held out: no paragraph is in both parts."""
    train, held = [], []
    for path in sorted(glob.glob(os.path.join(corpus, 'text', '*.txt'))):
        name = os.path.basename(path)
        for i, s in enumerate(segments(open(path, encoding='utf-8').read())):
            (held if i % 50 == 25 else train).append((weight_of(name), s))
    return train, held

def train_tokenizer(texts):
    tok = Tokenizer(models.BPE())
    tok.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tok.decoder = decoders.ByteLevel()
    tok.train_from_iterator(texts, trainers.BpeTrainer(vocab_size=VOCAB, special_tokens=['<s>', '<pad>', '</s>', '<unk>'],
                            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False))
    tok.post_processor = processors.TemplateProcessing(single='<s> $A', special_tokens=[('<s>', BOS)])
    return tok

class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.self_attn_layer_norm, self.final_layer_norm = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.self_attn = nn.ModuleDict({k: nn.Linear(WIDTH, WIDTH) for k in ('q_proj', 'k_proj', 'v_proj', 'out_proj')})
        self.fc1, self.fc2 = nn.Linear(WIDTH, 4 * WIDTH), nn.Linear(4 * WIDTH, WIDTH)
    def forward(self, x):
        b, t, _ = x.shape
        h = self.self_attn_layer_norm(x)
        q, k, v = (self.self_attn[n](h).view(b, t, HEADS, -1).transpose(1, 2) for n in ('q_proj', 'k_proj', 'v_proj'))
        a = F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).reshape(b, t, WIDTH)
        x = x + self.self_attn['out_proj'](a)
        return x + self.fc2(F.gelu(self.fc1(self.final_layer_norm(x))))

class Decoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed_tokens, self.embed_positions = nn.Embedding(VOCAB, WIDTH), nn.Embedding(CONTEXT + 2, WIDTH)
        self.layers = nn.ModuleList(Block() for _ in range(BLOCKS))
        self.final_layer_norm = nn.LayerNorm(WIDTH)
        for n, p in self.named_parameters():
            if p.dim() == 2: nn.init.normal_(p, std=0.02 / (math.sqrt(2 * BLOCKS) if n.endswith(('out_proj.weight', 'fc2.weight')) else 1))
            elif n.endswith('bias'): nn.init.zeros_(p)
    def forward(self, ids):
        x = self.embed_tokens(ids) + self.embed_positions(torch.arange(2, ids.shape[1] + 2))
        for layer in self.layers: x = layer(x)
        return F.linear(self.final_layer_norm(x), self.embed_tokens.weight)

def nats(model, ids):
    """Mean held-out loss per token, in windows of the whole context, each beginning with <s>; every token counts once."""
    n = CONTEXT - 1
    model.eval(); total = count = 0
    with torch.no_grad(), torch.autocast('cpu', dtype=torch.bfloat16):
        for i in range(0, len(ids), 16 * n):
            rows = [ids[j:j + n] for j in range(i, min(i + 16 * n, len(ids)), n)]
            x = np.full((len(rows), CONTEXT), PAD, np.int64); x[:, 0] = BOS
            for r, row in enumerate(rows): x[r, 1:1 + len(row)] = row
            x = torch.from_numpy(x)
            y = x[:, 1:].clone(); y[y == PAD] = -100
            logits = model(x)[:, :-1].float()
            total += F.cross_entropy(logits.reshape(-1, VOCAB), y.reshape(-1), reduction='sum').item(); count += int((y != -100).sum())
    model.train(); return total / count

def trigram_nats(train, held):
    """Interpolated Kneser-Ney trigram (one discount an order, D = n1 / (n1 + 2 n2)) over the same tokens."""
    tri, bi = Counter(zip(train, train[1:], train[2:])), Counter(zip(train, train[1:]))
    d = lambda c: (lambda n1, n2: n1 / (n1 + 2 * n2))(sum(v == 1 for v in c.values()), sum(v == 2 for v in c.values()))
    cont2, ctx3, follow3 = Counter(), Counter(), Counter()
    for (a, b, c), v in tri.items(): cont2[b, c] += 1; ctx3[a, b] += v; follow3[a, b] += 1
    cont1, ctx2, follow2 = Counter(), Counter(), Counter()
    for (b, c), v in cont2.items(): cont1[c] += 1; ctx2[b] += v; follow2[b] += 1
    d3, d2, n1 = d(tri), d(cont2), sum(cont1.values())
    total = 0.0
    for a, b, c in zip(held, held[1:], held[2:]):
        p = 0.99 * cont1[c] / n1 + 0.01 / VOCAB
        if ctx2[b]: p = (max(cont2[b, c] - d2, 0) + d2 * follow2[b] * p) / ctx2[b]
        if ctx3[a, b]: p = (max(tri[a, b, c] - d3, 0) + d3 * follow3[a, b] * p) / ctx3[a, b]
        total -= math.log(p)
    return total / (len(held) - 2)

def save(model, tok, out, record):
    os.makedirs(out, exist_ok=True)
    save_file({'model.decoder.' + k: v.detach().to(torch.float16).contiguous() for k, v in model.state_dict().items()},
              os.path.join(out, 'model.safetensors'), metadata={'format': 'pt'})
    config = dict(architectures=['OPTForCausalLM'], model_type='opt', activation_function='gelu', vocab_size=VOCAB, hidden_size=WIDTH,
                  word_embed_proj_dim=WIDTH, ffn_dim=4 * WIDTH, num_hidden_layers=BLOCKS, num_attention_heads=HEADS,
                  max_position_embeddings=CONTEXT, do_layer_norm_before=True, enable_bias=True, layer_norm_elementwise_affine=True,
                  tie_word_embeddings=True, dropout=0.0, attention_dropout=0.0, layerdrop=0.0, bos_token_id=BOS, pad_token_id=PAD,
                  eos_token_id=EOS, use_cache=True, dtype='float16')
    json.dump(config, open(os.path.join(out, 'config.json'), 'w'), indent=2)
    tok.save(os.path.join(out, 'tokenizer.json'))
    json.dump(dict(tokenizer_class='PreTrainedTokenizerFast', bos_token='<s>', eos_token='</s>', pad_token='<pad>', unk_token='<unk>',
                   model_max_length=CONTEXT, clean_up_tokenization_spaces=False), open(os.path.join(out, 'tokenizer_config.json'), 'w'), indent=2)
    json.dump(record, open(os.path.join(out, 'training.json'), 'w'), indent=2)

def main():
    ap = argparse.ArgumentParser()
    ap.add_argument('--corpus', required=True); ap.add_argument('--out', required=True)
    ap.add_argument('--minutes', type=float, default=90); ap.add_argument('--threads', type=int, default=2)
    ap.add_argument('--steps', type=int, default=0, help='stop after this many steps whatever the time')
    a = ap.parse_args()
    torch.manual_seed(SEED); torch.set_num_threads(a.threads); rng = np.random.default_rng(SEED)
    train, held = load(a.corpus)
    tok = train_tokenizer([s for w, s in train for _ in range(w)])
    encode = lambda parts: [np.array(e.ids, np.int64) for e in tok.encode_batch([s + '\n\n' for s in parts], add_special_tokens=False)]
    parts = encode([s for _, s in train]); held_ids = np.concatenate(encode([s for _, s in held]))
    held_bytes = sum(len((s + '\n\n').encode()) for _, s in held)
    train_ids = np.concatenate(parts); starts = np.concatenate([[0], np.cumsum([len(p) for p in parts])[:-1]])
    odds = np.array([w * len(p) for (w, _), p in zip(train, parts)], float); odds /= odds.sum()
    newline = tok.encode('\n\n', add_special_tokens=False).ids
    breaks = np.flatnonzero(train_ids == newline[-1]) + 1 if len(newline) == 1 else starts
    print(f'{len(train_ids)} training tokens, {len(held_ids)} held out ({held_bytes} bytes), vocabulary {tok.get_vocab_size()}', flush=True)
    def batch():
        x = np.full((BATCH, CONTEXT + 1), BOS, np.int64)
        for r, s in enumerate(rng.choice(len(parts), BATCH, p=odds)):
            at = starts[s] + rng.integers(len(parts[s]))
            if rng.random() < 0.6: at = breaks[max(0, np.searchsorted(breaks, at) - 1)]  # a fresh context mostly opens a paragraph
            row = train_ids[at:at + CONTEXT]; x[r, 1:1 + len(row)] = row
        x = torch.from_numpy(x); return x[:, :-1], x[:, 1:]
    model = Decoder(); fast = torch.compile(model)
    decay = [p for p in model.parameters() if p.dim() == 2]; rest = [p for p in model.parameters() if p.dim() != 2]
    opt = torch.optim.AdamW([dict(params=decay, weight_decay=0.1), dict(params=rest, weight_decay=0.0)], lr=PEAK_RATE, betas=(0.9, 0.98), fused=True)
    record = dict(parameters=sum(p.numel() for p in model.parameters()), training_tokens=len(train_ids), held_out_tokens=len(held_ids),
                  held_out_bytes=held_bytes, batch=BATCH, context=CONTEXT, peak_rate=PEAK_RATE, seed=SEED, curve=[])
    def log(step, seconds):
        h = nats(model, held_ids); bpb = h / math.log(2) * len(held_ids) / held_bytes
        record['curve'].append(dict(step=step, minutes=round(seconds / 60, 1), held_out_nats=round(h, 4), held_out_bits_per_byte=round(bpb, 4)))
        save(model, tok, a.out, record); print(f'held out: {h:.4f} nats a token, {bpb:.4f} bits a byte', flush=True)
    began, spent, step, seen = time.time(), 0.0, 0, 0.0
    while True:
        spent = time.time() - began
        progress = max(spent / (60 * a.minutes), step / a.steps if a.steps else 0)
        if progress >= 1: break
        rate = PEAK_RATE * min(1, (step + 1) / WARMUP) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * progress)))
        for g in opt.param_groups: g['lr'] = rate
        x, y = batch()
        with torch.autocast('cpu', dtype=torch.bfloat16): logits = fast(x)
        loss = F.cross_entropy(logits.float().reshape(-1, VOCAB), y.reshape(-1))
        opt.zero_grad(set_to_none=True); loss.backward(); nn.utils.clip_grad_norm_(model.parameters(), 1.0); opt.step()
        step += 1; seen = loss.item() if step == 1 else 0.98 * seen + 0.02 * loss.item()
        if step % 50 == 0: print(f'step {step} loss {seen:.3f} rate {rate:.2e} {step * BATCH * CONTEXT / (time.time() - began):.0f} tokens/s', flush=True)
        if step % 1000 == 0: log(step, time.time() - began)
    record.update(steps=step, minutes=round(spent / 60, 1), epochs=round(step * BATCH * CONTEXT / len(train_ids), 2)); log(step, spent)
    t = trigram_nats(train_ids.tolist(), held_ids.tolist())
    record.update(trigram_nats=round(t, 4), trigram_bits_per_byte=round(t / math.log(2) * len(held_ids) / held_bytes, 4)); save(model, tok, a.out, record)
    print(json.dumps({k: v for k, v in record.items() if k != 'curve'}, indent=1))

if __name__ == '__main__': main()
