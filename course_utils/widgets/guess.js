function render({ model, el }) {
  const question = make("div", "cu-title");
  const buttons = make("div", "cu-choices");
  const slider = make("input", "", { type: "range", "aria-label": tr("your guess") });
  const reading = make("span", "cu-figure-large");
  const settle = make("button", "cu-settle", { type: "button" }, tr("that is my guess"));
  const numeric = make("div", "cu-numeric", {}, slider, reading, settle);
  const showMe = makeQuiet(tr("show me"), () => open(null));
  const note = make("span");
  const onward = makeWay(tr("go to the answer"), ".cu-reveal", model);
  const foot = make("div", "cu-note", {}, showMe, make("span", "", { "aria-live": "polite" }, note), onward);
  const root = mount(el, "cu-guess", question, buttons, numeric, foot);

  const open = (guess) => {
    model.set("guess", guess);
    model.set("opened", true);
    model.save_changes();
    root.focus({ preventScroll: true }); // the button that had it goes
  };
  const readSlider = () => write(reading, words(Number(slider.value), model.get("unit")));
  slider.addEventListener("input", readSlider);
  settle.addEventListener("click", () => open(Number(slider.value)));

  const offer = remember((choices) => {
    buttons.replaceChildren(
      ...choices.map((choice) => {
        const button = make("button", "", { type: "button" }, choice);
        button.addEventListener("click", () => open(choice));
        return button;
      }),
    );
  });
  const setSlider = remember((low, high, step) => {
    Object.assign(slider, { min: low, max: high, step });
    slider.value = model.get("guess") ?? low + (high - low) / 2;
  });
  const draw = () => {
    const [choices, opened, guess] = [model.get("choices"), model.get("opened"), model.get("guess") ?? null];
    write(question, model.get("question"));
    nameCard(root, model);
    offer(choices);
    for (const button of buttons.children) {
      button.disabled = opened;
      button.setAttribute("aria-pressed", button.textContent === guess);
    }
    buttons.hidden = !choices.length;
    setSlider(model.get("low"), model.get("high"), model.get("step"));
    numeric.hidden = choices.length > 0 || opened;
    readSlider();
    showMe.hidden = opened;
    const mine = guess === null ? tr("no guess was made") : tr("your guess: {guess}", { guess: words(guess, model.get("unit")) });
    write(note, opened ? tr("{mine}; the answer stands further down", { mine }) : "");
    onward.look(opened);
    root.dataset.state = !opened ? "open" : guess === null ? "shown" : "committed";
  };
  const traits = ["question", "choices", "low", "high", "step", "unit", "guess", "opened", "alt"];
  return live(model, root, traits, draw);
}

export default { render };
