"""Challenges: right answers, however written, are told from wrong ones, and common mistakes have a name."""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from scipy.ndimage import gaussian_filter, uniform_filter

from course_utils import schedules
from course_utils.challenges import guiding, lineup, steering
from course_utils.challenges.catalogue import CHALLENGES
from course_utils.challenges.comparing import compare
from course_utils.challenges.engine import Challenge, Mistake, Outcome
from course_utils.guidance import guide as library_guide
from course_utils.metrics import Estimate
from course_utils.panels import page_painting
from course_utils.panels.guidance import universes
from course_utils.panels.steering import repaint
from course_utils.picturebook.captions import asked
from course_utils.picturebook.draw import draw
from course_utils.picturebook.scene import Scene, sample_scene
from course_utils.schedules import schedule

SD, LINEAR = schedule(), schedule("linear")
randn = torch.randn


def judged(challenge: Challenge, answer: object) -> Outcome:
    """What the judge says; whatever it is, it is one short text that ends in a full stop."""
    outcome = challenge.check(lambda: answer)
    assert re.fullmatch(r"\S[^\n]{8,330}[.?]", outcome.sentence), outcome.sentence
    assert outcome.reached == (outcome.mistake == "")
    return outcome


def given(challenge: Challenge, *sources: str) -> object:
    """The answer that some cells make, in the order of a notebook."""
    names = {"torch": torch, "schedule": schedule, "universes": universes}
    for source in sources:
        exec(source, names)
    if challenge.name == "repair":
        return names["my_words"], names["my_hole"]
    return names[challenge.answer]


# --- answers, by challenge: three right ones (the solution is one), and mistakes by their kind ----


def pair_of(draw_noise, mix=None, answer=None):
    def function(clean, t, curve):
        eps = draw_noise(clean)
        signal, level = curve.signal[t], curve.noise_level[t]
        x_t = signal * clean + level * eps if mix is None else mix(clean, eps, signal, level)
        return x_t, eps if answer is None else answer(clean, eps, level)

    return function


def same_noise(clean):
    return randn(clean.shape, generator=torch.Generator().manual_seed(3))


def blurred(x_t, width):
    return torch.tensor(uniform_filter(x_t, (width, width, 1)))


def ddim(noisy, noise, t, s, curve):
    clean = schedules.clean_from_noise(noisy, noise, t, curve)
    return schedules.add_noise(clean, noise, s, curve)


def sampler(predict, x, timesteps, curve):
    here = x
    for k in range(len(timesteps) - 1):
        here = ddim(here, predict(here, timesteps[k]), timesteps[k], timesteps[k + 1], curve)
    return here


def sampler_by_ratios(predict, x, timesteps, curve):
    for t, s in pairwise(timesteps):
        x = curve.follow(x, predict(x, t), t, s)
    return x


def returns_inside(predict, x, timesteps, curve):
    for t, s in pairwise(timesteps):
        return ddim(x, predict(x, t), t, s, curve)


def heun(predict, points, t, s, curve):
    first = predict(points, t)
    if s == 0:
        return curve.follow(points, first, t, s)
    return curve.follow(points, 0.5 * first + 0.5 * predict(curve.follow(points, first, t, s), s), t, s)


def heun_of_ends(predict, points, t, s, curve):
    """The same by the ends of two steps: going by a slope is linear in it."""
    first = curve.follow(points, predict(points, t), t, s)
    if not s:
        return first
    return (first + curve.follow(points, predict(first, s), t, s)) / 2


def softmax_by_hand(q, k, v):
    weights = (torch.einsum("hpd,htd->hpt", q, k) / np.sqrt(q.shape[-1])).exp()
    return weights / weights.sum(-1, keepdim=True) @ v


def hole_without(*places):
    hole = torch.ones(16, 16, dtype=torch.bool)
    hole[places] = False
    return hole


SNOW = "an orange cat with a hat in the snow"

