// The types of this package say what the API's papers say, no more and no less: tsc fails here if they do not.
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type * as ours from '../src/index.js';
import { generated } from '../scripts/types.mjs';
import type { components } from './papers.js';

type Papers = components['schemas'];

// A name given to a type, readonly and an intersection make no difference to what may be in it; a member that is
// missing, one too many and one that is optional on one side do.
type Plain<T> = T extends object ? { readonly [K in keyof T]: Plain<T[K]> } : T;
type Same<A, B> = (<T>() => T extends Plain<A> ? 1 : 2) extends <T>() => T extends Plain<B> ? 1 : 2 ? true : false;
const same = <A, B>(_: Same<A, B>): void => undefined;

// Every schema that has a counterpart here.
same<ours.Kpis, Papers['Kpis']>(true);
same<ours.Business, Papers['Business']>(true);
same<ours.BusinessStatus, Papers['BusinessStatus']>(true);
same<ours.Metrics, Papers['Metrics']>(true);
same<ours.TenantState, Papers['Dashboard']>(true);
same<ours.BusinessPage, Papers['BusinessPage']>(true);
same<ours.BusinessMetrics, Papers['BusinessMetrics']>(true);
same<ours.TrendSums, Papers['TrendSums']>(true);
same<ours.TrendDay, Papers['TrendDay']>(true);
same<ours.Trends, Papers['Trends']>(true);
same<ours.NewBusiness, Papers['NewBusiness']>(true);
same<ours.BusinessPatch, Papers['BusinessPatch']>(true);
same<ours.Role, Papers['Role']>(true);
same<ours.User, Papers['User']>(true);
same<ours.SignedIn, Papers['SignedIn']>(true);
same<ours.FieldProblem, Papers['FieldError']>(true);
// All events at once, by their names.
same<ours.ServerEventMap, Papers['ServerEventMap']>(true);

// And the comparison sees what it is for.
same<{ a: number }, { a: number; b?: number }>(false);
same<{ a: number }, { a?: number }>(false);
same<{ a: 'x' }, { a: string }>(false);
same<{ a: { b: 1 }[] }, { a: { b: 1; c: 2 }[] }>(false);
same<{ readonly a: readonly string[] } & { b: 1 }, { a: string[]; b: 1 }>(true);

it('test/papers.d.ts is what `npm run types` makes of docs/openapi.json and docs/asyncapi.yaml', async () => {
  expect(readFileSync(new URL('./papers.d.ts', import.meta.url), 'utf8')).toBe(await generated());
});
