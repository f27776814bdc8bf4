"""Machine learning from scratch: NumPy and the standard library, nothing else.

One module per subject. Arrays in, arrays out; randomness only through a seed in the signature.
"""
