"""Panels without a browser: pure results, controls that repaint, sentences, stills."""

import io
from functools import cache

import ipywidgets as widgets
import numpy as np
import pytest
import torch
from matplotlib.figure import Figure
from panel_tools import all_widgets, check_shown, control, message, views_of
from PIL import Image

from course_utils import charts, metrics, particles, pictures
from course_utils.guidance import classifier_free_guidance
from course_utils.panels import base, point_sampling
from course_utils.panels.forward import drowning
from course_utils.panels.guidance import universes
from course_utils.panels.reverse import denoising
from course_utils.panels.steering import steered_points, wheel
from course_utils.panels.steps import distilled, point_budget, spacings, step_counts
from course_utils.particles import PointNetwork
from course_utils.runtime import CourseError
from course_utils.schedules import SCHEDULES, schedule, trailing
from course_utils.training.particles import Progress
from course_utils.widgets import ArrowField, CurveView, LossView, ParticlePlayer, PictureDrowner, Upload

SEEDS = (0, 1)


def upload(panel, name, data):
    """Send a file through the panel's upload button, as the browser does; return what is said of it."""
    (button,) = views_of(panel, Upload)
    return button.answer({"name": name}, [memoryview(data)])


def png(colour, size=(40, 30)):
    target = io.BytesIO()
    Image.new("RGB", size, colour).save(target, "PNG")
    return target.getvalue()


@pytest.fixture(scope="module")
def drown_panel():
    return drowning.drown_panel()


PANELS = {
    "drown": drowning.drown_panel,
    "schedule": drowning.schedule_panel,
    "two ways": lambda: drowning.two_ways_panel(drowning.two_ways(pictures.load("cat", 24), every=250)),
    "pairs": lambda: drowning.pairs_panel(drowning.training_pairs(pictures.load("cat", 24), 3)),
    "particles": lambda: denoising.particles_panel(steps=4),
    "badges": denoising.badges_panel,
    "chance": lambda: denoising.chance_panel(
        denoising.measure_chance(point_sampling.shipped(), etas=(0, 1), seeds=SEEDS, steps=4), steps=4
    ),
    "steering": steered_points.steering_panel,
    "shares": lambda: steered_points.point_shares_panel(
        "ring", steered_points.measure_shares(SEEDS), steered_points.measure_shares(SEEDS, "ring")
    ),
    "sixty or three": step_counts.sixty_or_three_panel,
    "step curve": lambda: step_counts.step_curve_panel(step_counts.measure_steps(counts=(1, 4), seeds=SEEDS)),
    "samplers": lambda: step_counts.samplers_panel(step_counts.measure_samplers(counts=(1, 4), seeds=SEEDS)),
    "budgets": lambda: point_budget.point_budget_panel(
        point_budget.measure_budgets(biases=(-1, 0, 1), seeds=SEEDS)
    ),
    "spacings": lambda: spacings.spacings_panel(spacings.measure_spacings(seeds=SEEDS)),
    "universes": universes.universes_panel,
    "arrows": universes.arrows_panel,
    "guidance": lambda: universes.guidance_panel(universes.measure_guidance(ws=(0, 1, 4), seeds=SEEDS)),
    "conventions": universes.conventions_panel,
    "distilled curve": distilled.curve_panel,
    "page shares": lambda: wheel.shares_panel({"colour": {"red": 0.25, "blue": 0.75}}, "what the judge saw"),
}


@pytest.fixture
def short_walks(monkeypatch):
    """Walks of a step or two in the place of long ones, remembered for this test alone."""
    monkeypatch.setattr(step_counts, "trailing", lambda count: trailing(1 + (count > 1)))
    monkeypatch.setattr(step_counts, "finals", cache(step_counts.finals.__wrapped__))
    monkeypatch.setattr(universes, "STEPS", 2)
    monkeypatch.setattr(universes, "dial", cache(universes.dial.__wrapped__))


@pytest.mark.parametrize("name", PANELS)
def test_every_panel_shows_itself_and_leaves_a_still(name, short_walks):
    panel = PANELS[name]()
    check_shown(panel)
    assert message(panel) == ""


def test_a_message_is_escaped():
    panel = base.Panel([], "nothing", bytes)
    panel.say("<script>alert('x')</script>")
    assert "<script>" not in message(panel)


