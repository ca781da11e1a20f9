// A windowed grid over the page's own scrolling: ten thousand rows cost as much as the fifty that are seen. Rows may
// be unknown yet (`undefined`); they keep their place. On narrow screens a row becomes a card.
import { UnstyledButton } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { IconArrowDown, IconArrowUp } from "@tabler/icons-react";
import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { useShortcut } from "../app/shortcuts";
import classes from "./Grid.module.css";

export interface Column<Row> {
  key: string;
  header: string;
  // A CSS track size: "120px", "minmax(200px, 2fr)".
  width: string;
  // The name that the server sorts by.
  sort?: string;
  // Left out below this width of the window.
  from?: 1024 | 1440;
  // On a narrow screen, where headers are not seen, the cell says its header.
  labelled?: boolean;
  // A header that only assistive technology needs.
  quiet?: boolean;
  // `reach` is the tab index for controls in it: only those of the active row are stops of the Tab key.
  cell: (row: Row, reach: 0 | -1) => React.ReactNode;
}

interface Props<Row> {
  label: string;
  columns: Column<Row>[];
  count: number;
  rowAt: (index: number) => Row | undefined;
  keyOf: (row: Row) => string;
  // Sort as in the address: "name", "-next_run_at".
  sort?: string;
  onSort?: (sort: string) => void;
  onOpen: (row: Row) => void;
  // What single keys do to the row that has the focus.
  keys?: Record<string, (row: Row) => void>;
  // Told which rows are in sight, so that they can be fetched.
  onRange?: (first: number, last: number) => void;
  rowHeight?: number;
  cardHeight?: number;
  dimmed?: (row: Row) => boolean;
}

export function Grid<Row>({ label, columns, count, rowAt, keyOf, sort, onSort, onOpen, keys = {}, onRange, rowHeight = 56, cardHeight = 184, dimmed }: Props<Row>) {
  const body = useRef<HTMLDivElement>(null);
  const [margin, setMargin] = useState(0);
  const [active, setActive] = useState(0);
  const cards = useMediaQuery("(max-width: 959px)", false, { getInitialValueInEffect: false });
  const wide = useMediaQuery("(min-width: 1440px)", true, { getInitialValueInEffect: false });
  const middle = useMediaQuery("(min-width: 1024px)", true, { getInitialValueInEffect: false });
  const shown = columns.filter((column) => !column.from || (column.from === 1024 ? middle : wide));
  const height = cards ? cardHeight : rowHeight;

  // The list begins below whatever stands above it. When that grows or shrinks, so does the document.
  useLayoutEffect(() => {
    const measure = () => setMargin(Math.round((body.current?.getBoundingClientRect().top ?? 0) + window.scrollY));
    measure();
    const watcher = new ResizeObserver(measure);
    watcher.observe(document.body);
    return () => watcher.disconnect();
  }, []);

  const virtualizer = useWindowVirtualizer({ count, estimateSize: () => height, overscan: 8, scrollMargin: margin });
  useEffect(() => virtualizer.measure(), [height, virtualizer]);
  const items = virtualizer.getVirtualItems();
  const first = items[0]?.index ?? 0;
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => onRange?.(first, last), [first, last, onRange]);

  const focusRow = (index: number) => {
    const to = Math.max(0, Math.min(count - 1, index));
    setActive(to);
    virtualizer.scrollToIndex(to, { align: "auto" });
    requestAnimationFrame(() => body.current?.querySelector<HTMLElement>(`[data-index="${to}"]`)?.focus({ preventScroll: true }));
  };
  const focused = () => body.current?.contains(document.activeElement) ?? false;
  const move = (by: number) => focusRow(focused() ? active + by : active);
  useShortcut("j", () => move(1));
  useShortcut("k", () => move(-1));

  function onKeyDown(event: React.KeyboardEvent, row: Row | undefined) {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
    const act =
      event.key === "ArrowDown" ? () => focusRow(active + 1)
      : event.key === "ArrowUp" ? () => focusRow(active - 1)
      : event.key === "Home" ? () => focusRow(0)
      : event.key === "End" ? () => focusRow(count - 1)
      : row && event.key === "Enter" ? () => onOpen(row)
      : row && keys[event.key] ? () => keys[event.key]?.(row)
      : null;
    if (!act) return;
    event.preventDefault();
    act();
  }

  return (
    <div role="grid" aria-label={label} aria-rowcount={count + 1} aria-colcount={shown.length} className={classes.grid}
      style={{ "--columns": shown.map((column) => column.width).join(" ") } as React.CSSProperties}>
      <div role="rowgroup" className={classes.head}>
        <div role="row" aria-rowindex={1} className={classes.row}>
          {shown.map((column) => <Header key={column.key} column={column} sort={sort} onSort={onSort} />)}
        </div>
      </div>
      <div role="rowgroup" ref={body} className={classes.body} style={{ height: virtualizer.getTotalSize() }}>
        {items.map(({ index, start }) => {
          const row = rowAt(index);
          return (
            <div
              key={row ? keyOf(row) : index}
              role="row"
              aria-rowindex={index + 2}
              data-index={index}
              data-dimmed={(row && dimmed?.(row)) || undefined}
              tabIndex={index === Math.min(active, count - 1) ? 0 : -1}
              className={`${classes.row} ${classes.line}`}
              style={{ height, transform: `translateY(${start - margin}px)` }}
              onFocus={() => setActive(index)}
              onKeyDown={(event) => onKeyDown(event, row)}
              onClick={(event) => {
                const selecting = String(getSelection() ?? "") !== "";
                if (row && !selecting && !(event.target as HTMLElement).closest("a, button, input, label, [role=menu]")) onOpen(row);
              }}
            >
              {shown.map((column) => (
                <div key={column.key} role="gridcell" className={classes.cell} data-column={column.key} data-label={column.header} data-labelled={column.labelled || undefined}>
                  {row ? column.cell(row, index === Math.min(active, count - 1) ? 0 : -1) : <span className={classes.blank} />}
                </div>
              ))}
            </div>
          );
        })}
      </div>
    </div>
  );
}

function Header<Row>({ column, sort, onSort }: { column: Column<Row>; sort?: string; onSort?: (sort: string) => void }) {
  const direction = sort === column.sort ? "ascending" : sort === `-${column.sort}` ? "descending" : "none";
  if (!column.sort || !onSort) {
    return (
      <div role="columnheader" className={classes.header}>
        <span className={column.quiet ? "visually-hidden" : undefined}>{column.header}</span>
      </div>
    );
  }
  return (
    <div role="columnheader" className={classes.header} aria-sort={direction}>
      <UnstyledButton className={classes.sort} onClick={() => onSort(direction === "ascending" ? `-${column.sort}` : column.sort ?? "")}>
        {column.header}
        {direction === "ascending" && <IconArrowUp size={14} aria-hidden="true" />}
        {direction === "descending" && <IconArrowDown size={14} aria-hidden="true" />}
      </UnstyledButton>
    </div>
  );
}

// Rows of grey while the first answer is on its way.
export function GridSkeleton({ rows = 8 }: { rows?: number }) {
  return (
    <div className={classes.grid} aria-hidden="true">
      {Array.from({ length: rows }, (_, i) => (
        // oxlint-disable-next-line react/no-array-index-key
        <div key={i} className={classes.ghost}><span className={classes.blank} /><span className={classes.blank} /></div>
      ))}
    </div>
  );
}
