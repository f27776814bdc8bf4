"""Write tests/mlcore/data/torch_attention.json: torch's attention and small models, for test_transformer.py.

Run in an environment with torch, from the repository's root: `python tests/mlcore/torch_reference_attention.py`.
float64, gradients by autograd. Nothing here imports mlcore. torch gives zeros in fully masked rows.
"""

import json
from pathlib import Path

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
SHAPES = {  # Q (…, T, d) with K, V (…, S, d), (…, S, d_v)
    "one head": ((4, 3), (4, 3), (4, 3)),
    "more keys than queries": ((3, 5), (6, 5), (6, 2)),
    "batch and heads": ((2, 2, 4, 3), (2, 2, 4, 3), (2, 2, 4, 3)),
    "large scores": ((4, 2), (5, 2), (5, 2)),
}
MODELS = [
    {"vocabulary": 7, "context": 6, "width": 8, "heads": 2, "layers": 2},
    {"vocabulary": 5, "context": 5, "width": 6, "heads": 1, "layers": 1, "activation": "relu", "causal": False},
    {"vocabulary": 7, "context": 6, "width": 8, "heads": 4, "layers": 1, "tied": True, "positions": "learnt"},
    {"vocabulary": 6, "context": 5, "width": 4, "heads": 2, "layers": 2, "scale": False, "layer_norm": False},
    {"vocabulary": 6, "context": 5, "width": 4, "heads": 1, "layers": 2, "residual": False, "positions": "none"},
]


def attention_cases():
    for name, (q, k, v) in SHAPES.items():
        size = 60.0 if name == "large scores" else 1.0
        Q, K, V = (size * torch.randn(shape) for shape in (q, k, v))
        T, S = q[-2], k[-2]
        some = torch.rand(*q[:-2], T, S) < 0.6
        some[..., 1, :] = False  # a row that may look at nothing
        for kind, mask in (("none", None), ("causal", torch.ones(T, S).tril(S - T).bool()), ("rows", some)):
            inputs = [x.clone().requires_grad_() for x in (Q, K, V)]
            output = F.scaled_dot_product_attention(*inputs, attn_mask=mask)
            plain = F.scaled_dot_product_attention(Q, K, V, attn_mask=mask, scale=1.0)
            assert not output.isnan().any()
            d_output = torch.randn_like(output)
            output.backward(d_output)
            yield {
                "name": f"{name}, mask {kind}",
                "Q": Q.tolist(),
                "K": K.tolist(),
                "V": V.tolist(),
                "mask": None if mask is None else mask.tolist(),
                "output": output.tolist(),
                "unscaled": plain.tolist(),
                "d_output": d_output.tolist(),
                "gradients": [x.grad.tolist() for x in inputs],
            }


def logits(p, config, tokens):
    """The model written with torch's own attention, layer norm and activations, `p` by our names."""
    on = config.get
    C, H, norm = config["width"], config["heads"], on("layer_norm", True)
    (B, T), residual = tokens.shape, on("residual", True)

    def normalised(x, name):
        return F.layer_norm(x, (C,), p[f"{name}.gain"], p[f"{name}.bias"]) if norm else x

    x = p["embedding"][tokens] * C**0.5
    if on("positions") == "learnt":
        x = x + p["positions"][:T] * C**0.5
    elif on("positions") != "none":
        place, pair = torch.arange(T)[:, None], torch.arange(0, C, 2)
        angle = place / 10000 ** (pair / C)
        x = x + torch.stack([angle.sin(), angle.cos()], dim=2).flatten(1)
    for layer in range(config["layers"]):
        qkv = normalised(x, f"{layer}.norm_1") @ p[f"{layer}.attention.in"]
        Q, K, V = (part.view(B, T, H, C // H).transpose(1, 2) for part in qkv.split(C, dim=2))
        scale = None if on("scale", True) else 1.0
        heads = F.scaled_dot_product_attention(Q, K, V, is_causal=on("causal", True), scale=scale)
        update = heads.transpose(1, 2).reshape(B, T, C) @ p[f"{layer}.attention.out"]
        x = x + update if residual else update
        hidden = F.linear(normalised(x, f"{layer}.norm_2"), p[f"{layer}.mlp.in"].T, p[f"{layer}.mlp.in_bias"])
        active = F.relu(hidden) if on("activation") == "relu" else F.gelu(hidden, approximate="tanh")
        update = F.linear(active, p[f"{layer}.mlp.out"].T, p[f"{layer}.mlp.out_bias"])
        x = x + update if residual else update
    return normalised(x, "norm") @ (p["embedding"].T if on("tied") else p["head"])


def parameters(config):
    V, C, M = config["vocabulary"], config["width"], 4 * config["width"]
    shapes = {"embedding": (V, C), "norm.gain": (C,), "norm.bias": (C,), "head": (C, V)}
    shapes["positions"] = (config["context"], C)
    for layer in range(config["layers"]):
        shapes |= {f"{layer}.{name}.{part}": (C,) for name in ("norm_1", "norm_2") for part in ("gain", "bias")}
        shapes |= {f"{layer}.attention.in": (C, 3 * C), f"{layer}.attention.out": (C, C)}
        shapes |= {f"{layer}.mlp.in": (C, M), f"{layer}.mlp.in_bias": (M,)}
        shapes |= {f"{layer}.mlp.out": (M, C), f"{layer}.mlp.out_bias": (C,)}
    return {name: 0.4 * torch.randn(shape) for name, shape in shapes.items()}


def model_case(config):
    p = {name: value.requires_grad_() for name, value in parameters(config).items()}
    tokens, targets = torch.randint(config["vocabulary"], (2, 3, config["context"]))
    given = logits(p, config, tokens)
    loss = F.cross_entropy(given.flatten(0, 1), targets.flatten())
    loss.backward()
    used = {name: value for name, value in p.items() if value.grad is not None}
    return {
        "config": config,
        "tokens": tokens.tolist(),
        "targets": targets.tolist(),
        "logits": given.tolist(),
        "loss": loss.item(),
        "parameters": {name: value.tolist() for name, value in used.items()},
        "gradients": {name: value.grad.tolist() for name, value in used.items()},
    }


def main():
    torch.manual_seed(0)
    reference = {
        "torch": torch.__version__,
        "attention": list(attention_cases()),
        "models": [model_case(config) for config in MODELS],
    }
    target = Path(__file__).parent / "data" / "torch_attention.json"
    target.write_text(json.dumps(reference, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
