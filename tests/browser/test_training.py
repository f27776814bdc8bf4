"""A training in progress is the visitor's to stop, to leave and to go on with."""


def test_a_training_stops_and_goes_on(window):
    tab = window()
    tab.page.goto(f"{tab.base}/transformer?tf_view=Ablations&tf_part=Positions&tf_depth=4+layers")
    tab.page.get_by_role("button", name="Stop").click()
    tab.page.get_by_text("Stopped at step").wait_for()
    tab.page.get_by_role("button", name="Go on").click()
    tab.page.get_by_text("Training: step").wait_for()
    tab.page.get_by_text("Training: step").wait_for(state="detached", timeout=60_000)
    tab.settle()
    assert tab.page.get_by_text("Stopped at step").count() == 0


def test_a_visitor_leaves_a_training_at_once(window):
    tab = window()
    tab.page.goto(f"{tab.base}/transformer?tf_view=Ablations&tf_part=Positions&tf_depth=4+layers&tf_start=1")
    tab.page.get_by_role("radio", name="Scaling", exact=True).click()
    tab.page.get_by_text("Means over 200 queries").wait_for(timeout=15_000)
    tab.settle()