@pytest.mark.long
@pytest.mark.parametrize("name", ["particles", "steering", "universes", "sixty or three", "conventions"])
def test_reset_brings_back_the_first_settings(name, short_walks):
    panel = PANELS[name]()
    before = {w: w.value for w in all_widgets(panel.root) if w in panel._initial}
    frames = [view.frames for view in views_of(panel, ParticlePlayer)]
    for w in before:
        if isinstance(w, widgets.BoundedIntText):
            w.value = 99
        if isinstance(w, widgets.Dropdown | widgets.ToggleButtons):
            w.index = 1 if w.index != 1 else 0
    assert any(w.value != value for w, value in before.items())
    control(panel, "reset").click()
    assert {w: w.value for w in before} == before
    assert [view.frames for view in views_of(panel, ParticlePlayer)] == frames


@pytest.mark.parametrize(
    "answer", [{}, {"reset": None}, {"reset": "2"}, {"reset": [1]}, {"reset": 10**9}, "reset", 7]
)
def test_what_no_page_was_asked_for_resets_nothing(drown_panel, answer):
    seed = next(w for w in drown_panel._initial if isinstance(w, widgets.BoundedIntText | widgets.IntSlider))
    seed.value += 1
    moved = seed.value
    drown_panel._answering._handle_custom_msg(answer, [])
    assert seed.value == moved
    drown_panel._answering._handle_custom_msg({"reset": 1}, [])
    assert seed.value != moved


# --- episode 1


def test_drown_is_the_formula():
    picture = pictures.load("cat", 32)
    curve = schedule("cosine")
    noise = drowning.picture_noise(3, 32)
    expected = curve.signal[400] * (picture / 127.5 - 1) + curve.noise_level[400] * noise
    assert np.abs(drowning.drown(picture, 3, 400, curve) / 127.5 - 1 - np.clip(expected, -1, 1)).max() < 0.006
    assert (drowning.drown(picture, 3, 0, curve) == picture).all()


def test_a_good_upload_is_drowned_and_kept(drown_panel):
    assert upload(drown_panel, "red.png", png("red")) == ""
    (view,) = views_of(drown_panel, PictureDrowner)
    assert view.picture_name == drowning.UPLOAD and message(drown_panel) == ""
    assert np.frombuffer(view.picture, np.uint8).reshape(-1, 3)[0].tolist() == [255, 0, 0]
    control(drown_panel, "picture").value = "cat"
    control(drown_panel, "picture").value = drowning.UPLOAD
    assert view.picture[:3] == b"\xff\x00\x00"


@pytest.mark.parametrize("data", [b"", b"just text", png("blue")[:60]])
def test_a_bad_upload_is_one_sentence_and_the_old_picture_stays(drown_panel, data):
    control(drown_panel, "picture").value = "cat"
    (view,) = views_of(drown_panel, PictureDrowner)
    before = view.picture
    said = upload(drown_panel, "evil.png", data)
    assert view.picture == before and view.picture_name == "cat"
    assert said.endswith(".") and "\n" not in said
    assert upload(drown_panel, "red.png", png("red")) == "" and view.picture != before


def test_another_seed_and_schedule_reach_the_view(drown_panel):
    (view,) = views_of(drown_panel, PictureDrowner)
    noise, curve = view.noise, view.signal
    control(drown_panel, "seed").value = 8
    control(drown_panel, "schedule").value = "straight path"
    assert view.noise != noise and view.signal != curve and view.schedule_name == "straight path"


def test_the_walk_and_the_jump_agree_in_kind():
    ways = drowning.two_ways(pictures.load("cat", 48), every=250)
    assert ways.t == (0, 250, 500, 750, 1000)
    assert np.abs(ways.jumped.std(axis=(1, 2, 3)) - ways.walked.std(axis=(1, 2, 3))).max() < 0.03
    assert not np.allclose(ways.jumped[2], ways.walked[2])


def test_training_pairs_hold_their_own_answer():
    clean = pictures.to_unit(pictures.load("cat", 24))
    for pair in drowning.training_pairs(pictures.load("cat", 24), 5):
        rebuilt = schedule().signal[pair.t] * clean + schedule().noise_level[pair.t] * pair.noise
        assert np.allclose(pair.noisy, rebuilt) and drowning.loss(pair.noise, pair.noise) == 0


# --- episode 2


@pytest.mark.parametrize("badge", denoising.BADGES)
def test_a_run_goes_from_its_static_to_the_shape(badge):
    run = denoising.reverse_run(badge, "ring", 3, 20)
    assert run.frames.shape == (21, particles.COUNT, 2) and run.badge == badge
    assert run.labels[0] == "step 0 of 20, t = 1000" and run.labels[-1] == "step 20 of 20, t = 0"
    assert metrics.average_distance(run.result, run.target) < 0.06
    if badge != "replay":
        assert torch.equal(run.frames[0], point_sampling.start(3))


