/** A mistake that a visitor can put right: one sentence that says what is wrong and what to do. */
export class CourseError extends Error {
  name = "CourseError";
}

/** Thrown inside a piece of work that nobody waits for any more, and told to whoever asked for it. */
export class Cancelled extends Error {
  name = "Cancelled";

  constructor(message = "A newer request took its place.") {
    super(message);
  }
}

/** Throw a `CourseError` unless `value` is a number from `low` to `high`. */
export function checkNumber(name, value, low, high) {
  if (typeof value !== "number" || !(value >= low && value <= high)) {
    throw new CourseError(`${name} is a number from ${low} to ${high}, not ${value}.`);
  }
}

/** Throw a `CourseError` unless `value` is a whole number from `low` to `high`. */
export function checkWhole(name, value, low, high) {
  if (!Number.isInteger(value) || value < low || value > high) {
    throw new CourseError(`${name} are a whole number from ${low} to ${high}, not ${value}.`);
  }
}
