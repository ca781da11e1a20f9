// What the sign-in is built of: elements with their labels, made by hand.
import { login } from "../text/en/sign-in";

type Facts = Record<string, string | boolean>;

export function element<Tag extends keyof HTMLElementTagNameMap>(tag: Tag, facts: Facts, ...children: (Node | string)[]): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(facts)) made.setAttribute(name === "className" ? "class" : name, String(value));
  made.append(...children);
  return made;
}

export interface Field {
  whole: HTMLElement;
  input: HTMLInputElement;
}

export function field(name: string, label: string, facts: Facts): Field {
  const input = element("input", { id: `sign-in-${name}`, name, required: true, ...facts });
  return { whole: element("div", { className: "cjv-sign-in-field" }, element("label", { for: input.id }, label), element("div", { className: "cjv-sign-in-box" }, input)), input };
}

// With a button that shows what was typed, and a word about Caps Lock.
export function passwordField(): Field {
  const made = field("password", login.password, { type: "password", autocomplete: "current-password", "aria-describedby": "sign-in-caps" });
  const caps = element("p", { id: "sign-in-caps", className: "cjv-sign-in-caps", role: "status" });
  made.input.addEventListener("keyup", (event) => caps.replaceChildren(event.getModifierState("CapsLock") ? login.capsLock : ""));
  const show = element("button", { type: "button", className: "cjv-sign-in-show", "aria-pressed": false, "aria-label": login.show }, eye());
  show.addEventListener("click", () => {
    const shown = made.input.type === "password";
    made.input.type = shown ? "text" : "password";
    show.setAttribute("aria-pressed", String(shown));
  });
  made.input.after(show);
  made.whole.append(caps);
  return made;
}

const svg = "http://www.w3.org/2000/svg";

function drawing(size: number, shapes: [string, Facts][]): SVGElement {
  const made = document.createElementNS(svg, "svg");
  const facts = { width: String(size), height: String(size), viewBox: `0 0 ${size} ${size}`, fill: "none", "aria-hidden": "true" };
  for (const [name, value] of Object.entries(facts)) made.setAttribute(name, value);
  for (const [tag, attributes] of shapes) {
    const shape = document.createElementNS(svg, tag);
    for (const [name, value] of Object.entries(attributes)) shape.setAttribute(name, String(value));
    made.append(shape);
  }
  return made;
}

export const mark = () =>
  drawing(32, [
    ["rect", { width: "32", height: "32", rx: "8", fill: "#3860bd" }],
    ["circle", { cx: "16", cy: "16", r: "9", stroke: "#fff", "stroke-width": "2.5" }],
    ["path", { d: "M16 10.5V16l3.8 2.6", stroke: "#fff", "stroke-width": "2.5", "stroke-linecap": "round", "stroke-linejoin": "round" }],
  ]);

const eye = () =>
  drawing(20, [
    ["path", { d: "M1.5 10S4.5 4.5 10 4.5 18.5 10 18.5 10 15.5 15.5 10 15.5 1.5 10 1.5 10Z", stroke: "currentColor", "stroke-width": "1.5", "stroke-linejoin": "round" }],
    ["circle", { cx: "10", cy: "10", r: "2.5", stroke: "currentColor", "stroke-width": "1.5" }],
  ]);
