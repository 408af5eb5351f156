from pathlib import Path

from sottovoce_engine.renderers.ltx.training.step_log import FILE, logged_steps, step_log
from sottovoce_engine.training.values import Stepped

STEPS = tuple(
    Stepped(
        step=step,
        loss=1 / (3 * step),
        learning_rate=1e-4 / 7,
        seconds=0.25,
        validation_loss=1 / 7 if step == 2 else None,
    )
    for step in range(1, 6)
)


def test_what_was_logged_comes_back_to_the_bit(tmp_path: Path) -> None:
    with step_log(tmp_path, ()) as log:
        for stepped in STEPS:
            log.write(stepped)
            assert logged_steps(tmp_path, 9)[-1] == stepped
    assert logged_steps(tmp_path, 9) == STEPS
    assert logged_steps(tmp_path / "elsewhere", 9) == ()


def test_going_on_forgets_what_came_after_the_checkpoint_and_a_line_cut_short(tmp_path: Path) -> None:
    with step_log(tmp_path, STEPS[:4]):
        pass
    whole = (tmp_path / FILE).read_text()
    (tmp_path / FILE).write_text(whole + "5,0.0")
    before = logged_steps(tmp_path, 3)
    assert before == STEPS[:3]
    with step_log(tmp_path, before) as log:
        log.write(STEPS[3])
    assert logged_steps(tmp_path, 9) == STEPS[:4]
    assert (tmp_path / FILE).read_text() == whole
