// Says why there is nothing to show (empty, failed, not found), and what to do about it.
import type { ReactNode } from 'react';
import './message.css';

interface MessageProps {
  title: string;
  text?: string;
  /** Said at once by a screen reader. */
  alert?: boolean;
  /** Inside a card rather than alone on the page. */
  inset?: boolean;
  /** Of an inset message: what follows the heading above it. */
  heading?: 'h2' | 'h3';
  children?: ReactNode;
}

export function Message({ title, text, alert, inset, heading = 'h3', children }: MessageProps) {
  const Title = inset ? heading : 'h1';
  return (
    <div className={inset ? 'message message--inset' : 'message'} role={alert ? 'alert' : undefined}>
      <Title className="message__title">{title}</Title>
      {text && <p className="message__text">{text}</p>}
      {children && <div className="message__actions">{children}</div>}
    </div>
  );
}
