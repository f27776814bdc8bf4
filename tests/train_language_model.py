"""Train the language model that ships with the app: pages/content/corpus.txt → pages/content/language_model.npz.

Run from the repository's root: `python tests/train_language_model.py`, about two minutes on one core. The same
seed gives the same weights, up to rounding on another processor. The last tenth of the text is never trained on.
"""

import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np

from mlcore.transformer import LanguageModel, generate, train_language_model

CONTENT = Path(__file__).parents[1] / "pages" / "content"
CORPUS, WEIGHTS = CONTENT / "corpus.txt", CONTENT / "language_model.npz"
SETTINGS = {"context": 128, "width": 64, "heads": 4, "layers": 2, "positions": "sinusoidal"}
STEPS = {"n_steps": 2000, "lr": 0.006, "batch_size": 16, "weight_decay": 1.0}


def parts(text: str) -> tuple[str, str]:
    """The text to train on, and the last tenth, to test on."""
    return text[: len(text) * 9 // 10], text[len(text) * 9 // 10 :]


def main():
    text, held_out = parts(CORPUS.read_text("utf-8"))
    start = time.perf_counter()

    def progress(step, loss):
        if step % 100 == 0:
            print(f"step {step}: loss {loss:.3f} after {time.perf_counter() - start:.0f} s")

    trained, _ = train_language_model(text, **SETTINGS, **STEPS, seed=0, progress=progress)
    np.savez_compressed(WEIGHTS, **trained.packed())
    with np.load(WEIGHTS) as arrays:
        model = LanguageModel.unpacked(arrays)
    print(f"{len(model.theta)} weights, {WEIGHTS.stat().st_size} bytes")
    print(f"nats a character: {model.loss(text):.3f} on the text, {model.loss(held_out):.3f} on its last tenth")
    for temperature in (0.0, 0.3, 0.5, 0.8):
        prompt = "The owl said"
        made = generate(model.theta, model.config, model.encode(prompt), 116, temperature=temperature)
        print(f"\ntemperature {temperature}: {model.decode(made.tokens)}")


if __name__ == "__main__":
    main()
