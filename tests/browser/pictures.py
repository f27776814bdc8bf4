"""Take the README's pictures: python -m tests.browser.pictures"""

from playwright.sync_api import sync_playwright

from tests.browser.server import CHROMIUM, IDLE, ROOT, serve

PICTURES = {
    "bias_variance": "bias_variance?bv_noise=0.5&bv_charts_frame=12",
    "gradient_descent": "gradient_descent?gd_charts_frame=60",
    "logistic_regression": "logistic_regression?lr_noise=0.4",
    "regularisation": "regularisation?rg_noise=1.2",
    "model_evaluation": "model_evaluation?ev_charts_frame=65",
    "neural_network": "neural_network?nn_charts_frame=20",
    "transformer": "transformer?tf_view=Watch+a+head+form",
}


def main() -> None:
    """Screenshots of the labs in both themes, under .github/pictures."""
    with sync_playwright() as playwright, serve("app.py") as address:
        browser = playwright.chromium.launch(**CHROMIUM)
        for theme in ("light", "dark"):
            page = browser.new_page(viewport={"width": 1280, "height": 900}, color_scheme=theme)
            for name, link in PICTURES.items():
                page.goto(f"{address}/{link}")
                page.wait_for_selector(IDLE)
                page.wait_for_timeout(2500)  # the charts draw after the script has ended
                page.screenshot(path=ROOT / ".github" / "pictures" / f"{name}_{theme}.png")
        browser.close()


if __name__ == "__main__":
    main()
