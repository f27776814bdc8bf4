"""A convolution layer, forward: cross-correlation with stride and zero padding."""

import numpy as np

from pages.practice.challenge import Probe

RNG = np.random.default_rng(12)


def conv2d(x, w, b, stride, padding):
    """Slide every filter over the padded image and take dot products (Dumoulin & Visin 2016).

    x: (channels, rows, columns); w: (filters, channels, height, width); b: (filters,). Stride s and padding p hold for
    both directions. Returns (filters, ⌊(rows + 2p − height) / s⌋ + 1, ⌊(columns + 2p − width) / s⌋ + 1).
    """
    padded = np.pad(x, ((0, 0), (padding, padding), (padding, padding)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, w.shape[2:], axis=(1, 2))
    windows = windows[:, ::stride, ::stride]  # (channels, rows out, columns out, height, width)
    return np.einsum("fchw,cijhw->fij", w, windows) + b[:, None, None]


REFERENCE = {"conv2d": conv2d}


def same_patch_same_answer(answer, x, w, b, stride, padding):
    """Where the same patch lies at two places, the responses to it are the same."""
    answer = np.asarray(answer, dtype=float)
    if answer.shape != (1, 6, 7):
        return f"The shape is {answer.shape}; (1, 6, 7) was expected."
    one, other = answer[0, :3, :3], answer[0, 3:, 4:]  # all windows that meet the patch, which is 1 pixel
    if not np.abs(one - b[0]).max() > 0:
        return "There is no response to the patch."
    return "" if np.allclose(one, other) else "Its second copy, 3 rows and 4 columns further, gives other responses."


def _spots():
    """An image that is zero but for two equal pixels, 3 rows and 4 columns apart."""
    x = np.zeros((1, 8, 9))
    x[0, 2, 2] = x[0, 5, 6] = 2.0
    return x


def _case(channels, rows, columns, filters, height, width, stride, padding):
    """Random arguments of these sizes: halves, whose sums are exact in single precision too."""
    shapes = (channels, rows, columns), (filters, channels, height, width), (filters,)
    return (*(RNG.integers(-6, 7, size=shape) / 2 for shape in shapes), stride, padding)


PROBES = [
    Probe("one channel, one filter, stride 1, no padding", _case(1, 5, 5, 1, 3, 3, 1, 0)),
    Probe("one filter over three channels", _case(3, 4, 4, 1, 2, 2, 1, 0)),
    Probe("two filters over two channels", _case(2, 4, 4, 2, 3, 3, 1, 0)),
    Probe("an image and a kernel that are not square", _case(2, 4, 7, 2, 3, 2, 1, 0)),
    Probe("stride 2", _case(1, 7, 7, 1, 3, 3, 2, 0)),
    Probe("stride 2 that leaves a row and a column over", _case(1, 6, 6, 2, 3, 3, 2, 0)),
    Probe("padding 1 keeps the size", _case(2, 4, 4, 2, 3, 3, 1, 1)),
    Probe("stride 2 and padding 1", _case(2, 5, 6, 2, 3, 3, 2, 1)),
    Probe("padding 2, more than the kernel reaches", _case(1, 3, 4, 1, 2, 2, 3, 2)),
    Probe("a 1 × 1 kernel mixes channels", _case(3, 2, 3, 2, 1, 1, 1, 0)),
    Probe("a kernel as large as the image", _case(2, 3, 3, 2, 3, 3, 1, 0)),
    Probe(
        "an image of whole numbers",
        (np.arange(16).reshape(1, 4, 4), np.array([[[[0.5, -0.25], [1.0, 0.75]]]]), np.array([0.125]), 1, 0),
    ),
    Probe("stride 3, more than the kernel reaches", _case(2, 8, 7, 2, 2, 2, 3, 0)),
    Probe(
        "the same patch at two places gives the same responses",
        (_spots(), RNG.integers(-6, 7, size=(1, 1, 3, 3)) / 2, np.array([0.5]), 1, 0),
        judge=same_patch_same_answer,
    ),
]


def _loops(x, w, b, stride, padding, *, step=None, less=0, widths=None, exchanged=False):
    """Plain loops, wrong in `step` from window to window, size, `widths` of the padding or the axes of the answer."""
    x = np.pad(x, widths or ((0, 0), (padding, padding), (padding, padding)))
    (filters, _, height, width), step = w.shape, step or stride
    rows = (x.shape[1] - height) // stride + 1 - less
    columns = (x.shape[2] - width) // stride + 1 - less
    out = np.zeros((filters, rows, columns))
    for f in range(filters):
        for i in range(rows):
            for j in range(columns):
                window = x[:, i * step : i * step + height, j * step : j * step + width]
                out[(f, j, i) if exchanged else (f, i, j)] = (window * w[f]).sum() + b[f]
    return out


def flipped(x, w, b, stride, padding):
    """You flip the kernel. That is the convolution of mathematics; a convolution layer slides its kernel as it
    is (a cross-correlation): row 0 of the kernel meets the top row of the window."""
    return conv2d(x, w[:, :, ::-1, ::-1], b, stride, padding)


def one_short(x, w, b, stride, padding):
    """The output is one row and one column short: the first window counts too. The size is `(n + 2 * padding - k) //
    stride + 1`."""
    return _loops(x, w, b, stride, padding, less=1)


def rounded_up(x, w, b, stride, padding):
    """You add windows that hang over the edge: the output size rounds down, so a last window that does not fit whole is
    left out. Use `//`, not a division rounded up."""
    far = [-(n + 2 * padding - k) % stride for n, k in zip(x.shape[1:], w.shape[2:], strict=True)]
    widths = (0, 0), (padding, padding + far[0]), (padding, padding + far[1])
    return conv2d(np.pad(x, widths), w, b, stride, 0)


def padded_after(x, w, b, stride, padding):
    """You pad only below and on the right. `padding` rows and columns of zeros belong on each of the four sides, which
    adds `2 * padding` to both sizes."""
    return conv2d(np.pad(x, ((0, 0), (0, padding), (0, padding))), w, b, stride, 0)


def padded_before(x, w, b, stride, padding):
    """You pad only above and on the left, or your output size counts the padding of one side only. `padding` rows and
    columns of zeros belong on each of the four sides, which adds `2 * padding` to both sizes."""
    return conv2d(np.pad(x, ((0, 0), (padding, 0), (padding, 0))), w, b, stride, 0)


def size_without_padding(x, w, b, stride, padding):
    """The image is padded, but the size of the output is computed without the padding, so windows at the lower and the
    right edge are missing: the size is `(n + 2 * padding - k) // stride + 1`."""
    rows, columns = ((n - k) // stride + 1 for n, k in zip(x.shape[1:], w.shape[2:], strict=True))
    return conv2d(x, w, b, stride, padding)[:, :rows, :columns]


def not_padded(x, w, b, stride, padding):
    """`padding` has no effect. Surround the image with that many zeros first: `np.pad(x, ((0, 0), (p, p), (p, p)))`;
    the channels are not padded."""
    return conv2d(x, w, b, stride, 0)


def padded_channels(x, w, b, stride, padding):
    """This is what `np.pad(x, p)` gives: it pads every axis, the channels too, and the image then has more channels
    than the filters. Give the widths by axis: `np.pad(x, ((0, 0), (p, p), (p, p)))`."""
    return _loops(x, w, b, stride, padding, widths=((padding, padding),) * 3)


def exchanged_axes(x, w, b, stride, padding):
    """Rows and columns of the answer are exchanged: the window that starts at row `i * stride` and column `j * stride`
    belongs to `out[f, i, j]`."""
    return _loops(x, w, b, stride, padding, exchanged=True)


def edge_padded(x, w, b, stride, padding):
    """You repeat the border pixels; the padding asked for is zeros, the default of `np.pad`."""
    return conv2d(np.pad(x, ((0, 0), (padding, padding), (padding, padding)), mode="edge"), w, b, stride, 0)


def stride_ignored(x, w, b, stride, padding):
    """`stride` has no effect: neighbouring windows start `stride` pixels apart, and there are correspondingly fewer of
    them."""
    return conv2d(x, w, b, 1, padding)


def stride_in_size_only(x, w, b, stride, padding):
    """The output has the size of the stride, but the windows still start one pixel apart, so only the top left corner
    of the image is seen. Output pixel (i, j) looks at the window that starts at `(i * stride, j * stride)`."""
    return _loops(x, w, b, stride, padding, step=1)


def no_bias(x, w, b, stride, padding):
    """The bias is missing: add `b[f]` to every pixel of filter f."""
    return conv2d(x, w, np.zeros_like(b), stride, padding)


def bias_by_channel(x, w, b, stride, padding):
    """The bias is added once for each input channel. It belongs to the filter: add it once, after the sum over the
    channels."""
    return conv2d(x, w, len(x) * b, stride, padding)


def last_channel(x, w, b, stride, padding):
    """Only the last channel counts, as if the channels overwrote each other. A filter has one kernel for each channel,
    and their responses are added up: `+=`, not `=`."""
    return conv2d(x[-1:], w[:, -1:], b, stride, padding)


def mean_of_channels(x, w, b, stride, padding):
    """You average over the channels; a convolution layer adds them up."""
    return conv2d(x, w / len(x), b, stride, padding)


def whole_numbers(x, w, b, stride, padding):
    """For an image of whole numbers the fractions are cut off, as they are if the output takes the image's type.
    Allocate it with `np.zeros(shape)`, which holds floats."""
    return conv2d(x, w, b, stride, padding).astype(x.dtype)


MISTAKES = [
    {"conv2d": wrong}
    for wrong in (
        flipped,
        one_short,
        rounded_up,
        padded_after,
        padded_before,
        size_without_padding,
        not_padded,
        padded_channels,
        exchanged_axes,
        edge_padded,
        stride_ignored,
        stride_in_size_only,
        no_bias,
        bias_by_channel,
        last_channel,
        mean_of_channels,
        whole_numbers,
    )
]
