/** The picture of the front page, large: what is on it in words, and as a file. */

const found = (id) => document.getElementById(id);

export class Easel {
  #canvas = found("page");
  #painted = 0;

  /** Show a page (RGBA, as the painters give it). */
  show({ page }) {
    const side = Math.sqrt(page.length / 4);
    if (this.#canvas.width !== side) this.#canvas.width = this.#canvas.height = side;
    this.#canvas.getContext("2d").putImageData(new ImageData(page, side, side), 0, 0);
    this.#painted += 1;
    this.#canvas.dataset.painted = String(this.#painted); // how many pictures have been shown
    found("still").hidden = true;
    this.#canvas.hidden = false;
  }

  /** Say in words what a finished painting is: below it, and in place of it. */
  describe({ settings, painter, evaluations, milliseconds, engine, remark }) {
    const what = settings.prompt.trim() || "a page without a prompt";
    const how = [
      `${painter}, seed ${settings.seed}, ${counted(settings.steps, "step")}, guidance ${settings.guidance}`,
      settings.negative.trim() && `away from ${settings.negative.trim()}`,
    ];
    this.#canvas.setAttribute("aria-label", `Painted: ${what} (${how.filter(Boolean).join(", ")})`);
    found("caption").replaceChildren(strong(what), ` · ${how.filter(Boolean).join(", ")}`);
    const passes = `Painted in ${counted(evaluations, "pass", "passes")} and ${(milliseconds / 1000).toFixed(1)} s (${engine}).`;
    return `${remark} ${passes}`.trim();
  }

  /** While something is being painted. */
  set busy(value) {
    found("easel").setAttribute("aria-busy", String(value));
  }

  /** How much of a painter has come, in bytes; null where nothing is on its way. */
  set coming(told) {
    found("coming").hidden = !told;
    if (!told) return;
    const { loaded, total } = told;
    found("progress").value = total ? loaded / total : 0;
    found("megabytes").textContent = total ? `${(loaded / 1e6).toFixed(1)} of ${(total / 1e6).toFixed(1)} MB` : "";
  }

  /** Hand the picture to the visitor as a file. */
  async save(name) {
    const blob = await new Promise((resolve) => this.#canvas.toBlob(resolve));
    const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(blob), download: `${name}.png` });
    link.click();
    URL.revokeObjectURL(link.href);
  }
}

function counted(count, one, many = `${one}s`) {
  return `${count} ${count === 1 ? one : many}`;
}

function strong(text) {
  return Object.assign(document.createElement("strong"), { textContent: text });
}
