function render({ model, el }) {
  const { picture, show } = makeDrawing("");
  const root = mount(el, "cu-drawing", picture);
  const shown = remember(show);
  const draw = () => {
    shown(model.get("svg"));
    tell(picture, model.get("alt") || tr("a drawing"));
  };
  return live(model, root, ["svg", "alt"], draw);
}

export default { render };
