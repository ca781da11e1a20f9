// One filter of a list: a button that says what is chosen, and a menu to choose from.
import { Button, CloseButton, Menu } from "@mantine/core";
import { IconChevronDown } from "@tabler/icons-react";
import { text } from "../text/en";
import classes from "./FilterMenu.module.css";

interface Props<Value extends string> {
  name: string;
  options: { value: Value; label: string; mark?: React.ReactNode }[];
  chosen: Value[];
  // At most one at a time.
  single?: boolean;
  onChange: (chosen: Value[]) => void;
}

export function FilterMenu<Value extends string>({ name, options, chosen, single = false, onChange }: Props<Value>) {
  const labels = chosen.map((value) => options.find((option) => option.value === value)?.label ?? value);
  const pick = (value: Value) => {
    const has = chosen.includes(value);
    onChange(has ? chosen.filter((each) => each !== value) : single ? [value] : [...chosen, value]);
  };
  return (
    <div className={classes.filter} data-on={chosen.length > 0 || undefined}>
      <Menu position="bottom-start" width={220} alignItemsLabels="all">
        <Menu.Target>
          <Button variant="default" classNames={{ root: classes.button }} rightSection={chosen.length ? null : <IconChevronDown size={14} />}>
            {name}{chosen.length > 0 && <span className={classes.values}>: {labels.join(", ")}</span>}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {options.map(({ value, label, mark }) => (
            <Menu.CheckboxItem key={value} checked={chosen.includes(value)} closeMenuOnClick={single} onChange={() => pick(value)}>
              <span className={classes.option}>{mark}{label}</span>
            </Menu.CheckboxItem>
          ))}
        </Menu.Dropdown>
      </Menu>
      {chosen.length > 0 && (
        <CloseButton size={28} iconSize={14} className={classes.remove} aria-label={text.jobs.removeFilter(name)} onClick={() => onChange([])} />
      )}
    </div>
  );
}
