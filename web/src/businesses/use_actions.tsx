// What can be done with a business, from its row or its page: the dialogs, the requests and what is said afterwards.
import type { Business } from '@pulseboard/client';
import { useDashboardClient } from '@pulseboard/client/react';
import { useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { failure_of } from '../client/failure';
import { useI18n } from '../i18n/i18n';
import { toast } from '../ui/toast_queue';
import { BusinessForm } from './business_form';
import { DeleteDialog } from './delete_dialog';
import { problem_of } from './form_problem';
import { new_business, patch_of } from './form_values';
import { tell } from './use_business_list';

export interface BusinessActions {
  create: () => void;
  edit: (business: Business) => void;
  remove: (business: Business) => void;
  set_stealth: (business: Business, on: boolean) => void;
}

type Open = { kind: 'create' } | { kind: 'edit' | 'remove'; business: Business };

interface Told {
  onSaved?: (business: Business) => void;
  /** Gives what is to be done once it is deleted and the dialog closed: what had the focus is gone then. */
  before_delete?: (business: Business) => () => void;
}

export function useActions({ onSaved, before_delete }: Told = {}): { actions: BusinessActions; dialogs: ReactNode } {
  const { t } = useI18n();
  const client = useDashboardClient();
  const [open, set_open] = useState<Open | null>(null);
  const close = () => set_open(null);
  const after_closing = useRef<() => void>(undefined);
  useEffect(() => {
    const afterwards = after_closing.current;
    if (open || !afterwards) return;
    after_closing.current = undefined;
    // The dialog gives the focus back in the next frame.
    requestAnimationFrame(() => requestAnimationFrame(afterwards));
  }, [open]);

  const saved = (business: Business) => {
    tell(client, { type: 'put', business }, 'updated');
    onSaved?.(business);
  };

  const actions: BusinessActions = {
    create: () => set_open({ kind: 'create' }),
    edit: (business) => set_open({ kind: 'edit', business }),
    remove: (business) => set_open({ kind: 'remove', business }),
    set_stealth: (business, on) => {
      client.api.updateBusiness(business.id, { stealth_mode_enabled: on }).then(
        (after) => {
          saved(after);
          toast.good(t(on ? 'business.stealth_is_on' : 'business.stealth_is_off', { name: after.name }));
        },
        (error: unknown) => toast.bad(problem_of(error, t).text ?? t('form.failed')),
      );
    },
  };

  const create = async (values: Parameters<typeof new_business>[0]) => {
    const business = await client.api.createBusiness(new_business(values));
    tell(client, { type: 'put', business }, 'created');
    toast.good(t('business.created', { name: business.name }));
  };

  const edit = async (before: Business, values: Parameters<typeof new_business>[0]) => {
    const patch = patch_of(before, values);
    if (Object.keys(patch).length === 0) return;
    const business = await client.api.updateBusiness(before.id, patch);
    saved(business);
    toast.good(t('business.saved', { name: business.name }));
  };

  const remove = async (business: Business) => {
    const afterwards = before_delete?.(business);
    try {
      await client.api.deleteBusiness(business.id);
    } catch (error) {
      // Deleted elsewhere already: what was wanted is so.
      if (failure_of(error).kind !== 'not_found') throw error;
    }
    tell(client, { type: 'remove', id: business.id }, 'deleted');
    toast.good(t('business.deleted', { name: business.name }));
    if (afterwards) after_closing.current = afterwards;
  };

  const dialogs = (
    <>
      {open?.kind === 'create' && <BusinessForm business={null} submit={create} onClose={close} />}
      {open?.kind === 'edit' && (
        <BusinessForm business={open.business} submit={(values) => edit(open.business, values)} onClose={close} />
      )}
      {open?.kind === 'remove' && (
        <DeleteDialog business={open.business} confirm={() => remove(open.business)} onClose={close} />
      )}
    </>
  );
  // Always the same object, so that rows need not be drawn again for it.
  const stable = useStable(actions);
  return { actions: stable, dialogs };
}

function useStable(actions: BusinessActions): BusinessActions {
  const [latest] = useState({ actions });
  latest.actions = actions;
  return useMemo(
    () => ({
      create: () => latest.actions.create(),
      edit: (business) => latest.actions.edit(business),
      remove: (business) => latest.actions.remove(business),
      set_stealth: (business, on) => latest.actions.set_stealth(business, on),
    }),
    [latest],
  );
}
