"""Figures: drawn from plain data alone, the same bytes twice, and true to the state they come from."""

import io
import json
import zlib

import numpy as np
import pytest
from PIL import Image

from novum.evidence.claims import decide
from novum.evidence.design import design
from novum.evidence.effects import explored
from novum.evidence.figures import draw, drawers, foreign
from novum.evidence.figures.curves import curves_data, parse_series, thinned
from novum.evidence.figures.dose import dose_data
from novum.evidence.figures.events import events_data
from novum.evidence.figures.foreign import foreign_data
from novum.evidence.figures.forest import forest_data
from novum.evidence.figures.labels import arm_labels, axis_label, level_text
from novum.evidence.figures.map import map_data
from novum.evidence.figures.pairs import pairs_data
from novum.evidence.figures.reported import reported_data, specifications
from novum.evidence.figures.seeds import seeds_data
from novum.evidence.figures.tree import tree_data
from tests.evidence.world import BASE, DOMAIN, HORIZON, SEEDS, contrast, protocol, sample, setting, state
from tests.scientists.studies import Synthetic

TIME = {"metric": "time"}
CLAIMS = (
    contrast("rmst_diff", "less", 50.0, text="More decay is faster", **TIME),
    contrast("rmst_diff", "equivalent", 50.0, a={"width": 32.0}, b={"width": 64.0}, text="Width is idle",
             **TIME),
)  # fmt: skip
POINTS = design(DOMAIN.factors, 10, 1)
for point in POINTS:
    setting(**point)


def study(missing: bool = False):
    rng = np.random.default_rng(2)
    registered = protocol(*CLAIMS)
    times = np.minimum(rng.exponential([[700.0], [200.0], [700.0]], (3, 8)), HORIZON).tolist()
    found = sample(registered.arms, "time", times)
    found += sample(POINTS, "time", np.minimum(rng.exponential(400, (10, 2)), HORIZON).tolist(), "explore")
    if missing:
        found = [m for m in found if m.phase == "explore"]
    known = state(found, registered)
    known.decisions = {d.claim: d for d in decide(registered, found, SEEDS, DOMAIN)}
    for trial in known.trials.values():
        trial.series = {"held_out_accuracy": {str(s): f"{s}" for s in trial.seeds}}
    return known


def load(blob: str) -> bytes:
    """A logistic curve whose middle depends on the seed."""
    x = range(1, 900, 9)
    return ("x,y\n" + "\n".join(f"{v},{v / (v + int(blob))}" for v in x)).encode()


def exploration(known):
    return explored(DOMAIN.primary, POINTS, list(known.measurements.values()))


TOLD = b'[{"title": "norm", "x": "update", "y": "norm", "series": [{"x": [1, 2], "y": [0.9, 0.8]}]}]'


def picture(size: tuple[int, int] = (4, 3), form: str = "PNG") -> bytes:
    out = io.BytesIO()
    Image.effect_mandelbrot(size, (-2, -1, 1, 1), 50).convert("L").save(out, form)
    return out.getvalue()


def gathered(known) -> dict[str, dict]:
    return {
        "seeds": seeds_data(known),
        "forest": forest_data(known),
        "events": events_data(known),
        "curves": curves_data(known, load, x_axis="Update"),
        "dose": dose_data(known, "decay", exploration(known)),
        "map": map_data(DOMAIN, exploration(known)),
        "tree": tree_data(known),
        "reported": reported_data("norm", {"baseline": specifications(TOLD)[0]}),
        "foreign": foreign_data("map", {"baseline": picture()}),
        "pairs": pairs_data(Synthetic("averaged, turned round").state),
    }


@pytest.fixture(scope="module")
def data():
    return gathered(study())


@pytest.fixture(scope="module")
def drawn(data):
    """Each figure of a finished study, drawn once."""
    return {kind: draw(found) for kind, found in data.items()}


def test_every_kind_is_gathered(data):
    assert set(data) == set(drawers()) and all(data[k]["kind"] == k for k in data)


@pytest.mark.parametrize("kind", sorted(drawers()))
def test_data_survive_json_and_draw_the_same_bytes(data, drawn, kind):
    plain = json.loads(json.dumps(data[kind], allow_nan=False))
    assert plain == data[kind]
    first = drawn[kind]
    assert set(first) == {"svg", "pdf", "png"}
    starts = {suffix: file[:5] for suffix, file in first.items()}
    assert starts == {"svg": b"<?xml", "pdf": b"%PDF-", "png": b"\x89PNG\r"}
    assert draw(plain) == first
    assert b"CreationDate" not in first["pdf"] and b"dc:date" not in first["svg"]


