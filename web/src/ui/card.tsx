import type { ReactNode } from 'react';
import './card.css';

interface CardProps {
  title?: string;
  /** Beside the title, at the end of its line. */
  actions?: ReactNode;
  /** Content up to the edges: tables, lists. */
  flush?: boolean;
  className?: string;
  children: ReactNode;
}

/** A surface with a heading; named by it as a region. */
export function Card({ title, actions, flush, className = '', children }: CardProps) {
  return (
    <section className={`card ${flush ? 'card--flush' : ''} ${className}`} aria-label={title}>
      {title && (
        <div className="card__head">
          <h2>{title}</h2>
          {actions && <div className="card__actions">{actions}</div>}
        </div>
      )}
      <div className="card__body">{children}</div>
    </section>
  );
}
