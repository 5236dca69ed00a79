/** Whether a guess is among answers, and pairs of the lowest and the highest. */
function isAmong(guess, answers) {
  const holds = (one) =>
    Array.isArray(one) ? one[0] - 1e-9 <= guess && guess <= one[1] + 1e-9 : one === guess;
  return answers.some(holds);
}

/** How good a guess is: its mark for the style sheet, and in words. */
function judge(guess, { best, also }) {
  if (isAmong(guess, best)) return ["true", tr("matched")];
  if (isAmong(guess, also)) return ["true", tr("as good: this run cannot tell them apart")];
  return ["false", tr("not quite")];
}

/** A table of lines of cells: the first line heads it, the first cell of every other one names it. */
function makeTable([head, ...rows]) {
  const lines = [head.map((cell) => make("th", "", {}, cell))];
  for (const [name, ...cells] of rows)
    lines.push([make("th", "", {}, name), ...cells.map((cell) => make("td", "", {}, cell))]);
  return make("table", "cu-table", {}, ...lines.map((line) => make("tr", "", {}, ...line)));
}

function makeTile(heading) {
  const value = make("div", "cu-figure-large");
  const tile = make("div", "cu-answer", {}, make("div", "cu-label", {}, heading), value);
  return { tile, value };
}

function render({ model, el }) {
  const back = makeWay(tr("go to the question"), ".cu-guess", model);
  const showMe = makeQuiet(tr("show me"), () => {
    model.set("opened", true);
    model.save_changes();
    root.focus({ preventScroll: true }); // the button that had it goes
  });
  const wait = make("span");
  const closed = make("div", "cu-note", {}, wait, back, showMe);
  const [mine, computed] = [makeTile(tr("your guess")), makeTile(tr("this run says"))];
  const mark = make("span", "cu-verdict");
  const tiles = make("div", "cu-answers", {}, mine.tile, computed.tile, mark);
  const heading = make("div", "cu-title");
  const sentence = make("div", "cu-sentence");
  const figures = make("div");
  const drawings = make("div", "cu-drawings");
  const outcome = make("div", "", { "aria-live": "polite" }, tiles, sentence, figures, drawings);
  const root = mount(el, "cu-reveal", heading, closed, outcome);

  /** Show what is sealed; before it is opened it does not enter the page. */
  const unseal = ({ text = "", table = [], drawn = [], ...found }, guess, unit) => {
    const answered = found.answer !== undefined;
    tiles.hidden = !answered;
    mine.tile.hidden = guess === null;
    mine.value.textContent = words(guess, unit);
    computed.value.textContent = words(found.answer, unit);
    const [match, verdict] = answered && guess !== null ? judge(guess, found) : ["", ""];
    mark.dataset.match = match;
    write(mark, verdict);
    sentence.replaceChildren(...(answered || !text ? [] : [make("b", "", {}, tr("Measured")), " "]), text);
    figures.replaceChildren(...(table.length ? [makeTable(table)] : []));
    drawings.replaceChildren(...drawn.map(([words, svg]) => makeDrawing(words, svg).picture));
  };
  tiles.hidden = true;
  const draw = () => {
    const [opened, sealed] = [model.get("opened"), model.get("sealed")];
    nameCard(root, model);
    root.classList.toggle("cu-measured", sealed.answer === undefined);
    write(heading, sealed.answer === undefined ? "" : model.get("question"));
    write(
      wait,
      sealed.answer === undefined
        ? tr("What was measured here waits for the same guess.")
        : tr("Your guess comes first: make it above, or press show me here."),
    );
    closed.hidden = opened;
    back.look(!opened);
    if (opened) unseal(sealed, model.get("guess") ?? null, model.get("unit"));
    root.dataset.state = opened ? "open" : "closed";
  };
  return live(model, root, ["question", "unit", "guess", "opened", "sealed", "alt"], draw);
}

export default { render };
