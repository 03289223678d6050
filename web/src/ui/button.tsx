import { Button as AriaButton, Link, type ButtonProps, type LinkProps } from 'react-aria-components';
import './button.css';

type Look = 'primary' | 'secondary' | 'quiet' | 'danger';
interface Looks {
  look?: Look;
  size?: 'normal' | 'small';
}
const classes = (look: Look, size: string, extra: unknown) =>
  `button button--${look} button--${size}${typeof extra === 'string' ? ` ${extra}` : ''}`;

export function Button({ look = 'secondary', size = 'normal', className, ...props }: ButtonProps & Looks) {
  return <AriaButton {...props} className={classes(look, size, className)} />;
}

/** A link that looks like a button. */
export function LinkButton({ look = 'secondary', size = 'normal', className, ...props }: LinkProps & Looks) {
  return <Link {...props} className={classes(look, size, className)} />;
}
