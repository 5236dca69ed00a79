// Marks, hatches and frames of a drawing are named; a page holds many drawings, and a hidden one must not lend its own.
const NAMES = /(\bid="|url\(#|href="#)/g;

function render({ model, el }) {
  const picture = make("div", "cu-drawn", { role: "img" });
  const root = mount(el, "cu-drawing", picture);
  const prefix = `d${Math.random().toString(36).slice(2)}-`;
  const show = remember((svg) => {
    picture.innerHTML = svg.replace(NAMES, `$1${prefix}`);
  });
  const draw = () => {
    show(model.get("svg"));
    tell(picture, model.get("alt") || tr("a drawing"));
  };
  return live(model, root, ["svg", "alt"], draw);
}

export default { render };
