// Marks, hatches and frames of a drawing are named; a page holds many drawings, and a hidden one must not lend its own.
const NAMES = /(\bid="|url\(#|href="#)/g;

/** The element of a drawing, said in `words`; it shows the SVG that its `show` is given. */
function makeDrawing(words, svg = "") {
  const picture = make("div", "cu-drawn", { role: "img" });
  const prefix = `d${Math.random().toString(36).slice(2)}-`;
  const show = (drawn) => {
    picture.innerHTML = drawn.replace(NAMES, `$1${prefix}`);
  };
  tell(picture, words);
  show(svg);
  return { picture, show };
}
