/** A choice as it is, a number with its unit. */
function words(value, unit) {
  if (typeof value !== "number") return String(value ?? "");
  return `${Number(value.toPrecision(4))} ${unit}`.trim();
}

/** Whether the guess is the answer, or for numbers near enough. */
function matches(model) {
  const [guess, answer] = [model.get("guess"), model.get("answer")];
  if (typeof answer !== "number") return guess === answer;
  const tolerance = model.get("tolerance") ?? (model.get("high") - model.get("low")) / 10;
  return Math.abs(guess - answer) <= tolerance + 1e-9;
}

function makeTile(heading) {
  const value = make("div", "cu-figure-large");
  const tile = make("div", "cu-answer", {}, make("div", "cu-label", {}, heading), value);
  return { tile, value };
}

function render({ model, el }) {
  const question = make("div", "cu-title");
  const buttons = make("div", "cu-choices");
  const slider = make("input", "", { type: "range", "aria-label": "your guess" });
  const reading = make("span", "cu-figure-large");
  const settle = make("button", "cu-settle", { type: "button" }, "that is my guess");
  const numeric = make("div", "cu-numeric", {}, slider, reading, settle);
  const note = make("div", "cu-note");
  const [mine, computed] = [makeTile("your guess"), makeTile("this run says")];
  const verdict = make("span", "cu-verdict");
  const sentence = make("div", "cu-sentence");
  const tiles = make("div", "cu-answers", {}, mine.tile, computed.tile, verdict);
  const outcome = make("div", "", { "aria-live": "polite" }, note, tiles, sentence);
  const root = mount(el, "cu-guess", question, buttons, numeric, outcome);

  const commit = (value) => {
    model.set("guess", value);
    model.set("committed", true);
    model.save_changes();
  };
  const readSlider = () => write(reading, words(Number(slider.value), model.get("unit")));
  slider.addEventListener("input", readSlider);
  settle.addEventListener("click", () => commit(Number(slider.value)));

  const offer = remember((choices) => {
    buttons.replaceChildren(
      ...choices.map((choice) => {
        const button = make("button", "", { type: "button" }, choice);
        button.addEventListener("click", () => commit(choice));
        return button;
      }),
    );
  });
  const setSlider = remember((low, high, step) => {
    Object.assign(slider, { min: low, max: high, step });
    slider.value = model.get("guess") ?? low + (high - low) / 2;
  });
  const showOutcome = () => {
    const [committed, unit, answer] = [model.get("committed"), model.get("unit"), model.get("answer")];
    const answered = answer !== null && answer !== undefined;
    const guess = words(model.get("guess"), unit);
    if (answered) write(note, committed ? "" : "no guess was made");
    else write(note, committed ? `your guess: ${guess} - now try it below` : "");
    tiles.hidden = !answered;
    mine.tile.hidden = !committed;
    mine.value.textContent = guess;
    computed.value.textContent = words(answer, unit);
    const match = answered && committed && matches(model);
    verdict.dataset.match = match;
    write(verdict, !answered || !committed ? "" : match ? "matched" : "not quite");
    write(sentence, answered ? model.get("answer_text") : "");
    root.dataset.state = answered ? "answered" : committed ? "committed" : "open";
  };
  const draw = () => {
    const choices = model.get("choices");
    const open = !model.get("committed") && (model.get("answer") ?? null) === null;
    write(question, model.get("question"));
    root.setAttribute("role", "group");
    root.setAttribute("aria-label", model.get("alt") || model.get("question"));
    offer(choices);
    for (const button of buttons.children) {
      button.disabled = !open;
      button.setAttribute("aria-pressed", button.textContent === model.get("guess"));
    }
    buttons.hidden = !choices.length;
    setSlider(model.get("low"), model.get("high"), model.get("step"));
    numeric.hidden = choices.length > 0 || !open;
    readSlider();
    showOutcome();
  };
  const traits = ["question", "choices", "low", "high", "step", "unit", "tolerance", "guess", "committed"];
  return live(model, root, [...traits, "answer", "answer_text", "alt"], draw);
}

export default { render };
