"""What a report says in words: the method on one page for non-specialists, and the limits of these very results."""

from __future__ import annotations

from core.arms.names import BASELINE
from core.evaluation.objective_wording import NOT_IMPROVED, in_todays_words
from core.experiment.run_encoder import encoder_title, told_readings
from core.figures import summary
from core.languages import language
from core.notation import plural, rate
from core.report.material import Material
from core.report.method import method_in_words, warm_starts
from core.report.tables import accuracy_rows
from core.verdict.recommendation import Recommendation, recommend
from core.verdict.sentences import headline, lead, on_collapse, on_prior

DATA_NAMES = {"xnli": "XNLI", "starter": "the starter data, which is not XNLI",
              "own": "a study's own benchmark"}  # fmt: skip


def where(material: Material) -> str:
    """Split and data set as a sentence names them."""
    return f"the {summary.place(material.split, DATA_NAMES.get(material.data_kind, material.data_kind))}"


def recommended(material: Material) -> Recommendation | None:
    """What a reader should do; None where no method was compared with English training alone."""
    return recommend(material.sheet, material.collapsed, where(material), warm_starts(material.runs))


def verdict(material: Material) -> str:
    """Whether a method beats English training alone, else the primary question's answer, else what is stored."""
    questions = material.sheet["questions"]
    answer = lead(questions, where(material)) or headline(questions, where(material))
    if answer:
        return answer
    arms = summary.by_arm(summary.by_language(accuracy_rows(material)))
    return summary.finding(arms, material.split, DATA_NAMES.get(material.data_kind, material.data_kind))


def beside(material: Material) -> str:
    """The primary question's answer and what the collapse of an arm and a shift of answers take from it; "" where that
    cannot be asked."""
    questions = material.sheet["questions"]
    primary = headline(questions, where(material)) if lead(questions, where(material)) else None
    return " ".join(text for text in (primary, on_collapse(material.collapsed), on_prior(questions)) if text)


def method(material: Material) -> list[tuple[str, str]]:
    """Heading and paragraph, for a reader who has never trained a model."""
    return method_in_words(material.runs, material.sheet, material.floors)


def limits(material: Material) -> list[str]:
    """What these results cannot say, from the results themselves."""
    told = [*material.missing, *(one["sentence"] for one in material.sheet.get("unanswerable", ()))]
    seeds = {arm: len({run["seed"] for run in material.runs if run["arm"] == arm}) for arm in material.all_arms}
    single = [arm for arm, count in seeds.items() if count == 1]
    if single:
        told.append(
            f"One seed alone: {', '.join(single)}. Without a second training run, the variance between runs is "
            "unknown; such an arm is described, carries no mark and is called neither ahead nor behind."
        )
    if warm_starts(material.runs) == 1 and len({run["seed"] for run in material.runs}) > 1:
        told.append(
            "All runs begin from one warm start: seeds differ in what follows it (order of the pairs, sampled latents, "
            "order of the bitext, discriminator), so that the intervals speak of this one start and not of others."
        )
    primary = next((one for one in material.sheet["questions"] if one["primary"]), None)
    if primary is not None and primary["smallest"] is not None:
        told.append(
            f"The primary comparison's minimum detectable effect (80 % power) is {rate(primary['smallest'])} points"
            f"{'' if primary['tested'] else ' or more'}; a smaller one may exist."
        )
    for run in material.runs:
        if run.get("took") is False:
            sentence = in_todays_words(str(run.get("took_sentence") or f"{NOT_IMPROVED}."))
            told.append(f"{run['arm']}, seed {run['seed']}: {sentence[0].lower()}{sentence[1:]}")
    starts = {run.get("warm_start") for run in material.runs if run["arm"] == BASELINE}
    if len(starts) == 1 and seeds.get(BASELINE, 0) > 1:
        told.append(
            "All seeds start from one English training, so the intervals do not say what another English training "
            "gives."
        )
    collapse = on_collapse(material.collapsed)
    if collapse:
        told.append(collapse)
    hidden = [arm for arm in material.all_arms if arm not in material.arms]
    if hidden:
        told.append(f"Stored, tested and left out of this report's figures and tables: {', '.join(hidden)}.")
    absent = [code for code in material.all_languages if code not in material.languages]
    if absent:
        names = ", ".join(language(code).name for code in absent)
        told.append(f"Languages left out of the figures and tables, though tested: {names}.")
    pairs = sorted({int(run["nli_pairs"]) for run in material.runs})
    if pairs and material.data_kind == "xnli":
        told.append(
            f"The models saw {pairs[0]:,}{f' to {pairs[-1]:,}' if len(pairs) > 1 else ''} labelled English pairs; "
            "published results rest on 393,000 and are no comparison."
        )
        told.append(
            "Errors were found in XNLI's translations into Hindi, Swahili and Urdu (arXiv 2402.02080), so an error "
            "there may be the translation's."
        )
    if material.data_kind == "starter":
        told.append("The starter data is written for this project and far too small to conclude anything from.")
    told.append(
        "One encoder, a small one, and one way to train it (low-rank adapters): a larger model could answer otherwise. "
        f"{plural(len(material.runs), 'run')} are compared; the same number of steps is not the same amount of "
        "computing."
    )
    return told


