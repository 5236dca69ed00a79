/**
 * A panel as its wiring in `web/instruments/` sees it; the twin of `course_utils/panels/base.py`.
 *
 * Everything is found by the words that the notebook's panel wears: controls by their description, views by
 * their class.
 */
import { Cancelled } from "../painter/errors.js";
import { Model } from "./models.js";
import { canPaint, painter } from "./painters.js";

const escaped = (text) => new Option(text).innerHTML;

/** Kinds of controls that a learner sets to a value. */
const SET = /Text$|Slider$|^(Checkbox|Combobox|Dropdown|ToggleButtons?|Play)$/;

const isReset = (button) => button.get("description") === "reset";

/** The model of what is watched: a control, or [model, trait]. */
const modelOf = (watched) => (Array.isArray(watched) ? watched[0] : watched);

// What a chart is where nothing is said, as in `widgets/curve_view.py`.
const CHART = {
  ...{ series: [], reference: [], marker: null, draggable: false, x_label: "", y_label: "", title: "" },
  ...{ x_log: false, y_log: false, x_range: null, y_range: null },
};

export class Panel {
  #models;
  #initial;
  #newest = 0;

  /** `models` are those of the panel in the order of the page; `recorded(models)` says that these wait. */
  constructor(models, recorded) {
    this.#models = models;
    this.recorded = recorded;
    this.#initial = models.filter(({ kind }) => SET.test(kind)).map((model) => [model, model.get("value")]);
    this.#all("Button").find(isReset)?.on("click", () => this.reset());
  }

  #all(kind) {
    return this.#models.filter((model) => model.kind === kind);
  }

  /** The control with this description; `k` where several bear it. */
  control(description, k = 0) {
    const found = this.#models.filter((one) => SET.test(one.kind) && one.get("description") === description)[k];
    if (!found) throw new Error(`This panel has no control '${description}'.`);
    return found;
  }

  /** The button with this description. */
  button(description) {
    const found = this.#all("Button").find((model) => model.get("description") === description);
    if (!found) throw new Error(`This panel has no button '${description}'.`);
    return found;
  }

  /** The player of the panel; `k` where there are several. */
  player(k = 0) {
    return this.#all("Play")[k];
  }

  /** The views (or "HTML" texts) of a class, in the order of the page. */
  views(kind) {
    return this.#all(kind);
  }

  /** One view of a class. */
  view(kind, k = 0) {
    const found = this.#all(kind)[k];
    if (!found) throw new Error(`This panel has no ${kind} number ${k}.`);
    return found;
  }

  /** Put every control back to its first setting. */
  reset() {
    for (const [control, value] of this.#initial) control.set("value", value);
  }

  /** Give a run of another length to a player and its slider and go to its start, as `set_last` does. */
  setLast(play, scrub, last) {
    for (const control of [play, scrub]) control.set({ value: 0, max: last });
  }

  /**
   * Draw curves that the page has computed in the place of a saved drawing, in the package's own view of curves.
   *
   * `chart` holds traits of `CurveView`; of a line of its `series` role, marks and dashes may be left out.
   */
  chart(drawing, { series, ...chart }) {
    const complete = series.map((line, place) => ({ role: `series${place}`, place, err: [], dash: false, points: false, ...line }));
    const traits = { ...CHART, alt: drawing.get("alt"), ...chart, series: complete };
    if (drawing.twin) drawing.twin.set(traits);
    else drawing.emit("replaced", (drawing.twin = new Model({ kind: "CurveView", traits })));
  }

  /** Show one sentence below the panel; the empty one clears it. */
  say(sentence) {
    const message = this.#all("HTML").at(-1);
    message?.set("value", sentence ? `<p class="cu-message" role="status">${escaped(sentence)}</p>` : "");
  }

  /** A painter, loaded when it is first asked for; the panel says how much of it has come. */
  painter(name) {
    return painter(name, (sentence) => this.say(sentence));
  }

  /** Call `react()` whenever one of the controls changes; what it returns, or its `CourseError`, is said. */
  repaintOn(react, ...controls) {
    for (const control of controls) {
      control.on("change:value", async () => {
        try {
          this.say((await react()) ?? "");
        } catch (error) {
          this.#excuse(error);
        }
      });
    }
  }

  /**
   * Let a painter answer, see `computes`. From a file nothing can paint: the panel is recorded, and what it would paint from rests.
   */
  asks(paint, ...watched) {
    if (canPaint) this.computes(paint, ...watched);
    else this.recorded([...watched.map(modelOf), ...this.views("Upload"), ...this.#all("Button").filter((model) => !isReset(model))]);
  }

  /**
   * Let `compute(job)` answer whenever a control moves; the newest request counts, and views are marked busy.
   *
   * `job.check()` throws where a newer request has come; call it between steps. `job.preview` says that a slider
   * is still moving: a sketch will do, and a request in full follows. What `compute` returns is said. Watched are
   * controls (their value) or pairs [model, trait].
   */
  computes(compute, ...watched) {
    let [sketching, again] = [false, false];
    const ask = async (preview) => {
      if (preview && sketching) {
        again = true; // a sketch is let finish, or a hand that never rests would see none
        return;
      }
      const number = ++this.#newest;
      const check = () => {
        if (number !== this.#newest) throw new Cancelled();
      };
      this.#busy(true);
      sketching = preview;
      try {
        const said = await compute({ check, preview });
        check();
        this.say(said ?? "");
      } catch (error) {
        if (number === this.#newest) this.#excuse(error);
      }
      if (number !== this.#newest) return;
      [sketching, again, preview] = [false, false, again];
      if (preview) ask(true);
      else this.#busy(false);
    };
    for (const one of watched) {
      const [model, trait] = [modelOf(one), Array.isArray(one) ? one[1] : "value"];
      model.on(`change:${trait}`, () => ask(model.moving));
      model.on("settled", () => ask(false));
    }
  }

  #busy(waiting) {
    for (const model of this.#models) if (model.get("busy") !== undefined) model.set("busy", waiting);
  }

  #excuse(error) {
    if (error.name === "Cancelled") return; // by name: painters are modules apart, with classes of their own
    if (error.name !== "CourseError") console.error(error);
    this.say(error.message);
  }

  /** Take the files that a learner gives to an upload button: `take(name, bytes)`; a `CourseError` is said there. */
  onFile(upload, take) {
    upload.on("sent", async ({ name }, [buffer]) => {
      let problem = "";
      try {
        await take(name, new Uint8Array(buffer));
      } catch (error) {
        problem = error.message;
      }
      upload.emit("msg:custom", { problem });
    });
  }
}