def test_the_player_follows_another_number_of_steps():
    panel = denoising.particles_panel(steps=6)
    (view,) = views_of(panel, ParticlePlayer)
    control(panel, "steps").value = 3
    assert view.n_frames == 4 and control(panel, "step").max == 3
    control(panel, "denoiser").value = "replay"
    assert view.badge == "replay"


def test_typed_letters_are_painted_by_what_knows_them_and_refused_by_what_does_not():
    panel = denoising.particles_panel(steps=4)
    (view,) = views_of(panel, ParticlePlayer)
    cat = view.target
    control(panel, "or your letters").value = "Ada"
    assert view.target != cat and message(panel) == ""
    letters = view.frames
    control(panel, "denoiser").value = "learned"
    assert "never shown" in message(panel) and view.frames == letters and view.badge == "exact"
    control(panel, "or your letters").value = "far too long"
    assert "one to six" in message(panel).replace("6", "six") and view.frames == letters
    control(panel, "or your letters").value = ""
    assert view.badge == "learned" and view.target == cat and message(panel) == ""


class Stopped:
    """Stands in for `train`: yields a few steps of an untrained network, then the learner interrupts."""

    def __init__(self, after):
        self.after = after

    def __call__(self, prompts, steps, seed):
        network = PointNetwork(prompts)
        for step in range(1, self.after + 1):
            yield Progress(step, 1.0 / step, network)
        raise KeyboardInterrupt


@pytest.mark.parametrize("after", [0, 30])
def test_an_interrupted_training_keeps_what_was_learned(monkeypatch, after):
    shown = []
    monkeypatch.setattr(denoising, "train", Stopped(after))
    monkeypatch.setattr(denoising, "display", shown.append)
    learned = denoising.train_here(("ring",), watch="ring", steps=100)
    assert learned.predict(point_sampling.start(0, 5), 500, "ring").shape == (5, 2)
    (view,) = shown
    assert isinstance(view, LossView) and view.status == "stopped early" and len(view.losses) == 4 * after


def test_a_live_training_hides_no_mistake(monkeypatch):
    monkeypatch.setattr(denoising, "display", lambda view: None)
    with pytest.raises(ValueError, match="mine"), denoising.live_training(3):
        raise ValueError("mine")


def test_a_live_training_is_told_losses_as_they_come(monkeypatch):
    shown = []
    monkeypatch.setattr(denoising, "display", shown.append)
    network = PointNetwork(("ring",))
    with denoising.live_training(3, watch="ring") as live:
        for loss in (torch.ones((), requires_grad=True), 0.5, 0.25):
            live(loss, network)
    assert np.frombuffer(shown[0].losses, np.float32).tolist() == [1, 0.5, 0.25]
    assert shown[0].status == "done" and shown[0].cloud and network.training


def test_a_short_training_here_is_drawn_to_its_end(monkeypatch):
    shown = []
    monkeypatch.setattr(denoising, "display", shown.append)
    learned = denoising.train_here(("'Ada'",), watch="'Ada'", steps=12)
    assert learned.network.prompts == ("", "'Ada'")
    assert shown[0].status == "done" and len(shown[0].losses) == 4 * 12 and shown[0].cloud


def test_chance_grows_with_eta_from_zero():
    chance = denoising.measure_chance(point_sampling.shipped(), etas=(0, 0.5, 1), seeds=SEEDS, steps=8)
    apart = [estimate.mean for estimate in chance.apart]
    assert apart[0] == 0 < apart[1] < apart[2] < 1.2 * chance.strangers.mean


# --- episode 3


def test_unknown_words_are_said_and_nothing_is_lost():
    panel = steered_points.steering_panel()
    first = views_of(panel, ParticlePlayer)[0]
    control(panel, "prompt 1").value = "a rabbit"
    assert (
        "rabbit" in message(panel)
        and first.title == "no prompt"
        and first.n_frames == steered_points.STEPS + 1
    )
    frames = first.frames
    control(panel, "prompt 1").value = "word " * 10_000
    assert "at most" in message(panel) and first.frames == frames
    control(panel, "prompt 1").value = "hearts, please"
    assert message(panel) == "" and first.title == "heart"


def test_all_prompts_start_from_the_same_static():
    starts = {steered_points.destination(name, 7).frames[0].numpy().tobytes() for name in ("cat", "ring", "")}
    assert len(starts) == 1


