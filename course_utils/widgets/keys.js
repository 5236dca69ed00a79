// A trait that runs like time: moved by keys, played by the space bar.

/** Move a trait by the keys of a slider; `limits()` gives [low, high], `stride` one press, `seconds` a play. */
function timeKeys(model, trait, element, limits, { stride, fine, seconds }) {
  let timer = 0;
  const now = () => clamp(model.get(trait), ...limits());
  const move = (value) => assign(model, trait, Math.round(clamp(value, ...limits())));
  const pause = () => {
    clearInterval(timer);
    timer = 0;
  };
  const play = () => {
    const [low, high] = limits();
    const start = now() >= high ? low : now();
    const began = performance.now();
    timer = setInterval(() => {
      const passed = (performance.now() - began) / 1000 / seconds;
      move(start + passed * (high - low));
      if (now() >= high) pause();
    }, 30);
  };
  const actions = {
    ArrowRight: (event) => move(now() + (event.shiftKey ? fine : stride)),
    ArrowLeft: (event) => move(now() - (event.shiftKey ? fine : stride)),
    PageUp: () => move(now() + 5 * stride),
    PageDown: () => move(now() - 5 * stride),
    Home: () => move(limits()[0]),
    End: () => move(limits()[1]),
  };
  actions.ArrowUp = actions.ArrowRight;
  actions.ArrowDown = actions.ArrowLeft;
  const pressed = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const wasPlaying = timer !== 0;
    const action = event.key === " " ? () => wasPlaying || play() : actions[event.key];
    if (!action) return;
    // The notebook around us uses the same keys to move between cells.
    event.preventDefault();
    event.stopPropagation();
    pause();
    action(event);
  };
  element.tabIndex = 0;
  element.addEventListener("keydown", pressed);
  return () => {
    pause();
    element.removeEventListener("keydown", pressed);
  };
}

/** Say of an element that moves a trait where it stands; with nowhere to go it is a picture like others. */
function tellPlace(element, [low, high], now, words) {
  const moves = low < high;
  element.tabIndex = moves ? 0 : -1;
  element.setAttribute("role", moves ? "slider" : "img");
  for (const [name, value] of Object.entries({ valuemin: low, valuemax: high, valuenow: now, valuetext: words }))
    if (moves) element.setAttribute(`aria-${name}`, value);
    else element.removeAttribute(`aria-${name}`);
}

/** Report where a pointer is pressed and dragged on an element, in CSS pixels from its left edge. */
function dragX(element, moved) {
  const follow = (event) => {
    if (event.buttons === 1) moved((event.clientX - element.getBoundingClientRect().left) / zoomOf(element));
  };
  const start = (event) => {
    element.setPointerCapture(event.pointerId);
    follow(event);
  };
  element.style.touchAction = "pan-y";
  element.addEventListener("pointerdown", start);
  element.addEventListener("pointermove", follow);
  return () => {
    element.removeEventListener("pointerdown", start);
    element.removeEventListener("pointermove", follow);
  };
}
