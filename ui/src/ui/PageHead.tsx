// The head of a page: what it is, how much, and what can be done.
import classes from "./PageHead.module.css";

export function PageHead({ title, note, children }: { title: React.ReactNode; note?: React.ReactNode; children?: React.ReactNode }) {
  return (
    <div className={classes.head}>
      <h1>{title}</h1>
      {note && <span className={classes.note}>{note}</span>}
      <div className={classes.actions}>{children}</div>
    </div>
  );
}
