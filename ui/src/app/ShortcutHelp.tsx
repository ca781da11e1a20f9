// Which key does what.
import { Kbd } from "@mantine/core";
import { text } from "../text/en";
import { Dialog } from "../ui/Dialog";
import { usePreferences } from "./preferences";
import classes from "./ShortcutHelp.module.css";

const groups: [string, string[]][] = [
  [text.shortcuts.groups.anywhere, ["Ctrl K", "/", "?", "Esc", "g d", "g j", "g r", "g w", "n", "l", "."]],
  [text.shortcuts.groups.lists, ["j k", "Enter", "r", "p", "e"]],
  [text.shortcuts.groups.job, ["r", "p", "e"]],
  [text.shortcuts.groups.output, ["f"]],
];

export default function ShortcutHelp({ onClose }: { onClose: () => void }) {
  const { singleKeys } = usePreferences();
  return (
    <Dialog title={text.shortcuts.title} onClose={onClose} size="lg">
      {!singleKeys && <p className="dim">{text.shortcuts.off}</p>}
      <div className={classes.groups}>
        {groups.map(([name, keys]) => (
          <section key={name}>
            <h3>{name}</h3>
            <dl>
              {keys.map((key) => (
                <div key={key}>
                  <dt>{key.split(" ").map((each) => <Kbd key={each} size="xs">{each}</Kbd>)}</dt>
                  <dd>{text.shortcuts.keys[key]}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
