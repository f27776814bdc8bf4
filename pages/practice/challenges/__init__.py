"""One module a challenge: the probes, the reference and the known mistakes; its words are in `pages/content`."""