RIGHT: dict[str, list] = {
    "crossing": [259, float(LINEAR.crossing)],
    "add_noise": [
        lambda x, e, t, s: s.levels(t)[0] * x + s.levels(t)[1] * e,
        lambda x, e, t, s: np.sqrt(1 - s.noise_level[t] ** 2) * x + (1 - s.signal[t] ** 2) ** 0.5 * e,
    ],
    "pair": [
        pair_of(torch.randn_like),
        pair_of(lambda x: torch.tensor(np.random.default_rng().normal(size=x.shape))),
    ],
    "recover": [
        lambda x, e, t, s: x / s.signal[t] - s.noise_level[t] / s.signal[t] * e,
        schedules.clean_from_noise,
    ],
    "denoiser": [
        lambda x, t, s: (x - blurred(x, 25)) / s.noise_level[t],
        lambda x, t, s: (x - gaussian_filter(x, (t / 100, t / 100, 0))) / s.noise_level[t],
    ],
    "step": [ddim, lambda x, e, t, s, c: c.follow(x, e, t, s)],
    "loss": [torch.nn.MSELoss(), lambda g, e: np.mean((g.numpy() - e.numpy()) ** 2)],
    "loop": [sampler, sampler_by_ratios],
    "spot": ["cba", "C, B, A"],
    "attention": [torch.nn.functional.scaled_dot_product_attention, softmax_by_hand],
    "meet": ["a blue kitten in the snow", "snow, cat, blue"],
    "without": [
        {"prompt": "cat snow", "negative": "orange", "guidance": 3.0},
        {"prompt": "a kitten in winter", "negative": "an orange one"},
    ],
    "widest": ["look", "a picture of something"],
    "repair": [
        (SNOW, hole_without(slice(2, 16), slice(4, 13)).numpy()),
        ("cat hat snow", hole_without(slice(3, 15), slice(4, 12)).int().tolist()),
    ],
    "way": [{"sampler": "dpm++ 2m", "steps": 5, "bias": -1}, {"sampler": "ddim", "steps": 9, "bias": -0.5}],
    "timesteps": [[1000, 400, 150, 50, 0], (1000, 500, 200, 50, 0)],
    "heun_step": [heun, heun_of_ends],
    "evaluations": [
        lambda sampler, n, w: (n + (n - 1) * (sampler == "heun")) * (1 + (w != 0 and w != 1)),
        lambda sampler, n, w: np.float64(
            {"heun": 2 * n - 1}.get(sampler, n) * (2 if w not in {0.0, 1.0} else 1)
        ),
    ],
    "guide": [library_guide, torch.lerp],
    "convert": [lambda w: -1 + w, lambda w: np.subtract(w, 1)],
    "dial": [{"guidance": 1.5}, {"guidance": 2.0, "interval": (0.0, 1.0)}],
    "sweet_spot": [lambda c: c.sweet_spot, lambda c: c.ws[np.argmax([one.mean for one in c.adherence])]],
}

