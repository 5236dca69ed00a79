/** Of requests that follow each other, the newest is worked off: course_utils/panels/latest_only.py, in short. */
import { Cancelled } from "./errors.js";

// Work this young, in milliseconds, is finished although a newer request has come: else a moving slider would
// see no picture until it rests. Every time work is cancelled the next may take twice as long, for slow machines.
const PATIENCE = 250;

export class LatestOnly {
  #waiting = null;
  #running = null; // {began, stopped}
  #patience = PATIENCE;

  /**
   * `work(request, check)` answers a request; it awaits `check()` between its steps, which throws `Cancelled`
   * once the work is not wanted any more. `breathe` lets messages in; `now` tells the milliseconds.
   */
  constructor(work, breathe, now = () => performance.now()) {
    Object.assign(this, { work, breathe, now });
  }

  /** The answer to a request; rejects with `Cancelled` where a newer one took its place. */
  ask(request) {
    this.#waiting?.reject(new Cancelled());
    return new Promise((resolve, reject) => {
      this.#waiting = { request, resolve, reject };
      if (!this.#running) this.#run();
    });
  }

  /** End what is under way and forget what waits. */
  abort() {
    this.#waiting?.reject(new Cancelled("It was stopped."));
    this.#waiting = null;
    if (this.#running) this.#running.stopped = true;
  }

  async #run() {
    while (this.#waiting) {
      const { request, resolve, reject } = this.#waiting;
      this.#waiting = null;
      const job = (this.#running = { began: this.now(), stopped: false });
      try {
        resolve(await this.work(request, () => this.#check(job, request)));
        this.#patience = PATIENCE;
      } catch (error) {
        if (error instanceof Cancelled) this.#patience *= 2;
        reject(error);
      }
      this.#running = null;
    }
  }

  async #check(job, request) {
    await this.breathe();
    if (job.stopped) throw new Cancelled("It was stopped.");
    const patience = request.preview ? this.#patience : 0; // only a sketch is worth finishing for a moving slider
    if (this.#waiting && this.now() - job.began >= patience) throw new Cancelled();
  }
}
