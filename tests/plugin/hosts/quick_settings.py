"""What lets a render by another program's hand be quick."""

from sottovoce.settings import settings_path


def leave_the_judge_out() -> None:
    """In the settings of whoever runs the tests, which are a folder of their own."""
    settings_path().parent.mkdir(parents=True, exist_ok=True)
    settings_path().write_text("judge = false\n", encoding="utf-8")
