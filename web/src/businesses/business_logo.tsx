import type { Business } from '@pulseboard/client';
import { useState } from 'react';
import './business_logo.css';

const hues = 6;

function initials(name: string): string {
  const words = name.trim().split(/\s+/);
  const first = (word = '') => [...word].find((letter) => /[\p{L}\p{N}]/u.test(letter)) ?? '';
  const two = first(words[0]) + (words.length > 1 ? first(words.at(-1)) : '');
  return two.toUpperCase() || '•';
}

/** The logo, or the name's initials while there is none, or none that can be loaded. Decoration: the name is beside it. */
export function BusinessLogo({ business, large }: { business: Business; large?: boolean }) {
  const [broken, set_broken] = useState<string | null>(null);
  const hue = Number.parseInt(business.id.slice(0, 4), 16) % hues || 0;
  const url = business.logo_url;
  return (
    <span className={`logo logo--${hue} ${large ? 'logo--large' : ''}`} aria-hidden="true">
      {url && url !== broken ? (
        <img src={url} alt="" loading="lazy" referrerPolicy="no-referrer" onError={() => set_broken(url)} />
      ) : (
        initials(business.name)
      )}
    </span>
  );
}
