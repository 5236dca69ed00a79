"""The network, its recipe and its weights: learns, repeats, survives a stop, says when it is damaged."""

import json
from itertools import islice

import pytest
import torch

from course_utils import particles, sampling
from course_utils.particles import network
from course_utils.runtime import CourseError, generator, write_checksums
from course_utils.training import particles as recipe

PROMPTS = ("ring", "star")


@pytest.mark.long
def test_a_short_training_lowers_the_loss():
    losses = [progress.loss for progress in recipe.train(PROMPTS, steps=60)]
    assert sum(losses[-10:]) < 0.7 * sum(losses[:10])


def test_training_repeats_from_its_seed():
    def losses(seed):
        return [progress.loss for progress in recipe.train(PROMPTS, steps=4, seed=seed)]

    assert losses(1) == losses(1) != losses(2)


@pytest.mark.parametrize("steps", [1, 9, 10, 11, 19, 20, 21])
def test_a_training_may_be_as_short_as_one_likes(steps, monkeypatch):
    monkeypatch.setattr(recipe, "POOL", 50)
    assert [progress.step for progress in recipe.train(PROMPTS, steps=steps)] == list(range(1, steps + 1))


@pytest.mark.parametrize("steps", [0, -3, 2.5, True, "many"])
def test_an_impossible_number_of_steps_is_one_sentence(steps):
    with pytest.raises(CourseError, match="whole number of steps"):
        next(recipe.train(PROMPTS, steps=steps))


def test_what_cannot_be_learned_is_one_sentence():
    with pytest.raises(CourseError, match="at least one shape"):
        next(recipe.train(()))
    with pytest.raises(CourseError, match="no shape 'rabbit'"):
        next(recipe.train(("rabbit",)))


def test_training_shows_every_level_and_leaves_some_prompts_out(monkeypatch):
    shown, forward = [], particles.PointNetwork.forward

    def listen(self, points, t, prompt):
        shown.append((t, prompt))
        return forward(self, points, t, prompt)

    monkeypatch.setattr(particles.PointNetwork, "forward", listen)
    list(recipe.train(PROMPTS, steps=10))
    t, prompt = (torch.cat(column) for column in zip(*shown, strict=True))
    assert (t.min(), t.max()) == (1, 1000)
    shares = torch.bincount(prompt) / len(prompt)
    left = (1 - recipe.DROPPED) / len(PROMPTS)
    assert shares.tolist() == pytest.approx([recipe.DROPPED, left, left], abs=0.02)


def test_training_leaves_the_global_dice_alone():
    torch.manual_seed(4)
    expected = torch.rand(1)
    torch.manual_seed(4)
    list(recipe.train(PROMPTS, steps=2))
    assert torch.equal(torch.rand(1), expected)


def test_a_stopped_training_leaves_a_network_that_works():
    *_, progress = islice(recipe.train(PROMPTS, steps=1000), 5)
    learned = particles.LearnedDenoiser(progress.network)
    assert progress.step == 5
    assert learned.predict(torch.zeros(3, 2), 700, "star").isfinite().all()
    with pytest.raises(CourseError, match="never shown 'heart'"):
        learned.predict(torch.zeros(3, 2), 700, "heart")


@pytest.fixture
def saved(tmp_path):
    torch.manual_seed(0)
    network.save(particles.PointNetwork(PROMPTS, width=16, depth=2), tmp_path / "tiny")
    return tmp_path / "tiny"


def test_saved_and_loaded_it_answers_the_same(saved):
    torch.manual_seed(0)
    fresh = particles.LearnedDenoiser(particles.PointNetwork(PROMPTS, width=16, depth=2))
    points = sampling.draw_noise((9, 2), generator(0))
    assert torch.equal(particles.load(saved).predict(points, 321, "ring"), fresh.predict(points, 321, "ring"))


def flip_a_byte(folder):
    weights = folder / network.WEIGHTS
    data = bytearray(weights.read_bytes())
    data[-1] ^= 1
    weights.write_bytes(data)


def cut_in_half(folder):
    weights = folder / network.WEIGHTS
    weights.write_bytes(weights.read_bytes()[:100])
    write_checksums(folder)  # even where the list agrees


def swap(folder):
    config = json.loads((folder / network.CONFIG).read_text())
    (folder / network.CONFIG).write_text(json.dumps(config | {"width": 32}))


def replace_by_another_network(folder):
    torch.manual_seed(1)
    other = folder.parent / "other"
    network.save(particles.PointNetwork(PROMPTS, width=16, depth=2), other)
    (other / network.WEIGHTS).replace(folder / network.WEIGHTS)


@pytest.mark.parametrize(
    "damage",
    [
        flip_a_byte,
        replace_by_another_network,
        cut_in_half,
        swap,
        lambda folder: (folder / network.WEIGHTS).unlink(),
        lambda folder: (folder / network.CONFIG).unlink(),
        lambda folder: (folder / network.CONFIG).write_text("{"),
        lambda folder: (folder / "checksums.json").unlink(),
        lambda folder: (folder / "checksums.json").write_text("not json"),
        lambda folder: (folder / "checksums.json").write_text("[]"),
        lambda folder: (folder / "checksums.json").write_text("{}"),
    ],
)
def test_damaged_weights_are_said_in_one_sentence(saved, damage):
    damage(saved)
    with pytest.raises(CourseError) as caught:
        particles.load(saved)
    assert "tiny" in str(caught.value) and "git" in str(caught.value) and "\n" not in str(caught.value)


def test_the_command_writes_a_checkpoint(tmp_path, capsys):
    recipe.main(["--steps", "3", "--out", str(tmp_path / "out")])
    assert particles.load(tmp_path / "out").badge == "learned"
    assert "3 steps" in capsys.readouterr().out
