// What the form of a job holds of its target: as fields show it, as the API takes it, and what is wrong with it. Pure.
import { readExact, writeExact } from "../api/exact";
import type { CeleryTarget, CommandTarget, Job, Kind } from "../api/schema";
import { joinWords, splitWords } from "../schedule/words";
import { text } from "../text/en";

const t = text.edit;

export interface TargetForm {
  command: string;
  folder: string;
  environment: string;
  input: string;
  codes: string;
  task: string;
  args: string;
  kwargs: string;
  queue: string;
  exchange: string;
  routingKey: string;
  priority: string;
  expires: string;
  timeLimit: string;
  softTimeLimit: string;
  // Empty: the task decides.
  ignoreResult: "" | "true" | "false";
  headers: string;
}

export const emptyTarget: TargetForm = {
  command: "",
  folder: "",
  environment: "",
  input: "",
  codes: "0",
  task: "",
  args: "",
  kwargs: "",
  queue: "",
  exchange: "",
  routingKey: "",
  priority: "",
  expires: "",
  timeLimit: "",
  softTimeLimit: "",
  ignoreResult: "",
  headers: "",
};

// Those that few need, which the form shows when asked to.
const settings = [
  "folder", "environment", "input", "codes", "exchange", "routingKey", "priority", "expires", "timeLimit", "softTimeLimit", "ignoreResult", "headers",
] as const satisfies (keyof TargetForm)[];

// Whether one of those is set, or has an error.
export const usesSettings = (form: TargetForm) => settings.some((key) => form[key] !== emptyTarget[key]);
export const areOfSettings = (keys: string[]) => settings.some((key) => keys.includes(key));

export function targetForm(job: Job): TargetForm {
  const command = job.kind === "command" ? (job.target as CommandTarget) : null;
  const celery = job.kind === "celery" ? (job.target as CeleryTarget) : null;
  return {
    command: joinWords(command?.argv ?? []),
    folder: command?.cwd ?? "",
    environment: Object.entries(command?.env ?? {}).map(([name, value]) => `${name}=${value}`).join("\n"),
    input: command?.stdin ?? "",
    codes: (command?.success_codes ?? [0]).join(", "),
    task: celery?.task ?? job.task,
    args: celery?.args?.length ? writeExact(celery.args) : "",
    kwargs: objectText(celery?.kwargs),
    queue: celery?.queue ?? "",
    exchange: celery?.exchange ?? "",
    routingKey: celery?.routing_key ?? "",
    priority: wordsOf(celery?.priority),
    expires: wordsOf(celery?.expires),
    timeLimit: wordsOf(celery?.time_limit),
    softTimeLimit: wordsOf(celery?.soft_time_limit),
    ignoreResult: celery?.ignore_result === undefined || celery.ignore_result === null ? "" : celery.ignore_result ? "true" : "false",
    headers: objectText(celery?.headers),
  };
}

const objectText = (value: object | null | undefined) => (value && Object.keys(value).length > 0 ? writeExact(value) : "");

// A number with the digits that it came with, or a text.
export function wordsOf(value: unknown): string {
  if (value === undefined || value === null) return "";
  const json = writeExact(value);
  return json.startsWith('"') ? String(value) : json;
}

// The number that was typed, digit for digit; what is none goes to the server as it is, which says what would be right.
export function numberOf(words: string): number | undefined {
  const typed = words.trim();
  if (typed === "") return undefined;
  if (/^-?(0|[1-9]\d*)(\.\d+)?(e[+-]?\d+)?$/i.test(typed)) return readExact(typed) as number;
  const read = Number(typed);
  return Number.isFinite(read) ? read : (typed as unknown as number);
}

const list = (words: string) => words.split(",").map((word) => word.trim()).filter(Boolean);

// NAME=value a line; empty lines do not count. A number is the first line that is neither.
export function readEnvironment(words: string): Record<string, string> | number {
  const env: Record<string, string> = {};
  const lines = words.split("\n");
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i] ?? "";
    if (!line.trim()) continue;
    const found = /^\s*([A-Za-z_]\w*)=(.*)$/.exec(line);
    if (!found) return i + 1;
    env[found[1] ?? ""] = found[2] ?? "";
  }
  return env;
}

