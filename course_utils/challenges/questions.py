"""One question a notebook, asked before it and after it, so that a learner sees what has changed."""

from __future__ import annotations

from dataclasses import dataclass

from course_utils.languages import N_


@dataclass(frozen=True)
class Question:
    """A question with one right choice, and why it is right, in one sentence."""

    text: str
    choices: tuple[str, ...]
    right: str
    why: str


QUESTIONS: dict[str, Question] = {
    "01_forward_process": Question(
        N_("A network is shown a picture with noise in it. What is it trained to name?"),
        (N_("the picture one step clearer"), N_("all the noise in it"), N_("what the picture shows")),
        "all the noise in it",
        N_("We mixed the noise in ourselves, so we know it exactly, at any depth and in one jump."),
    ),
    "02_reverse_process": Question(
        "Why does a painter take many steps back, and not just one?",
        (
            "each step adds the next detail",
            "a first guess is an average of all that may come",
            "the noise is too much for one pass",
        ),
        "a first guess is an average of all that may come",
        "From pure static everything is still possible; small steps let the possibilities shrink before "
        "the painter commits.",
    ),
    "03_prompt_steering": Question(
        "One seed, two prompts: what do the two paintings have in common?",
        ("the noise they begin with", "the nearest training picture", "nothing, the words decide"),
        "the noise they begin with",
        "The seed gives the static; the prompt steers every step from there, and the static decides what the "
        "prompt leaves open.",
    ),
    "04_steps_vs_quality": Question(
        "Two samplers are to be compared fairly. What should they have in common?",
        ("the number of steps", "the number of network evaluations", "the seconds they take"),
        "the number of network evaluations",
        "Evaluations are what you pay for; one step of Heun costs two of them, and seconds depend on the "
        "machine.",
    ),
    "05_guidance": Question(
        "As this course counts it, what does guidance w = 1 do?",
        (
            "it ignores the prompt",
            "it takes the prompt as learned",
            "it follows the prompt as closely as can be",
        ),
        "it takes the prompt as learned",
        "w = 0 leaves the prompt out, 1 takes it as it was learned, and beyond 1 the difference is "
        "exaggerated.",
    ),
}