def test_pictures_of_programs_are_taken_where_they_lie_and_decoded_within_bounds():
    names = ("7/figures/b_2nd.PNG", "7/figures/a.jpg", "7/figures/c.png", "7/figures/deep/d.png", "7/a.png",
             "70/figures/a.png", "7/figures/x.svg")  # fmt: skip
    outputs = {f"out/{name}": name for name in names}
    assert foreign.pictures(outputs, 7) == {"a": names[1], "b nd": names[0]}
    assert not foreign.pictures(outputs, 8)
    assert foreign.readable(picture()) and foreign.readable(picture(form="JPEG"))
    torn, large, other = picture((90, 90))[:200], picture((2100, 2000)), picture(form="GIF")
    assert not any(map(foreign.readable, (b"", b"no picture", torn, large, other)))
    assert not foreign.readable(picture() + bytes(foreign.LARGEST))
    assert b"secret" not in draw(foreign_data("m", {"a": picture() + b"secret"}))["png"]


def test_fonts_are_embedded(drawn):
    pdf = drawn["forest"]["pdf"]
    assert b"/FontFile2" in pdf and b"/Type3" not in pdf
    assert b"<text" not in drawn["forest"]["svg"]


@pytest.mark.parametrize("kind", ["seeds", "forest", "events", "curves"])
def test_figures_show_ink_and_change_with_their_data(data, drawn, kind):
    shown = drawn[kind]["png"]
    other = dict(data[kind])
    key = {"seeds": "arms", "events": "arms", "forest": "rows", "curves": "panels"}[kind]
    other[key] = other[key][:-1] or [{**other[key][0], "arms": other[key][0]["arms"][:1]}]
    assert len(zlib.compress(shown)) > 4000 and draw(other)["png"] != shown


def test_unfinished_and_empty_studies_draw_words_instead_of_values():
    known = study(missing=True)
    data = gathered(known)
    for kind in ("seeds", "forest"):
        assert len(draw(data[kind])["pdf"]) > 1000
    assert [r["estimate"] for r in forest_data(known)["rows"]] == [None, None]
    assert dose_data(known, "decay", exploration(known))["confirmed"] == []


def test_a_confirmation_short_of_one_seed_shows_none_of_the_others():
    known = study()
    trial = known.trials_in("confirm")[0]
    trial.seeds = trial.seeds[:-1]
    assert not any(arm["values"] for arm in seeds_data(known)["arms"])
    assert not any(arm["n"] for arm in events_data(known)["arms"])
    assert curves_data(known, load)["panels"] == []


def test_seeds_show_every_value_and_mark_the_censored():
    known = study()
    for arm in seeds_data(known)["arms"]:
        assert len(arm["values"]) == 8
        assert arm["censored"] == [v >= HORIZON for v in arm["values"]]
        assert arm["low"] < arm["mean"] < arm["high"]
    assert seeds_data(known)["level"] == pytest.approx(0.975)


def test_event_curves_end_at_the_share_that_reached_it():
    known = study()
    for arm, seeds in zip(events_data(known)["arms"], seeds_data(known)["arms"], strict=True):
        assert arm["shares"][-1] == pytest.approx(1 - np.mean(seeds["censored"]))
    with pytest.raises(ValueError, match="no time"):
        events_data(known, "score")


def test_a_forest_of_one_metric_keeps_its_unit_and_of_several_is_in_margins():
    known = study()
    decision = known.decisions[CLAIMS[0].id]
    row = forest_data(known)["rows"][0]
    assert (row["estimate"], row["edges"]) == (decision.estimate, [-50.0])
    known.protocol = protocol(*CLAIMS, contrast("ratio", "greater", 2.0, text="ratio"))
    mixed = forest_data(known)["rows"]
    assert mixed[0]["estimate"] == pytest.approx(decision.estimate / 50.0)
    assert mixed[2]["edges"] == [1.0]


def test_labels_name_departures_from_the_base():
    wide, fast = {**BASE, "width": 64.0}, {**BASE, "decay": 1.0}
    assert arm_labels([BASE, fast], DOMAIN) == ["weight decay 0.1", "weight decay 1"]
    assert arm_labels([fast, BASE, wide], DOMAIN, BASE) == [
        "weight decay 1", "baseline", "width 64"]  # fmt: skip
    assert arm_labels([BASE], DOMAIN) == ["baseline"]
    assert axis_label(DOMAIN.primary) == "Time to the event (updates)"
    assert [level_text(v) for v in (True, 0.0316, "adam")] == ["on", "0.0316", "adam"]


def test_series_are_read_and_thinned():
    assert parse_series(b"x,y\n1,2\n3,nan\nbroken\n5,6\n7,inf\n") == ([1.0, 5.0], [2.0, 6.0])
    x = [float(v) for v in range(1, 5001)]
    kept, values = thinned(x, x)
    assert kept == values and len(kept) <= 102 and kept[0] == 1.0 and kept[-1] == 5000.0
    assert sum(v <= 100 for v in kept) > 30, "an axis of decades keeps its early points"
    assert thinned([1.0, 2.0], [3.0, 4.0]) == ([1.0, 2.0], [3.0, 4.0])


def test_curves_say_how_many_arms_they_leave_out():
    known = study()
    arms = [BASE, *(setting(decay=v) for v in (0.01, 0.0316, 0.316, 1.0))]
    assert curves_data(known, load, configs=arms)["omitted"] == 1


def test_an_unknown_kind_is_refused():
    with pytest.raises(ValueError, match="kinds: seeds"):
        draw({"kind": "pie"})