function readCodes(words: string): number[] | null {
  const codes = list(words).map(Number);
  return codes.length > 0 && codes.every((code) => Number.isInteger(code) && code >= 0 && code <= 255) ? codes : null;
}

// The value, or a sentence that says where it stops being JSON of that form.
function readJson(words: string, form: "list" | "object"): { value?: unknown; wrong?: string } {
  if (!words.trim()) return {};
  const sentence = form === "list" ? t.argsBad : t.kwargsBad;
  try {
    const value = readExact(words);
    const right = form === "list" ? Array.isArray(value) : typeof value === "object" && value !== null && !Array.isArray(value);
    return right ? { value } : { wrong: `${sentence}.` };
  } catch (error) {
    const where = /line \d+ column \d+/.exec(String(error))?.[0] ?? /position \d+/.exec(String(error))?.[0];
    return { wrong: where ? `${sentence}: ${where}.` : `${sentence}.` };
  }
}

// What the browser can see for itself; all else the server says.
export function checkTarget(kind: Kind, form: TargetForm): Partial<Record<keyof TargetForm, string>> {
  const errors: Partial<Record<keyof TargetForm, string>> = {};
  if (kind === "command") {
    const split = splitWords(form.command);
    if ("openQuote" in split) errors.command = t.commandQuote(split.openQuote);
    else if (split.words.length === 0) errors.command = t.required;
    const env = readEnvironment(form.environment);
    if (typeof env === "number") errors.environment = t.environmentBad(env);
    if (!readCodes(form.codes)) errors.codes = t.codesBad;
  }
  if (kind === "celery") {
    if (!form.task.trim()) errors.task = t.required;
    for (const [key, shape] of [["args", "list"], ["kwargs", "object"], ["headers", "object"]] as const) {
      const { wrong } = readJson(form[key], shape);
      if (wrong) errors[key] = wrong;
    }
  }
  return errors;
}

// The target as the API takes it; none of a kind that the form cannot make.
export function targetOf(kind: Kind, form: TargetForm): CommandTarget | CeleryTarget | undefined {
  if (kind === "command") return commandOf(form);
  if (kind === "celery") return celeryOf(form);
  return undefined;
}

function commandOf(form: TargetForm): CommandTarget {
  const split = splitWords(form.command);
  const env = readEnvironment(form.environment);
  return {
    argv: "words" in split ? split.words : [],
    env: typeof env === "number" ? {} : env,
    success_codes: readCodes(form.codes) ?? [0],
    ...(form.folder.trim() && { cwd: form.folder.trim() }),
    ...(form.input && { stdin: form.input }),
  };
}

function celeryOf(form: TargetForm): CeleryTarget {
  const object = (words: string) => readJson(words, "object").value as Record<string, unknown> | undefined;
  const target: CeleryTarget = {
    task: form.task.trim(),
    args: (readJson(form.args, "list").value as unknown[] | undefined) ?? [],
    kwargs: object(form.kwargs) ?? {},
    queue: form.queue.trim() || undefined,
    exchange: form.exchange.trim() || undefined,
    routing_key: form.routingKey.trim() || undefined,
    priority: numberOf(form.priority),
    expires: numberOf(form.expires),
    time_limit: numberOf(form.timeLimit),
    soft_time_limit: numberOf(form.softTimeLimit),
    ignore_result: form.ignoreResult === "" ? undefined : form.ignoreResult === "true",
    headers: object(form.headers),
  };
  return Object.fromEntries(Object.entries(target).filter(([, value]) => value !== undefined)) as unknown as CeleryTarget;
}

const fields: Record<string, keyof TargetForm> = {
  argv: "command", cwd: "folder", env: "environment", stdin: "input", success_codes: "codes", task: "task", args: "args", kwargs: "kwargs", queue: "queue",
  exchange: "exchange", routing_key: "routingKey", priority: "priority", expires: "expires", time_limit: "timeLimit", soft_time_limit: "softTimeLimit",
  ignore_result: "ignoreResult", headers: "headers",
};

// Which field of the form an error of the server belongs to, where it is one of the target.
export const fieldOfTarget = (path: string): keyof TargetForm | undefined =>
  path.startsWith("task") ? "task" : fields[/^target\.([^.]+)/.exec(path)?.[1] ?? ""];
