// Ctrl K: finds jobs by name, and goes to pages, without leaving the keyboard.
import { Modal, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconCalendarClock, IconLayoutDashboard, IconListDetails, IconServer2, IconPlus, IconSearch } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useId, useState } from "react";
import { listJobs } from "../api/jobs";
import { text } from "../text/en";
import { useReturnFocus } from "../ui/Dialog";
import { jobStatus, StatusMark } from "../ui/Status";
import classes from "./Palette.module.css";

interface Entry {
  key: string;
  label: string;
  note?: string;
  icon: React.ReactNode;
  go: () => void;
}

export default function Palette({ onClose }: { onClose: () => void }) {
  useReturnFocus();
  const navigate = useNavigate();
  const listId = useId();
  const [typed, setTyped] = useState("");
  const [asked] = useDebouncedValue(typed.trim(), 100);
  const [at, setAt] = useState(0);
  const { data } = useQuery({
    queryKey: ["jobs", "palette", asked],
    queryFn: ({ signal }) => listJobs({ search: asked }, 1, 8, signal),
    placeholderData: keepPreviousData,
    enabled: asked !== "",
  });

  const pages: Entry[] = [
    { key: "d", label: text.nav.dashboard, note: "g d", icon: <IconLayoutDashboard size={16} />, go: () => void navigate({ to: "/" }) },
    { key: "j", label: text.nav.jobs, note: "g j", icon: <IconCalendarClock size={16} />, go: () => void navigate({ to: "/jobs" }) },
    { key: "r", label: text.nav.runs, note: "g r", icon: <IconListDetails size={16} />, go: () => void navigate({ to: "/runs" }) },
    { key: "w", label: text.nav.workers, note: "g w", icon: <IconServer2 size={16} />, go: () => void navigate({ to: "/workers" }) },
    { key: "n", label: text.jobs.create, note: "n", icon: <IconPlus size={16} />, go: () => void navigate({ to: "/jobs/new" }) },
  ];
  const wanted = typed.trim().toLowerCase();
  const jobs: Entry[] = (wanted ? data?.results ?? [] : []).map((job) => ({
    key: job.id,
    label: job.name,
    note: job.schedule_display,
    icon: <StatusMark word={jobStatus(job)} />,
    go: () => void navigate({ to: "/jobs/$id/{-$tab}", params: { id: job.id } }),
  }));
  const entries = [...jobs, ...pages.filter((page) => page.label.toLowerCase().includes(wanted))];
  const chosen = Math.min(at, entries.length - 1);

  const open = (entry: Entry | undefined) => {
    if (!entry) return;
    onClose();
    entry.go();
  };

  return (
    <Modal opened onClose={onClose} padding={0} size={560} yOffset="12vh" centered={false}>
      <Modal.Title className="visually-hidden">{text.palette.title}</Modal.Title>
      <TextInput
        data-autofocus
        size="md"
        variant="unstyled"
        classNames={{ input: classes.input, root: classes.field }}
        leftSection={<IconSearch size={18} />}
        placeholder={text.palette.placeholder}
        aria-label={text.palette.title}
        role="combobox"
        aria-expanded="true"
        aria-controls={listId}
        aria-activedescendant={entries[chosen] ? `${listId}-${chosen}` : undefined}
        value={typed}
        onChange={(event) => {
          setTyped(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={(event) => {
          if (event.key === "ArrowDown") setAt(Math.min(chosen + 1, entries.length - 1));
          else if (event.key === "ArrowUp") setAt(Math.max(chosen - 1, 0));
          else if (event.key === "Enter") open(entries[chosen]);
          else return;
          event.preventDefault();
        }}
      />
      <ul id={listId} role="listbox" className={classes.list} aria-label={text.palette.title}>
        {entries.map((entry, i) => (
          // The keyboard works on the field above; a click is the same choice by mouse.
          // oxlint-disable-next-line jsx-a11y/click-events-have-key-events
          <li key={entry.key} id={`${listId}-${i}`} role="option" aria-selected={i === chosen} className={classes.entry}
            onMouseMove={() => setAt(i)} onClick={() => open(entry)}>
            {entry.icon}
            <span className={`cut ${classes.label}`} title={entry.label}>{entry.label}</span>
            <span className={`cut ${classes.note}`}>{entry.note}</span>
          </li>
        ))}
        {entries.length === 0 && <li className={classes.none} role="presentation">{text.palette.none}</li>}
      </ul>
    </Modal>
  );
}
