"""What the benchmarks of pages open and move: two experiments of each lab, the first of them its default."""

VIEWS = {  # name: (page, query, key of the slider)
    "bias–variance, trade-off": ("bias_variance", "", "bv_n"),
    "bias–variance, learning curves": ("bias_variance", "bv_view=Learning+curves", "bv_noise"),
    "gradient descent, race": ("gradient_descent", "", "gd_lr"),
    "gradient descent, update table": ("gradient_descent", "gd_view=Update+table", "gd_lr"),
    "logistic regression, training": ("logistic_regression", "", "lr_rate"),
    "logistic regression, odds ratios": ("logistic_regression", "lr_view=Odds+ratios", "lr_before"),
    "regularisation, paths": ("regularisation", "", "rg_n"),
    "regularisation, splits": ("regularisation", "rg_view=Splits", "rg_rows"),
    "model evaluation, threshold": ("model_evaluation", "", "ev_prevalence"),
    "model evaluation, calibration": ("model_evaluation", "ev_view=Calibration", "ev_prevalence"),
    "neural network, training": ("neural_network", "", "nn_rate"),
    "neural network, backpropagation": ("neural_network", "nn_view=Backpropagation", "nn_sample"),
    "transformer, attention by hand": ("transformer", "", "tf_d"),
    "transformer, scaling": ("transformer", "tf_view=Scaling", "tf_dimension"),
}
