/** The sentences of a text, its lines in an old browser; a voice that is handed all at once may stop halfway. */
function sentences(text, language) {
  if (!Intl.Segmenter) return text.split(/(?<=\n)/);
  return Array.from(new Intl.Segmenter(language, { granularity: "sentence" }).segment(text), ({ segment }) => segment);
}

/** The browser's voice for a language, if it has any; `undefined` where nothing can speak. */
function voiceFor(language) {
  const voices = window.speechSynthesis?.getVoices() ?? [];
  return voices.find(({ lang }) => lang.toLowerCase().split(/[-_]/)[0] === language);
}

function render({ model, el }) {
  const speech = window.speechSynthesis;
  const fold = make("summary");
  const choice = make("select", "", { "aria-label": tr("section") });
  const button = make("button", "", { type: "button" });
  const text = make("p", "cu-read");
  const details = make("details", "", {}, fold, make("div", "cu-reading", {}, choice, button), text);
  const root = mount(el, "cu-reader", details);
  root.hidden = true;
  let turn = 0; // of reading: what is said of an earlier one does not count
  let speaking = false;

  const say = (now) => {
    speaking = now;
    write(button, now ? tr("stop") : tr("read aloud"));
  };
  const stop = () => {
    turn += 1;
    if (speaking) speech.cancel();
    text.querySelectorAll("mark").forEach((mark) => mark.replaceWith(...mark.childNodes));
    say(false);
  };
  const read = (spans, mine) => {
    text.querySelectorAll("mark").forEach((mark) => mark.replaceWith(...mark.childNodes));
    const [span, ...rest] = spans;
    if (!span) {
      say(false);
      return;
    }
    const spoken = new SpeechSynthesisUtterance(span.textContent);
    spoken.lang = model.get("language");
    spoken.voice = voiceFor(spoken.lang);
    spoken.onend = () => mine === turn && read(rest, mine);
    spoken.onerror = () => mine === turn && stop();
    const mark = make("mark");
    mark.append(...span.childNodes);
    span.append(mark);
    speech.speak(spoken);
  };
  const show = () => {
    if (speaking) stop();
    const { text: words = "" } = model.get("sections")[choice.selectedIndex] ?? {};
    text.replaceChildren(...sentences(words, model.get("language")).map((sentence) => make("span", "", {}, sentence)));
  };
  button.addEventListener("click", () => {
    if (speaking) {
      stop();
      return;
    }
    turn += 1;
    speech.cancel(); // another section may be read elsewhere on the page
    say(true);
    read([...text.children], turn);
  });
  choice.addEventListener("change", show);
  details.addEventListener("toggle", () => details.open || stop());

  const fill = remember((sections) => {
    choice.replaceChildren(...sections.map(({ title }) => make("option", "", {}, title)));
    show();
  });
  const draw = () => {
    fill(model.get("sections"));
    write(fold, model.get("alt"));
    text.lang = model.get("language");
    root.hidden = !model.get("sections").length || !voiceFor(model.get("language"));
  };
  say(false);
  speech?.addEventListener?.("voiceschanged", draw);
  return live(model, root, ["sections", "language", "alt"], draw, stop, () =>
    speech?.removeEventListener?.("voiceschanged", draw),
  );
}

export default { render };
