// Numbers, dates and spans of time by locale.
export interface Format {
  locale: string;
  number: (value: number) => string;
  /** 12.9K where room is scarce. */
  compact: (value: number) => string;
  /** A share that is already in percent, always with one decimal: 75.5 %. */
  percent: (value: number) => string;
  /** A change in percent, with its sign: +12 %. */
  change: (value: number) => string;
  signed: (value: number) => string;
  /** A day of the contract (`YYYY-MM-DD`, UTC), short: 3 Nov. */
  day: (date: string) => string;
  long_day: (date: string) => string;
  /** The day of a moment (ISO 8601), in the reader's own zone. */
  date: (iso: string) => string;
  /** A moment (ISO 8601), in the reader's own zone. */
  moment: (iso: string) => string;
  time: (at: number) => string;
  /** `12 s ago` or as the locale has it, from seconds to hours. */
  ago: (seconds: number) => string;
}

export function formatter(locale: string): Format {
  const number = new Intl.NumberFormat(locale);
  const compact = new Intl.NumberFormat(locale, { notation: 'compact', maximumFractionDigits: 1 });
  const percent = new Intl.NumberFormat(locale, {
    style: 'percent',
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
  });
  const change = new Intl.NumberFormat(locale, {
    style: 'percent',
    signDisplay: 'exceptZero',
    maximumFractionDigits: 0,
  });
  const fine_change = new Intl.NumberFormat(locale, {
    style: 'percent',
    signDisplay: 'exceptZero',
    maximumFractionDigits: 1,
  });
  const signed = new Intl.NumberFormat(locale, { signDisplay: 'exceptZero', maximumFractionDigits: 1 });
  const day = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', timeZone: 'UTC' });
  const long_day = new Intl.DateTimeFormat(locale, { dateStyle: 'full', timeZone: 'UTC' });
  const date = new Intl.DateTimeFormat(locale, { dateStyle: 'medium' });
  const moment = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' });
  const time = new Intl.DateTimeFormat(locale, { timeStyle: 'medium' });
  const ago = new Intl.RelativeTimeFormat(locale, { numeric: 'always', style: 'narrow' });
  return {
    locale,
    number: (value) => number.format(value),
    compact: (value) => compact.format(value),
    percent: (value) => percent.format(value / 100),
    change: (value) => (Math.abs(value) < 10 ? fine_change : change).format(value / 100),
    signed: (value) => signed.format(value),
    day: (date) => day.format(new Date(date)),
    long_day: (date) => long_day.format(new Date(date)),
    date: (iso) => date.format(new Date(iso)),
    moment: (iso) => moment.format(new Date(iso)),
    time: (at) => time.format(at),
    ago: (seconds) => {
      if (seconds < 60) return ago.format(-Math.floor(seconds), 'second');
      if (seconds < 3600) return ago.format(-Math.floor(seconds / 60), 'minute');
      return ago.format(-Math.floor(seconds / 3600), 'hour');
    },
  };
}
