// A panel with a title, and perhaps a way to more.
import classes from "./Card.module.css";

interface Props {
  title: string;
  // A word beside the title: what holds for all that is in the card.
  note?: string;
  more?: React.ReactNode;
  children: React.ReactNode;
  className?: string;
}

export function Card({ title, note, more, children, className = "" }: Props) {
  return (
    <section className={`${classes.card} ${className}`}>
      <div className={classes.head}>
        <h2>{title}</h2>
        {note && <span className="small dim">{note}</span>}
        {more && <span className={classes.more}>{more}</span>}
      </div>
      {children}
    </section>
  );
}

export function Lines({ rows = 3 }: { rows?: number }) {
  return (
    <div className={classes.lines} aria-hidden="true">
      {/* oxlint-disable-next-line react/no-array-index-key */}
      {Array.from({ length: rows }, (_, i) => <span key={i} />)}
    </div>
  );
}
