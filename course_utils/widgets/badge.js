function render({ model, el }) {
  const chip = make("span", "cu-badge");
  const note = make("span", "cu-label");
  const root = mount(el, "cu-badge-line", chip, note);
  const draw = () => {
    showBadge(chip, model.get("kind"));
    write(note, model.get("note"));
    if (model.get("alt")) root.setAttribute("aria-label", model.get("alt"));
  };
  return live(model, root, ["kind", "note", "alt"], draw);
}

export default { render };
