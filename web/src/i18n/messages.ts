// The catalogue's types. English is complete by definition; another language has the same keys, checked by tsc.
import { de } from './de';
import { en } from './en';

export type Plural = { readonly [category in Intl.LDMLPluralRule]?: string } & { readonly other: string };
export type Message = string | Plural;
export type Translation<T> = { readonly [K in keyof T]: T[K] extends string ? string : Plural };

export type Key = keyof typeof en;

type Names<S> = S extends `${string}{${infer Name}}${infer Rest}` ? Name | Names<Rest> : never;
type Template<M> = M extends string ? M : M[keyof M];
/** The parameters that the English text of a key names; a plural has `count` besides. */
export type Parameters<K extends Key> =
  | Names<Template<(typeof en)[K]>>
  | ((typeof en)[K] extends string ? never : 'count');

export const languages = { en: 'English', de: 'Deutsch' } as const;
export type Language = keyof typeof languages;
export const catalogues: Record<Language, Record<Key, Message>> = { en, de };
