"""What the judge found out about one take, in words, figures and small drawings."""

from collections.abc import Mapping
from typing import Any

from sottovoce.report_page.figures import NOTHING, number, share
from sottovoce.report_page.markup import Html, element, joined
from sottovoce.report_page.standing import Standing, badge

Plain = Mapping[str, Any]

_CHECKS = {True: Standing.PASSES, False: Standing.FAILS, None: Standing.NOT_JUDGED}


def register_finding(asked: str, finding: Plain | None, bars: tuple[float, float]) -> Html:
    """The register asked for beside the measured one.

    Args:
        asked: The register's name.
        finding: A `RegisterFinding` as plain JSON, or None.
        bars: v below which a take is whispered, and above which it is voiced.
    """
    if not finding:
        return _block("Register", _pairs(("asked for", asked), ("measured", NOTHING)), badge(Standing.NOT_JUDGED))
    standing = Standing.AMBER if finding.get("amber") and finding.get("passes") else _CHECKS[finding.get("passes")]
    v, pitch = finding.get("v"), finding.get("f0_hz")
    rows = [
        ("asked for", asked),
        ("measured", str(finding["verdict"])),
        ("v", number(v, 2)),
        ("voiced stretches", share(finding.get("stretches"))),
    ]
    if finding.get("voiced_share") is not None:
        rows.append(("voiced share (DIO)", share(finding["voiced_share"])))
    if pitch is not None and finding["verdict"] != "whisper":
        rows.append(("pitch", number(pitch, 0, "Hz")))
    rows.append(("brightness", number(finding.get("alpha_db"), 1, "dB", signed=True)))
    return _block(
        "Register",
        _pairs(*rows),
        badge(standing),
        _scale(v, bars) if v is not None else None,
        _effort(finding.get("effort"), asked),
        _said(finding.get("why")),
    )


def line_finding(line: str, finding: Plain | None) -> Html:
    """Whether the line is said, with the words that differ."""
    if not finding:
        return _block("Line", element("p", "Nobody listened for the words."), badge(Standing.NOT_JUDGED))
    rows = []
    if finding.get("cer") is not None:
        rows.append(("letters that differ", f"{share(finding['cer'])} (up to {share(finding['bound'])} passes)"))
    if finding.get("by"):
        rows.append(("by", str(finding["by"])))
    verdict = str(finding["verdict"])
    return _block(
        "Line",
        word_diff(line, finding.get("diff") or ()),
        badge(_CHECKS[finding.get("passes")], verdict),
        _pairs(*rows) if rows else None,
        _said(finding.get("why")),
    )


def word_diff(line: str, diff: Any) -> Html | None:
    """The line with what is missing struck out and what was added or said instead put in."""
    words = [_changed(step) for step in diff]
    if all(step["change"] == "same" for step in diff):
        return None
    spaced = [part for word in words for part in (word, " ")]
    return element("p", element("span", f"Line as heard, against “{line}”: ", class_="unseen"), *spaced, class_="diff")


def _changed(step: Plain) -> Html:
    line, heard = str(step["line"]), str(step["heard"])
    match step["change"]:
        case "same":
            return element("span", line)
        case "missing":
            return _change("missing", "del", line)
        case "added":
            return _change("added", "ins", heard)
        case _:
            return joined(_change("instead of", "del", line), " ", _change("heard", "ins", heard))


def _change(label: str, tag: str, words: str) -> Html:
    return element("span", element("small", label, class_="change"), " ", element(tag, words), class_="changed")


