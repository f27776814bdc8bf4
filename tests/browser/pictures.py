"""Take the README's pictures: python -m tests.browser.pictures"""

from playwright.sync_api import Page, sync_playwright

from tests.browser.server import CHROMIUM, IDLE, ROOT, serve

PICTURES = {
    "bias_variance": "bias_variance?bv_noise=0.5&bv_charts_frame=12",
    "gradient_descent": "gradient_descent?gd_charts_frame=60",
    "logistic_regression": "logistic_regression?lr_noise=0.4",
    "regularisation": "regularisation?rg_noise=1.2",
    "model_evaluation": "model_evaluation?ev_charts_frame=65",
    "neural_network": "neural_network?nn_charts_frame=20",
    "transformer": "transformer?tf_view=Watch+a+head+form",
    "questions": "questions?qu_name=bias_variance_trade_off",
    "challenges": "challenges?ch_name=Softmax",
}
NAIVE_SOFTMAX = """import numpy as np


def softmax(x):
    e = np.exp(x)
    return e / e.sum(axis=-1, keepdims=True)
"""


def answer(page: Page) -> None:
    """Predict, so that the answer is shown."""
    page.get_by_role("button", name="the variance is at least twice bias²").click()
    page.get_by_text("In 30 seconds").first.wait_for()


def run(page: Page) -> None:
    """Make the usual mistake."""
    page.locator(".cm-content").focus()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.insert_text(NAIVE_SOFTMAX)
    page.keyboard.press("ControlOrMeta+Enter")
    page.get_by_text("exp overflows").or_(page.get_by_text("overflows")).first.wait_for()


DOINGS = {"questions": answer, "challenges": run}


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
                if name in DOINGS:
                    DOINGS[name](page)
                    page.wait_for_timeout(1000)
                page.screenshot(path=ROOT / ".github" / "pictures" / f"{name}_{theme}.png")
        browser.close()


if __name__ == "__main__":
    main()
