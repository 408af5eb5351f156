"""`sottovoce render`: render what is missing, splice, hand back."""

import argparse
import json
import sys
from collections.abc import Iterator

from sottovoce.anchors import with_anchors
from sottovoce.deciding import Asked
from sottovoce.planning import plan_as_text
from sottovoce.project import Project, read_project
from sottovoce.reading import (
    judge_from,
    judge_settings_of,
    plan_settings_of,
    reading_of,
    splice_settings_of,
)
from sottovoce.rendering import RenderedScene, render_scene, splice_scene
from sottovoce.terminal import ExitCode, progress_job
from sottovoce_engine.errors import InputError
from sottovoce_engine.plan import Plan, PlanSettings
from sottovoce_engine.splice.report import overs_of

_MOST_TAKES = 100


def run(arguments: argparse.Namespace) -> ExitCode:
    """Renders and splices; prints where the results lie."""
    project = with_anchors(read_project(arguments.timeline, reading_of(arguments)), arguments.anchor)
    return render_and_print(
        project, plan_settings_of(arguments, project.reading.settings), asked_of(arguments, project), arguments.json
    )


def splice_and_print(project: Project, settings: PlanSettings, asked: Asked, as_json: bool) -> ExitCode:
    """Splices the takes there are and prints where the results lie."""
    with progress_job(quiet=as_json) as job:
        scene = splice_scene(project, settings, asked, job)
    return print_scene(scene, as_json)


def render_and_print(project: Project, settings: PlanSettings, asked: Asked, as_json: bool) -> ExitCode:
    """Prints the plan, renders, splices, and prints where the results lie."""

    def show(plan: Plan) -> None:
        if not as_json:
            print(
                "\n".join([project.headline(), "", plan_as_text(plan, project.judged()), *project.remarks(), ""]),
                file=sys.stderr,
            )

    with progress_job(quiet=as_json) as job:
        scene = render_scene(project, settings, asked, job, on_plan=show)
    return print_scene(scene, as_json)


def asked_of(arguments: argparse.Namespace, project: Project) -> Asked:
    """Where to and how, as asked for on the command line.

    Raises:
        InputError: A number is out of range, or the thresholds file cannot be used.
        SetupError: The Whisper model cannot be used.
    """
    asked_for = getattr(arguments, "retake_until_good", None)  # a splice renders nothing
    most = 1 if asked_for is None else asked_for
    if not 1 <= most <= _MOST_TAKES:
        raise InputError(f"--retake-until-good is {most}. Give 1 to {_MOST_TAKES} takes.")
    judging = judge_settings_of(arguments, project.reading.settings)
    if most > 1 and not judging.judge:
        raise InputError("--retake-until-good needs the judge. Leave --no-judge out, or set judge = true.")
    return Asked(
        folder=arguments.output,
        splice=splice_settings_of(arguments, project.reading.settings),
        mp4=not arguments.no_mp4,
        bundle=arguments.otioz,
        judge=judge_from(judging, arguments.language),
        strict=judging.strict,
        most_takes=most,
    )


def print_scene(scene: RenderedScene, as_json: bool) -> ExitCode:
    """Prints the files and what needs a look; the exit code says whether every region is there and passes.

    A take that a person picked or approved stays without a word against it in the exit code.
    """
    if as_json:
        print(json.dumps(_plain(scene), ensure_ascii=False, indent=2))
    else:
        print("\n".join(_shown(scene)))
    left_out_on_purpose = bool(scene.plan.settings.only)
    missing = bool(scene.without) and not left_out_on_purpose
    failing = any(judged.outcome == "fails" and not judged.by_person for judged in scene.judged.values())
    return ExitCode.BELOW_BAR if scene.failures or missing or failing else ExitCode.DONE


def _shown(scene: RenderedScene) -> list[str]:
    spliced, files = scene.spliced, scene.files
    lines = [f"movie     {spliced.movie}"]
    if spliced.mp4 is not None:
        lines.append(f"mp4       {spliced.mp4}")
    lines.append(f"timeline  {files.timeline}")
    if files.bundle is not None:
        lines.append(f"bundle    {files.bundle}")
    lines += [f"stems     {spliced.tone_stem.parent}", f"report    {files.page}", f"figures   {files.report}"]
    over = overs_of(spliced.joins)
    lines += ["", f"{len(spliced.regions)} regions, {len(spliced.joins)} joins, {over} over a bar (see the report)."]
    lines += [f"join      {name} {note}" for name, note in _join_notes(scene)]
    lines += list(_judged_lines(scene))
    lines += [
        f"failed    {failure.job.region.id} {failure.job.region.line!r}: {failure.reason}" for failure in scene.failures
    ]
    failed = {failure.job.region.id for failure in scene.failures}
    states = {planned.region.id: planned.state for planned in scene.plan.regions}
    lines += [
        f"no take   {region_id} ({states[region_id]}): render it to have it in the scene"
        for region_id in scene.without
        if region_id not in failed
    ]
    lines += [f"left out  {sentence}" for sentence in scene.left_out]
    return lines


def _join_notes(scene: RenderedScene) -> Iterator[tuple[str, str]]:
    """What was asked of joins and could not be done in full."""
    for join in scene.spliced.joins:
        for note in join.notes:
            yield f"{join.before} → {join.after}:", note


def _judged_lines(scene: RenderedScene) -> Iterator[str]:
    """What of the chosen takes wants a listen, and what was tried."""
    for region in (spliced.placed.region for spliced in scene.spliced.regions):
        judged = scene.judged[region.id]
        if judged.outcome not in ("fails", "amber"):
            continue
        tried = f" (the best of {len(judged.takes)} takes)" if len(judged.takes) > 1 else ""
        settled = ", and stays: a person chose it" if judged.by_person else ""
        yield f"{judged.outcome:<9} {region.id} {region.line!r}{tried}{settled}: {'; '.join(judged.why[:3])}"


def _plain(scene: RenderedScene) -> dict[str, object]:
    spliced, files = scene.spliced, scene.files
    return {
        "movie": str(spliced.movie),
        "mp4": str(spliced.mp4) if spliced.mp4 else None,
        "timeline": str(files.timeline),
        "bundle": str(files.bundle) if files.bundle else None,
        "stems": [str(path) for _, path in spliced.stems] + [str(spliced.tone_stem)],
        "report": str(files.report),
        "report_page": str(files.page),
        "judged": {
            region_id: {
                "judged": judged.word,
                "passes": judged.passes,
                "amber": judged.amber,
                "takes": len(judged.takes),
            }
            for region_id, judged in scene.judged.items()
        },
        "failures": [{"region": failure.job.region.id, "reason": failure.reason} for failure in scene.failures],
        "without_take": list(scene.without),
        "left_out_of_bundle": list(scene.left_out),
    }
