/** Light, dark, or as the reader's system has it: said by `<html theme>`, where every view looks. */

const KEPT = "course-theme";
const THEMES = ["system", "light", "dark"];

function show(theme) {
  if (theme === "system") document.documentElement.removeAttribute("theme");
  else document.documentElement.setAttribute("theme", theme);
}

/** Let a button go through the themes; the choice is kept on this device. */
export function offerThemes(button) {
  const read = () => {
    try {
      return localStorage.getItem(KEPT);
    } catch {
      return null;
    }
  };
  let theme = THEMES.includes(read()) ? read() : "system";
  const tell = () => {
    show(theme);
    button.textContent = `theme: ${theme}`;
  };
  button.addEventListener("click", () => {
    theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
    tell();
    try {
      localStorage.setItem(KEPT, theme);
    } catch {
      // forbidden here: it lasts as long as the page
    }
  });
  tell();
}
