/** Formulas in LaTeX on standard input, [{tex, display}], as MathML on standard output: pages need no typesetter. */
import { readFileSync } from "node:fs";
import katex from "katex";

const formulas = JSON.parse(readFileSync(0, "utf8"));
const typeset = ({ tex, display }) => katex.renderToString(tex, { displayMode: display, output: "mathml", strict: "error" });
process.stdout.write(JSON.stringify(formulas.map(typeset)));
