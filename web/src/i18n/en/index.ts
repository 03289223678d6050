import { businesses } from './businesses';
import { dashboard } from './dashboard';
import { session } from './session';
import { shell } from './shell';

export const en = { ...shell, ...session, ...dashboard, ...businesses } as const;