WRONG: dict[str, list] = {
    "crossing": [
        ("other schedule", 355),
        ("one half", 368),
        ("share", 0.259),
        ("level", 0.7071),
        ("unknown", 100),
        ("outside", -5),
        ("no number", "259"),
    ],
    "add_noise": [
        ("no return", lambda x, e, t, s: None),
        ("swapped", lambda x, e, t, s: s.noise_level[t] * x + s.signal[t] * e),
        ("squared", lambda x, e, t, s: s.signal[t] ** 2 * x + s.noise_level[t] ** 2 * e),
        ("off by one", lambda x, e, t, s: s.signal[t - 1] * x + s.noise_level[t - 1] * e),
        ("straight path", lambda x, e, t, s: (1 - t / 1000) * x + t / 1000 * e),
        ("wrong schedule", lambda x, e, t, s: SD.signal[t] * x + SD.noise_level[t] * e),
        ("own noise", lambda x, e, t, s: s.signal[t] * x + s.noise_level[t] * randn(x.shape)),
        ("own noise", lambda x, e, t, s: s.signal[t] * x + s.noise_level[t] * same_noise(x)),
        ("factor", lambda x, e, t, s: 2 * (s.signal[t] * x + s.noise_level[t] * e)),
        ("unknown", lambda x, e, t, s: 0.3 * x + 0.1),
        ("arguments", lambda x, e, t: x),
        ("unknown name", lambda x, e, t, s: signal[t] * x),  # noqa: F821
        ("fails", lambda x, e, t, s: x[100, 100]),
        ("shape", lambda x, e, t, s: x.mean()),
        ("no numbers", lambda x, e, t, s: "x_t"),
    ],
    "pair": [
        ("seed reused", pair_of(same_noise)),
        ("order", lambda *all_: pair_of(torch.randn_like)(*all_)[::-1]),
        ("swapped", pair_of(torch.randn_like, lambda x, e, a, b: b * x + a * e)),
        ("uniform", pair_of(torch.rand_like)),
        ("gray noise", pair_of(lambda x: randn((*x.shape[:2], 1)).expand(x.shape))),
        ("wrong answer", pair_of(torch.randn_like, answer=lambda x, e, b: x)),
        ("weighted", pair_of(torch.randn_like, answer=lambda x, e, b: b * e)),
        ("no pair", lambda *all_: pair_of(torch.randn_like)(*all_)[0]),
        ("no return", lambda *_: None),
    ],
    "recover": [
        ("no return", lambda x, e, t, s: None),
        ("not divided", lambda x, e, t, s: x - s.noise_level[t] * e),
        ("brackets", lambda x, e, t, s: x - s.noise_level[t] * e / s.signal[t]),
        ("unweighted", lambda x, e, t, s: x - e),
        ("swapped", lambda x, e, t, s: (x - s.signal[t] * e) / s.noise_level[t]),
        ("off by one", lambda x, e, t, s: (x - s.noise_level[t + 1] * e) / s.signal[t + 1]),
        ("sign", lambda x, e, t, s: (s.noise_level[t] * e - x) / s.signal[t]),
    ],
    "denoiser": [
        ("the same", lambda x, t, s: s.noise_level[t] * x),
        ("the question", lambda x, t, s: x),
        ("the picture", lambda x, t, s: blurred(x, 9)),
        ("not scaled", lambda x, t, s: x - blurred(x, 9)),
        ("nothing", lambda x, t, s: 0 * x),
        ("by chance", lambda x, t, s: randn(x.shape)),
        ("sign", lambda x, t, s: (blurred(x, 9) - x) / s.noise_level[t]),
        ("unknown", lambda x, t, s: (x - blurred(x, 3)) / s.noise_level[t]),
    ],
    "step": [
        ("no return", lambda *_: None),
        ("only the clean guess", lambda x, e, t, s, c: (x - c.noise_level[t] * e) / c.signal[t]),
        ("no step", lambda x, e, t, s, c: ddim(x, e, t, t, c)),
        (
            "not divided",
            lambda x, e, t, s, c: c.signal[s] * (x - c.noise_level[t] * e) + c.noise_level[s] * e,
        ),
        ("off by one", lambda x, e, t, s, c: ddim(x, e, t + 1, s + 1, c)),
        ("no clean guess", lambda x, e, t, s, c: x - (c.noise_level[t] - c.noise_level[s]) * e),
        ("random", lambda x, e, t, s, c: ddim(x, e, t, s, c) + 0.1 * randn(x.shape)),
    ],
    "loss": [
        ("no return", lambda g, e: None),
        ("absolute", lambda g, e: abs(g - e).mean()),
        ("sum", lambda g, e: ((g - e) ** 2).sum()),
        ("no mean", lambda g, e: (g - e) ** 2),
        ("not squared", lambda g, e: (g - e).mean()),
        ("root", lambda g, e: ((g - e) ** 2).mean() ** 0.5),
        ("unknown", lambda g, e: torch.tensor(3.0)),
    ],
    "loop": [
        ("no return", lambda *_: None),
        ("not walked", lambda predict, x, ts, c: x),
        ("returned early", returns_inside),
        ("one step short", lambda predict, x, ts, c: sampler(predict, x, ts[:-1], c)),
        ("asks the static", lambda predict, x, ts, c: sampler(lambda _, t: predict(x, t), x, ts, c)),
        ("one jump", lambda predict, x, ts, c: sampler(predict, x, [1000, 0], c)),
        ("unknown", lambda predict, x, ts, c: 0.5 * sampler(predict, x, ts, c) + 0.1),
    ],
    "spot": [
        ("learned", "ABC"),
        ("exact", "CBC"),
        ("always the same", "BBB"),
        ("number", "CB"),
        ("strange letter", "XYZ"),
        ("no letters", 2),
    ],
    "attention": [
        ("no return", lambda *_: None),
        ("no root", lambda q, k, v: (q @ k.mT).softmax(-1) @ v),
        ("wrong axis", lambda q, k, v: (q @ k.mT / q.shape[-1] ** 0.5).softmax(-2) @ v),
        ("no softmax", lambda q, k, v: q @ k.mT / q.shape[-1] ** 0.5 @ v),
        ("only shares", lambda q, k, v: (q @ k.mT / q.shape[-1] ** 0.5).softmax(-1)),
        ("fails", lambda q, k, v: (q @ k / q.shape[-1] ** 0.5).softmax(-1) @ v),
    ],
    "meet": [
        ("no colour", "a cat"),
        ("no setting", "a blue cat"),
        ("no subject", "something blue in snow"),
        ("another wish", "a red cat in snow"),
        ("no words", "!?"),
        ("no text", 3),
    ],
    "without": [
        ("blue", {"prompt": "a blue cat in snow"}),
        ("blue", {"prompt": "a cat in snow", "negative": "not Blue"}),
        ("no push", {"prompt": "a cat in snow"}),
        ("wrong push", {"prompt": "a cat in snow", "negative": "red"}),
        ("no setting", {"prompt": "a cat", "negative": "orange"}),
        ("another wish", {"prompt": "a purple cat in snow", "negative": "orange"}),
        ("strange key", {"prompt": "a cat in snow", "colour": "blau"}),
        ("no prompt", {"negative": "orange"}),
        ("no dict", "a cat in snow"),
    ],
    "widest": [
        ("too much said", "a red cat"),
        ("one named", "a dog"),
        ("one named", "something red"),
        ("too much said", "a small blue cat with a hat in the snow"),
        ("no words", ""),
        ("no text", ["something"]),
    ],
    "repair": [
        ("inside out", (SNOW, ~hole_without(slice(3, 15), slice(4, 12)))),
        ("cat repainted", (SNOW, hole_without(slice(10, 16), slice(4, 12)))),
        ("no setting", ("a cat", hole_without(slice(3, 15), slice(4, 12)))),
        ("too little", (SNOW, ~hole_without(slice(0, 2)))),
        ("empty hole", (SNOW, torch.zeros(16, 16))),
        ("all hole", (SNOW, torch.ones(16, 16))),
        ("no hole", (SNOW, torch.zeros(8, 8))),
        ("no pair", SNOW),
    ],
    "way": [
        ("too far", {"sampler": "ddim", "steps": 6, "bias": 0}),
        ("noisy end", {"sampler": "ddim", "steps": 10, "bias": 0.5}),
        ("wrong end", {"sampler": "ddim", "steps": 60, "bias": 0.7}),
        ("missing", {"sampler": "ddim"}),
        ("strange key", {"sampler": "ddim", "steps": 6, "w": 2}),
        ("no number", {"sampler": "ddim", "steps": 6, "bias": "left"}),
        ("refused", {"sampler": "magic", "steps": 6}),
        ("refused", {"sampler": "ddim", "steps": 6.5}),
    ],
    "timesteps": [
        ("even", [1000, 750, 500, 250, 0]),
        ("noisy end", [1000, 800, 600, 400, 0]),
        ("late start", [700, 300, 100, 30, 0]),
        ("not falling", [1000, 100, 300, 30, 0]),
        ("number", [1000, 300, 100, 0]),
        ("no end", [1000, 300, 100, 30, 10]),
        ("too far", [1000, 500, 400, 300, 0]),
        ("no whole number", [1000, 300.5, 100, 30, 0]),
    ],
    "heun_step": [
        ("no return", lambda *_: None),
        ("euler", lambda predict, x, t, s, c: c.follow(x, predict(x, t), t, s)),
        (
            "second only",
            lambda p, x, t, s, c: c.follow(x, p(c.follow(x, p(x, t), t, s), s) if s else p(x, t), t, s),
        ),
        (
            "no mean",
            lambda p, x, t, s, c: (
                2 * heun(p, x, t, s, c) - x * c.signal[s] / c.signal[t] if s else heun(p, x, t, s, c)
            ),
        ),
        ("unknown", lambda p, x, t, s, c: heun(p, x, t, s, c) ** 2),
        ("fails", lambda p, x, t, s, c: c.follow(x, t, s)),
    ],
    "evaluations": [
        ("no return", lambda *_: None),
        ("steps", lambda sampler, n, w: n),
        ("no guidance", lambda sampler, n, w: 2 * n - 1 if sampler == "heun" else n),
        ("always doubled", lambda sampler, n, w: 2 * (2 * n - 1 if sampler == "heun" else n)),
        ("no heun", lambda sampler, n, w: n * (1 if w in (0, 1) else 2)),
        ("heun's last step", lambda sampler, n, w: n * (1 if w in (0, 1) else 2) * (1 + (sampler == "heun"))),
        ("unknown", lambda sampler, n, w: 7),
    ],
    "guide": [
        ("no return", lambda *_: None),
        ("swapped", lambda u, c, w: c + w * (u - c)),
        ("from the conditional", lambda u, c, w: c + w * (c - u)),
        ("no start", lambda u, c, w: w * (c - u)),
        ("no difference", lambda u, c, w: u + w * c),
        ("mean", lambda u, c, w: (u + c) / 2),
        ("not finite", lambda u, c, w: u * float("nan")),
    ],
    "convert": [
        ("no return", lambda w: None),
        ("wrong way", lambda w: w + 1),
        ("the same", lambda w: w),
        ("mirrored", lambda w: 1 - w),
        ("sign", lambda w: -w),
        ("unknown", lambda w: 3),
    ],
    "dial": [
        ("deaf", {"guidance": 0.0}),
        ("clipped", {"guidance": 6.0}),
        ("repaired only", {"guidance": 4.0, "rescale": 0.5}),
        ("no guidance", {"rescale": 0.5}),
        ("strange key", {"w": 4}),
        ("refused", {"guidance": "four"}),
    ],
    "sweet_spot": [
        ("no return", lambda c: None),
        ("the share", lambda c: max(one.mean for one in c.adherence)),
        ("the place", lambda c: int(np.argmax([one.mean for one in c.adherence]))),
        ("the lowest", lambda c: c.ws[np.argmin([one.mean for one in c.adherence])]),
        ("the last", lambda c: max(c.ws)),
        ("the heart's", lambda c: 1.5),
        ("unknown", lambda c: 2.5 * c.ws[1] + 1),
        ("fails", lambda c: c.ws[c.adherence]),
    ],
}

