/**
 * Files beside the lessons, as bytes.
 *
 * Each is a script that says `lesson.files["name"] = "base64"`, see course_utils/site/lesson_files.py: a page opened
 * from a file may load scripts, and nothing else.
 */
import { CourseError } from "../painter/errors.js";
import { bytes } from "./models.js";

const coming = new Map();

/** The bytes of a file, loaded when it is first asked for. Rejects with `CourseError` where it does not come. */
export function bytesOf(name) {
  if (!coming.has(name)) {
    const loaded = load(name);
    loaded.catch(() => coming.delete(name)); // the next request may fare better
    coming.set(name, loaded);
  }
  return coming.get(name);
}

function load(name) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = `lessons/${name}.js`;
    script.onload = () => resolve(bytes(globalThis.lesson.files[name]));
    script.onerror = () => reject(new CourseError("A file of this page could not be loaded: check the connection."));
    document.head.append(script);
  });
}