def test_one_seed_is_more_alike_than_two():
    vibe = steered_points.measure_vibe(SEEDS, ("cat", "heart", "ring"))
    assert vibe.same_seed.mean > 0.7 and abs(vibe.other_seed.mean) < 0.2 and len(vibe.pairs) == 3


# --- episode 4


def test_more_steps_come_nearer():
    painted = step_counts.finals("learned", "ring", counts=(1, 5, 30))
    assert painted.distances[0] > painted.distances[1] > painted.distances[2]
    last = denoising.reverse_run("learned", "ring", 7, 30).result
    assert torch.allclose(painted.clouds[2], last, atol=1e-5)


def test_the_good_case_stays_when_yours_moves(short_walks):
    panel = step_counts.sixty_or_three_panel("ring")
    good, yours = views_of(panel, ParticlePlayer)
    assert good.n_frames == 1 and yours.n_frames == len(step_counts.COUNTS)
    assert good.figures == [yours.figures[step_counts.COUNTS.index(step_counts.GOOD)]]


@pytest.mark.long
def test_heun_pays_two_evaluations_a_step_but_the_last():
    curves = step_counts.measure_samplers(counts=(1, 3, 5), seeds=SEEDS)
    assert curves.evaluations == {"ddim": (1, 3, 5), "ddpm": (1, 3, 5), "euler": (1, 3, 5), "heun": (1, 3, 5)}
    gap = [a.mean - b.mean for a, b in zip(curves.sliced["ddim"], curves.sliced["euler"], strict=True)]
    assert max(map(abs, gap)) < 1e-3


# --- episode 5


def test_the_dial_agrees_with_a_single_painting(short_walks):
    painted = universes.dial("heart", 5)
    alone = point_sampling.final_clouds(
        classifier_free_guidance(point_sampling.shipped().predict, "heart", 3.0),
        [5],
        trailing(universes.STEPS),
    )[0]
    assert torch.allclose(painted.cloud(3.0), alone, atol=1e-5) and len(painted.clouds) == len(universes.DIAL)


def test_one_click_takes_the_next_static(short_walks):
    panel = universes.universes_panel("ring")
    before = [view.frames for view in views_of(panel, ParticlePlayer)]
    click = control(panel, "another static")
    click.value = not click.value
    assert control(panel, "seed").value == 8
    assert all(a != b.frames for a, b in zip(before, views_of(panel, ParticlePlayer), strict=True))


@pytest.mark.long
def test_the_whole_dial_follows_the_first_three_universes(short_walks):
    panel = universes.universes_panel("star")
    panel.work.wait()
    yours = views_of(panel, ParticlePlayer)[1]
    assert (
        yours.n_frames == len(universes.DIAL)
        and yours.step == control(panel, "guidance w of the middle one").index
    )
    assert yours.labels[yours.step] == f"w = {universes.YOURS:g}"


def test_the_arrow_view_gets_both_arrows():
    panel = universes.arrows_panel("star")
    (view,) = views_of(panel, ArrowField)
    assert len(view.points) == len(view.conditional) == len(view.unconditional) > 0
    assert view.conditional != view.unconditional and view.w == control(panel, "guidance w").value


def test_the_curve_names_its_own_sweet_spot(monkeypatch):
    curve = universes.measure_guidance("heart", ws=(0, 1, 12), seeds=SEEDS)
    assert curve.sweet_spot == 1
    asked = []
    monkeypatch.setattr(charts, "chart", lambda *_series, **more: asked.append(more["marker"]) or Figure())
    universes.guidance_panel(curve)
    assert asked == [1.0, 1.0]


def test_the_schedule_does_not_show_where_its_curves_cross_before_a_learner_goes_there():
    panel = drowning.schedule_panel()
    levels, decibels = views_of(panel, CurveView)
    for name in SCHEDULES:
        control(panel, "schedule").value = name
        assert abs(levels.marker - float(schedule(name).crossing)) > 100
    assert levels.marker == decibels.marker
    levels.marker = 640.0
    control(panel, "schedule").value = "cosine"
    assert levels.marker == 640.0


def test_the_converter_reads_any_convention():
    panel = universes.conventions_panel()
    table = control(panel, "guidance")
    table.value = 3.0
    text = next(w for w in all_widgets(panel.root) if isinstance(w, widgets.HTML) and "<table" in w.value)
    assert ">3<" in text.value and ">2<" in text.value
    control(panel, "counted as in").value = "Ho & Salimans 2022"
    assert ">4<" in text.value


def test_an_error_bar_needs_two_seeds():
    with pytest.raises(CourseError, match="two repetitions"):
        universes.measure_guidance(ws=(1,), seeds=(0,))