NONSENSE = [object(), None, pytest.param(10**400, id="huge"), "ham", b"ham", {}, lambda: 1, CHALLENGES]
PAINTED = ("meet", "without", "widest", "repair")


@pytest.fixture(autouse=True)
def instruments(request, monkeypatch):
    """A painter that draws what it is asked, and a curve that was measured before, but for `real` tests."""
    if "real" in request.node.name:
        return
    monkeypatch.setattr(page_painting, "sheet", list)
    monkeypatch.setattr(page_painting, "developed", lambda wanted: np.stack([_page(one) for one in wanted]))
    monkeypatch.setattr(repaint, "repainted", _repainted)
    curve = universes.GuidanceCurve(
        (0.0, 0.5, 1.0, 1.5, 2.0, 12.0),
        tuple(Estimate(share, 0.01, 5) for share in (0.2, 0.5, 0.93, 0.94, 0.8, 0.3)),
        (),
        (),
    )
    monkeypatch.setattr(universes, "measure_guidance", lambda _shape: curve)
    monkeypatch.setattr(guiding, "FIRST", 8)
    for known in (guiding._measured, guiding._usual_clipping, steering._of_a_cat):
        known.cache_clear()


@cache
def _page(wanted):
    """A page as the picture book draws it: loud if guided strongly, anything if not, blue if not orange."""
    chance = np.random.default_rng(wanted.seed)
    scene = sample_scene(chance)
    said = asked(wanted.prompt) if wanted.guidance > 0.5 else {}
    if "orange" in wanted.negative:
        said = {"colour": "blue"} | said
    page = draw(
        Scene(**{**{"subject": scene.subject, "colour": scene.colour, "setting": scene.setting}, **said})
    )
    loud = 1 + 0.1 * max(0.0, wanted.guidance - 1)
    return np.clip((page.astype(float) - 128) * loud + 128, 0, 255).astype(np.uint8)


