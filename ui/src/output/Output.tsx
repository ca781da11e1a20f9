// The output of a run: what it prints while it prints it, in a window over the lines that exist.
import { ActionIcon, Button, CloseButton, Switch, TextInput, Tooltip } from "@mantine/core";
import { IconArrowBarToDown, IconArrowBarToUp, IconChevronDown, IconChevronUp, IconDownload, IconSearch } from "@tabler/icons-react";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { outputAddress } from "../api/runs";
import { isFinal, type RunDetail } from "../api/schema";
import { setPreference, usePreferences } from "../app/preferences";
import { useShortcut } from "../app/shortcuts";
import { count as counted, text } from "../text/en";
import { ProblemPanel } from "../ui/Problem";
import { useOutput } from "./follow";
import { textOf, type Line } from "./log";
import classes from "./Output.module.css";
import type { Style } from "./terminal";

const t = text.output;
const lineHeight = 20;
// This close to the end counts as at the end.
const nearEnd = 24;
const spokenEvery = 5000;

interface Props {
  run: RunDetail;
  onEnd: () => void;
  // The line that the address names; 0 is none.
  line: number;
  onLine: (line: number) => void;
}

export function Output({ run, onEnd, line: linked, onLine }: Props) {
  const { log, revision, state, problem } = useOutput(run.id, onEnd);
  const { wrap } = usePreferences();
  const [times, setTimes] = useState(false);
  const [follow, setFollow] = useState(linked === 0);
  const [seen, setSeen] = useState(0);
  const [find, setFind] = useState("");
  const [at, setAt] = useState(0);
  const box = useRef<HTMLDivElement>(null);
  const field = useRef<HTMLInputElement>(null);
  // Where our own scrolling put the box: a scroll event that finds it there is not the reader's.
  const placed = useRef(-1);
  const final = isFinal(run.status);

  const { lines } = log;
  const total = lines.length;
  const newest = log.dropped + total;
  const virtualizer = useVirtualizer({
    count: total,
    getScrollElement: () => box.current,
    estimateSize: () => lineHeight,
    overscan: 24,
    getItemKey: (index) => log.dropped + index,
  });

  const toEnd = useCallback(() => {
    const element = box.current;
    if (!element) return;
    element.scrollTop = element.scrollHeight;
    placed.current = element.scrollTop;
  }, []);

  const size = virtualizer.getTotalSize();
  useLayoutEffect(() => {
    if (follow) toEnd();
  }, [follow, revision, size, toEnd]);
  useEffect(() => {
    if (follow) setSeen(newest);
  }, [follow, newest]);

  const onScroll = () => {
    const element = box.current;
    if (!element) return;
    const rest = element.scrollHeight - element.scrollTop - element.clientHeight;
    if (follow && rest > nearEnd && element.scrollTop < placed.current - 2) setFollow(false);
    else if (!follow && rest <= 2 && !final) setFollow(true);
    if (rest <= nearEnd) setSeen(newest);
  };

  useShortcut("f", () => setFollow((on) => !on));
  useShortcut("/", () => field.current?.focus());

  const matches = useMemo(() => {
    const wanted = find.toLowerCase();
    if (!wanted) return [];
    return lines.flatMap((line, i) => (textOf(line).toLowerCase().includes(wanted) ? [i] : []));
    // The lines are changed in place; the revision says when.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [find, lines, revision]);
  const match = matches.length ? Math.min(at, matches.length - 1) : -1;
  const matched = matches[match] ?? -1;
  const goTo = (to: number) => {
    if (matches.length === 0) return;
    const next = (to + matches.length) % matches.length;
    setAt(next);
    setFollow(false);
    virtualizer.scrollToIndex(matches[next] ?? 0, { align: "center" });
  };

  // The line of the address is gone to once, when it is there.
  const linkedAt = useMemo(
    () => (linked > 0 ? lines.findIndex(({ number }) => number === linked) : -1),
    // oxlint-disable-next-line react-hooks/exhaustive-deps
    [linked, lines, revision],
  );
  const went = useRef(0);
  useEffect(() => {
    if (linkedAt < 0 || went.current === linked) return;
    went.current = linked;
    setFollow(false);
    virtualizer.scrollToIndex(linkedAt, { align: "center" });
  }, [linked, linkedAt, virtualizer]);
  const link = (number: number) => {
    went.current = number;
    onLine(number === linked ? 0 : number);
  };

  const unseen = Math.max(0, newest - seen);
  const width = String(log.dropped + total).length;
  const quiet =
    state === "failed" ? null
    : total > 0 ? null
    : run.status === "pending" || run.status === "queued" ? t.waiting
    : state === "ended" || final ? (state === "ended" ? t.nothing : text.loading)
    : t.quiet;

  return (
    <section className={classes.frame} aria-label={text.runPage.tabs.output}>
      <div className={classes.tools}>
        <TextInput
          ref={field}
          className={classes.find}
          size="xs"
          aria-label={t.findLabel}
          placeholder={t.find}
          leftSection={<IconSearch size={14} />}
          rightSection={find ? <CloseButton size="xs" aria-label={text.jobs.clear} onClick={() => setFind("")} /> : null}
          value={find}
          onChange={(event) => {
            setFind(event.currentTarget.value);
            setAt(0);
          }}
          onKeyDown={(event) => {
            if (event.key === "Enter") goTo(event.shiftKey ? match - 1 : matched >= 0 && !event.currentTarget.dataset.gone ? match + 1 : 0);
            if (event.key === "Escape" && find) setFind("");
            else if (event.key === "Escape") event.currentTarget.blur();
          }}
        />
        {find && (
          <span className={classes.found} role="status">
            {t.found(match + 1, matches.length)}
            <ActionIcon size="sm" variant="subtle" color="gray" aria-label={t.previous} onClick={() => goTo(match - 1)}><IconChevronUp size={14} /></ActionIcon>
            <ActionIcon size="sm" variant="subtle" color="gray" aria-label={t.next} onClick={() => goTo(match + 1)}><IconChevronDown size={14} /></ActionIcon>
          </span>
        )}
        <span className={classes.space} />
        {!final && (
          <Tooltip label={`${t.follow} (f)`}>
            <Button size="compact-sm" variant={follow ? "filled" : "default"} aria-pressed={follow} onClick={() => setFollow(!follow)}
              leftSection={<span className={classes.dot} data-on={follow || undefined} />}>
              {t.follow}
            </Button>
          </Tooltip>
        )}
        <Switch size="xs" label={t.wrap} checked={wrap} onChange={(event) => setPreference("wrap", event.currentTarget.checked)} />
        <Switch size="xs" label={t.times} checked={times} onChange={(event) => setTimes(event.currentTarget.checked)} />
        <Tooltip label={t.top}>
          <ActionIcon variant="default" size={26} aria-label={t.top} onClick={() => { setFollow(false); virtualizer.scrollToOffset(0); }}>
            <IconArrowBarToUp size={15} />
          </ActionIcon>
        </Tooltip>
        <Tooltip label={t.end}>
          <ActionIcon variant="default" size={26} aria-label={t.end} onClick={() => { toEnd(); if (!final) setFollow(true); }}>
            <IconArrowBarToDown size={15} />
          </ActionIcon>
        </Tooltip>
        <Button component="a" href={outputAddress(run.id)} download={`run-${run.id}.log`} size="compact-sm" variant="default" leftSection={<IconDownload size={15} />}>
          {t.download}
        </Button>
      </div>
      {state === "broken" && <p className={classes.banner} role="status">{t.broken}</p>}
      {log.dropped > 0 && <p className={classes.banner}>{t.dropped(log.dropped)}</p>}
      {state === "failed" ? (
        <div className={classes.failed}><ProblemPanel error={problem} title={t.failed} /></div>
      ) : (
        <div className={classes.around}>
          {/* A region that scrolls must be reachable by keyboard. */}
          {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
          <div ref={box} className={classes.box} onScroll={onScroll} tabIndex={0} role="log" aria-live="off" aria-label={t.label} data-wrap={wrap || undefined} data-ended={(final && state === "ended") || undefined}>
            {quiet && <p className={classes.quiet}>{quiet}</p>}
            <div className={classes.lines} style={{ height: size }}>
              {virtualizer.getVirtualItems().map(({ index, start, key }) => {
                const line = lines[index];
                return line && (
                  <div key={key} ref={wrap ? virtualizer.measureElement : undefined} data-index={index} className={classes.line}
                    data-stream={line.stream} data-matched={index === matched || undefined} data-linked={index === linkedAt || undefined} style={{ transform: `translateY(${start}px)` }}>
                    <LineNumber number={line.number} width={Math.max(3, width)} onLink={link} />
                    {times && <span className={classes.at}>{line.at.slice(11, 23).replace("Z", "")}</span>}
                    {line.stream === "stderr" && <span className={classes.mark}>{t.stderr}</span>}
                    <code className={classes.text}><LineText line={line} find={find} /></code>
                  </div>
                );
              })}
            </div>
          </div>
          {!follow && unseen > 0 && (
            <Button className={classes.jump} size="compact-md" onClick={() => { toEnd(); setFollow(!final); }}>{t.jump(unseen)}</Button>
          )}
        </div>
      )}
      <p className={classes.foot}>
        <span>{counted(newest, "line")}</span>
        {state === "reading" && !final && <span className={classes.live}>{t.live}</span>}
      </p>
      <Spoken line={final ? undefined : lines.at(-1)} />
    </section>
  );
}

// The number of a line is the way to a link to it: for a pointer alone, because there would be thousands of stops.
function LineNumber({ number, width, onLink }: { number: number; width: number; onLink: (number: number) => void }) {
  const style = { width: `${width}ch` };
  if (!number) return <span className={classes.number} style={style} />;
  return (
    <button type="button" tabIndex={-1} aria-hidden="true" className={classes.number} style={style} title={t.link} onClick={() => onLink(number)}>
      {number}
    </button>
  );
}

// For those who listen: the newest line, at most every five seconds, because a busy log would drown everything.
function Spoken({ line }: { line: Line | undefined }) {
  const [words, setWords] = useState("");
  const newest = useRef(line);
  newest.current = line;
  useEffect(() => {
    const timer = setInterval(() => setWords(newest.current ? textOf(newest.current) : ""), spokenEvery);
    return () => clearInterval(timer);
  }, []);
  return <p className="visually-hidden" aria-live="polite">{words}</p>;
}

function LineText({ line, find }: { line: Line; find: string }) {
  return line.spans.map((span, i) => (
    // A span has no other name than its place.
    // oxlint-disable-next-line react/no-array-index-key
    <span key={i} className={span.style ? classNameOf(span.style) : undefined} style={span.style ? styleOf(span.style) : undefined}>
      <Marked words={span.text} find={find} />
    </span>
  ));
}

function Marked({ words, find }: { words: string; find: string }) {
  if (!find) return words;
  const parts: React.ReactNode[] = [];
  const lower = words.toLowerCase();
  const wanted = find.toLowerCase();
  let from = 0;
  for (let hit = lower.indexOf(wanted); hit >= 0; hit = lower.indexOf(wanted, from)) {
    parts.push(words.slice(from, hit), <mark key={hit}>{words.slice(hit, hit + wanted.length)}</mark>);
    from = hit + wanted.length;
  }
  return [...parts, words.slice(from)];
}

const colored = (color: Style["color"]) => (typeof color === "number" ? `var(--ansi-${color})` : color);

function styleOf({ color, background, inverse }: Style): React.CSSProperties {
  const front = colored(color);
  const back = colored(background);
  return inverse
    ? { color: back ?? "var(--cjv-surface)", backgroundColor: front ?? "var(--mantine-color-text)" }
    : { color: front, backgroundColor: back };
}

const classNameOf = ({ bold, dim, italic, underline, strike }: Style): string =>
  [bold && classes.bold, dim && classes.faint, italic && classes.italic, underline && classes.underline, strike && classes.strike].filter(Boolean).join(" ");

