// Coming slots: the wall clock of the job's own zone, its offset, and how far away that is.
import { serverNow } from "../time/clock";
import { wall } from "../time/format";
import { Time } from "./Time";
import classes from "./Upcoming.module.css";

export function Upcoming({ slots }: { slots: { at: string; local: string; offset: string }[] }) {
  // The year is worth its room only when it is another one.
  const thisYear = ` ${new Date(serverNow()).getFullYear()}`;
  return (
    <ol className={classes.list}>
      {slots.map(({ at, local, offset }) => {
        const { date, time } = wall(local);
        return (
          <li key={at}>
            <span>{date.endsWith(thisYear) ? date.slice(0, -thisYear.length) : date}</span>
            <strong>{time}</strong>
            <span className="dim">{offset}</span>
            <span className={`dim ${classes.far}`}><Time at={at} as="relative" /></span>
          </li>
        );
      })}
    </ol>
  );
}