def _repainted(wanted, hole, _strength):
    """The hole filled with another cat, in a place as the words say."""
    said = {"subject": "cat", "colour": "orange", "setting": "meadow", "detail": "hat"} | asked(wanted.prompt)
    new = draw(Scene(**said, backdrop=9, flip=True, spread=(0.1, 0.9, 0.2)))
    pixels = np.where(np.kron(hole, np.ones((8, 8), bool))[..., None], new, repaint.page())
    return SimpleNamespace(pixels=pixels), False


def cases(table):
    return [pytest.param(name, k, id=f"{name}-{k}") for name in CHALLENGES for k in range(len(table[name]))]


@pytest.mark.parametrize("name", CHALLENGES)
def test_the_solution_reaches_the_goal(name):
    challenge = CHALLENGES[name]
    outcome = judged(challenge, given(challenge, challenge.stub, challenge.solution))
    assert outcome.reached, outcome.sentence
    assert (outcome.score is not None) == (challenge.par is not None)


@pytest.mark.long
@pytest.mark.parametrize(("name", "which"), cases(RIGHT))
def test_other_right_answers_reach_it_too(name, which):
    outcome = judged(CHALLENGES[name], RIGHT[name][which])
    assert outcome.reached, outcome.sentence


@pytest.mark.long
@pytest.mark.parametrize(("name", "which"), cases(WRONG))
def test_a_common_mistake_is_named(name, which):
    kind, answer = WRONG[name][which]
    outcome = judged(CHALLENGES[name], answer)
    assert outcome.mistake == kind, outcome.sentence
    assert outcome.attempted and not outcome.reached
    if kind == "unknown":  # where, and how far
        assert outcome.picture and outcome.picture.image[:3] in (b"\x89PN", b"\xff\xd8\xff")
        assert re.search(r"\d", outcome.sentence)