def preregistration(material: Material) -> list[tuple[str, str]]:
    """What was preregistered, as name and value, with what is missing said in its place."""
    fixed = material.preregistered
    if fixed.primary is None:
        return [("Primary endpoint", f"not fixed: the file {fixed.file} is not there or names none")]
    rows = [
        ("Primary endpoint", fixed.primary),
        ("Margin of equivalence", f"{fixed.margin:g} point" if fixed.margin is not None else "not fixed"),
        ("Seeds planned", str(fixed.seeds) if fixed.seeds is not None else "not fixed"),
        ("Fixed in", fixed.file),
    ]
    if fixed.commit is None:
        rows.append(("Commit", "not known: this copy of the project has no history"))
    else:
        late = "; the file has been changed since" if fixed.commit.changed_since else ""
        name = "" if fixed.commit.name == fixed.file else f", where the file was {fixed.commit.name}"
        rows.append(("Commit", f"{fixed.commit.sha} of {fixed.commit.date}{name}{late}"))
    if fixed.protocols == 0:
        rows.append(("Configurations", "none is fixed yet, so that none may read XNLI test"))
    else:
        rows.append(("Configurations", f"{fixed.protocols} may read XNLI test"))
    among = f"{fixed.followed} of {plural(fixed.runs, 'run')} reported here"
    rows.append(("Runs as fixed", among if fixed.followed else f"{among}: these results are exploratory"))
    return rows


def provenance(material: Material) -> list[tuple[str, str]]:
    """Data, encoder, seeds, runs and versions, as name and value."""
    runs = material.runs
    encoders = sorted({(encoder_title(str(run["encoder"])), str(run["encoder_sha256"])) for run in runs})
    configs = [run.get("config", {}) for run in runs]
    prints = sorted({str(c["data"]["fingerprint"]) for c in configs if "fingerprint" in (c.get("data") or {})})
    trained = sorted({f"{name} {value}" for run in runs for name, value in (run.get("versions") or {}).items()})
    days = sorted(str(run["created"])[:10] for run in runs)
    presets = ", ".join(sorted({str(run["preset"]) for run in runs}))
    rows = [
        ("Results", f"{plural(len(runs), 'run')}, {material.origin}; read on {where(material)}"),
        ("Encoder", "; ".join(f"{name}, SHA-256 {sha}" for name, sha in encoders)),
        ("Read", f"{told_readings(runs)} (encoder, precision, backend)"),
        ("Data", f"fingerprint {'; '.join(prints)}" if prints else "no fingerprint was recorded"),
        ("Seeds", "; ".join(f"{arm}: {', '.join(_seeds(material, arm))}" for arm in material.all_arms)),
        ("Trained", f"{days[0]} to {days[-1]}, presets {presets}"),
        ("Versions in training", ", ".join(trained) or "not recorded"),
        ("Versions in this report", ", ".join(f"{name} {value}" for name, value in material.versions.items())),
        ("Runs", "; ".join(f"{run['arm']} {run['run_id']}" for run in runs)),
        ("Made", f"{material.made} with `python -m core report`"),
    ]  # fmt: skip
    if material.data_kind == "xnli":
        rows.append(("Licence of the data", "XNLI is CC BY-NC 4.0: what is trained or tested on it is non-commercial"))
    return rows


def _seeds(material: Material, arm: str) -> list[str]:
    return [str(seed) for seed in sorted({int(run["seed"]) for run in material.runs if run["arm"] == arm})]
