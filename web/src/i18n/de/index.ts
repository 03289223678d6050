import { businesses } from './businesses';
import { dashboard } from './dashboard';
import { session } from './session';
import { shell } from './shell';

export const de = { ...shell, ...session, ...dashboard, ...businesses };