def damage_finding(judgement: Plain | None, region: Plain) -> Html | None:
    """Damage, timing and perspective in words; None where nothing was judged or measured."""
    found: list[Html] = []
    failing = False
    for damage in (judgement or {}).get("damage") or ():
        fails = damage["severity"] == "fails"
        failing |= fails
        mark = badge(Standing.FAILS if fails else Standing.AMBER, str(damage["kind"]))
        found += [element("li", mark, " ", sentence(str(why))) for why in damage["why"]]
    timing = (judgement or {}).get("timing") or {}
    failing |= timing.get("passes") is False
    perspective = (judgement or {}).get("perspective") or {}
    found += [element("li", sentence(str(why))) for part in (timing, perspective) for why in part.get("why") or ()]
    if region.get("slip_frames"):
        found.append(element("li", f"Slipped by {number(region['slip_frames'], 0, signed=True)} frames in the scene."))
    if region.get("overrun_frames"):
        found.append(element("li", f"Overruns its edges by {region['overrun_frames']} frames; no word is cut."))
    if judgement is None:
        standing = Standing.NOT_JUDGED
    else:
        noticed = any(damage["severity"] != "fails" for damage in judgement.get("damage") or ())
        standing = Standing.FAILS if failing else Standing.AMBER if noticed else Standing.PASSES
    if not found:
        found = [element("li", "Not looked for." if judgement is None else "No damage found.")]
    return _block("Damage and timing", element("ul", *found, class_="said"), badge(standing))


def level_finding(region: Plain) -> Html:
    """How loud the take is, and how loud it lies in the scene."""
    return _block(
        "Loudness",
        _pairs(
            ("take", number(region.get("take_loudness_lufs"), 1, "LUFS")),
            ("clip gain", number(region.get("gain_db"), 1, "dB", signed=True)),
            ("in the scene", number(region.get("loudness_lufs"), 1, "LUFS")),
            ("true peak", number(region.get("true_peak_dbtp"), 1, "dBTP")),
        ),
    )


def sentence(text: str) -> str:
    """`text` as a sentence of its own."""
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "!", "?", "”")) else f"{text}."


def _block(title: str, *contents: Html | None) -> Html:
    """A titled part; a badge goes beside the title."""
    marks = [content for content in contents if content is not None and 'class="badge' in content[:30]]
    rest = [content for content in contents if content is not None and content not in marks]
    return element("section", element("h4", title, *[part for mark in marks for part in (" ", mark)]), *rest)


def _pairs(*rows: tuple[str, str]) -> Html:
    return element("dl", *(element("div", element("dt", name), element("dd", value)) for name, value in rows))


def _said(why: Any) -> Html | None:
    return element("ul", *(element("li", sentence(str(reason))) for reason in why), class_="said") if why else None


def _scale(v: float, bars: tuple[float, float]) -> Html:
    """A figure between 0 and 1 on a strip, with the bars between whisper, doubt and voice."""
    whisper, voiced = (round(100 * bar, 1) for bar in bars)
    at = round(100 * min(max(v, 0.0), 1.0), 1)
    zones = ((0.0, whisper, "whispered"), (whisper, voiced, "doubt"), (voiced, 100.0, "voiced"))
    return element(
        "div",
        element(
            "svg",
            *(
                element(
                    "rect", class_=f"zone {name}", x=f"{start}%", width=f"{round(end - start, 1)}%", y="6", height="8"
                )
                for start, end, name in zones
            ),
            element("rect", class_="needle", x=f"{max(0.0, at - 0.6)}%", width="1.2%", y="0", height="20", rx="1"),
            class_="scale",
            role="img",
            aria_label=f"v is {number(v, 2)}: below {bars[0]:.2f} is whispered, above {bars[1]:.2f} is voiced",
        ),
        element(
            "div",
            element("span", f"whispered < {bars[0]:.2f}"),
            element("span", f"voiced > {bars[1]:.2f}"),
            class_="ends",
        ),
        class_="gauge",
        aria_hidden=None,
    )


def _effort(effort: Plain | None, asked: str) -> Html | None:
    if not effort:
        return None
    said = [f"Effort {number(effort['effort_db'], 1, 'dB', signed=True)} over normal, nearest to {effort['nearest']}"]
    if effort.get("expected_db") is not None:
        said.append(f"{asked} lies at {number(effort['expected_db'], 0, 'dB', signed=True)}")
    if effort.get("score") is not None:
        said.append(f"fit {share(effort['score'])}")
    return element("p", "; ".join(said), f" (against {effort['reference']}).", class_="effort")
