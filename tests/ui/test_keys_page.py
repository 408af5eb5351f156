from docs.panel import PAGE, page_with_keys


def test_the_page_has_the_keys_that_hold() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page == page_with_keys(page), "run: python -m docs.panel"
