function render({ model, el }) {
  const picture = make("div", "cu-drawn", { role: "img" });
  const root = mount(el, "cu-drawing", picture);
  const draw = () => {
    if (picture.innerHTML !== model.get("svg")) picture.innerHTML = model.get("svg");
    picture.setAttribute("aria-label", model.get("alt"));
  };
  return live(model, root, ["svg", "alt"], draw);
}

export default { render };