@pytest.mark.parametrize("name", CHALLENGES)
def test_an_untouched_stub_is_no_attempt(name):
    challenge = CHALLENGES[name]
    outcome = judged(challenge, given(challenge, challenge.stub))
    assert outcome.mistake == "stub" and not outcome.attempted
    assert "three dots" in outcome.sentence or name == "spot"


@pytest.mark.parametrize("name", CHALLENGES)
@pytest.mark.parametrize(
    "nonsense", [object(), None, pytest.param(10**400, id="huge"), "ham", b"ham", {}, lambda: 1, CHALLENGES]
)
def test_nonsense_is_one_sentence(name, nonsense):
    if (name, nonsense) == ("widest", "ham"):
        pytest.skip("a word that the painter never learned leaves all to the noise")
    assert not judged(CHALLENGES[name], nonsense).reached


@pytest.mark.parametrize("name", CHALLENGES)
def test_a_cell_that_was_not_run_is_named(name):
    challenge = CHALLENGES[name]
    outcome = challenge.check(lambda: my_answer)  # noqa: F821
    assert (outcome.mistake, outcome.attempted) == ("not defined", False)
    assert outcome.sentence.startswith("There is no my_answer yet: run the cell above, which begins with “")


@pytest.mark.parametrize("name", CHALLENGES)
def test_every_challenge_has_five_mistakes_and_three_right_answers(name):
    assert len(WRONG[name]) >= 5 and len(RIGHT[name]) == 2  # and the solution


@pytest.mark.parametrize("name", CHALLENGES)
def test_words_fit_a_notebook(name):
    challenge = CHALLENGES[name]
    assert len(challenge.hints) == 3 and challenge.answer.startswith("my_")
    for code in (challenge.stub, challenge.solution):
        assert max(map(len, code.splitlines())) <= 79 and len(code.splitlines()) <= 8
    assert len(challenge.task.split()) <= 60
    assert "..." in challenge.stub or name == "spot"


def test_three_to_five_a_notebook():
    from course_utils.challenges.catalogue import BY_NOTEBOOK

    assert [len(found) for found in BY_NOTEBOOK.values()] == [5, 4, 5, 4, 4]


def test_a_learners_own_arrays_stay_as_they_are():
    """What writes into its arguments writes into copies, so that the judge still knows the truth."""

    def in_place(clean, noise, t, curve):
        clean *= curve.signal[t]
        noise *= curve.noise_level[t]
        clean += noise
        return clean

    assert judged(CHALLENGES["add_noise"], in_place).reached


def test_the_learners_own_line_is_shown_where_it_fails(tmp_path):
    import linecache

    source = "def my_loss(guess, noise):\n    return guess / 0 + undefined.attribute\n"
    linecache.cache["<cell>"] = (len(source), None, source.splitlines(True), "<cell>")
    names = {"undefined": None}
    exec(compile(source, "<cell>", "exec"), names)
    outcome = judged(CHALLENGES["loss"], names["my_loss"])
    assert "in the line “return guess / 0 + undefined.attribute”: AttributeError" in outcome.sentence


def test_a_wrong_factor_explains_every_number_not_the_largest_alone():
    cases = {"one": (1.5,), "two": (0.2,), "three": (0.1,)}
    for mine, kind in ((lambda x: 2.25, "unknown"), (lambda x: 1.5 * x, "factor"), (lambda x: -x, "sign")):
        with pytest.raises(Mistake) as raised:
            compare(mine, lambda x: x, cases, "my_number", "x")
        assert raised.value.kind == kind


def test_fewer_words_are_a_better_score():
    short, long = (
        judged(CHALLENGES["meet"], text).score for text in ("blue cat snow", "a blue cat in the snow")
    )
    assert (short, long) == (3, 6) and CHALLENGES["meet"].best(long, short) == 3


@pytest.mark.long
def test_the_line_up_is_dealt_anew_in_every_case():
    replays = [
        letter for case in lineup.CASES for letter, kind in lineup.dealt(case).items() if kind == "replay"
    ]
    assert sorted(replays) == ["A", "B", "C"]
    assert lineup.dealt(1) == lineup.dealt(1)
    far = [float(lineup.painted(kind, 8).abs().mean()) for kind in ("learned", "exact", "replay")]
    assert far[2] > 5 * max(far[:2])  # on another static it gives itself away
    near = [
        float(lineup.painted(kind, lineup.REMEMBERED).abs().mean()) for kind in ("learned", "exact", "replay")
    ]
    assert max(near) < 1.2 * min(near)  # on its own it does not


@pytest.mark.graphs
@pytest.mark.parametrize("name", [*PAINTED, pytest.param("dial", marks=pytest.mark.slow)])
def test_the_real_painter_reaches_it_too(name):
    challenge = CHALLENGES[name]
    outcome = judged(challenge, given(challenge, challenge.stub, challenge.solution))
    assert outcome.reached, outcome.sentence
