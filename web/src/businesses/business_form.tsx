// Creating and editing a business, in a dialog. Only what is missing is checked here; what else is wrong the server
// says, and it stands at its field.
import type { Business } from '@pulseboard/client';
import { useEffect, useRef, useState, type FormEvent } from 'react';
import { FieldError, Form, Input, Label, Switch, Text, TextField } from 'react-aria-components';
import { useI18n } from '../i18n/i18n';
import { Button } from '../ui/button';
import { Choice } from '../ui/choice';
import { Dialog } from '../ui/dialog';
import { statuses } from './filter';
import { no_problem, problem_of, type Problem } from './form_problem';
import { new_values, values_of, type FormValues } from './form_values';
import './business_form.css';

interface BusinessFormProps {
  /** null: a new one. */
  business: Business | null;
  /** Sends it; rejects with what the server said. */
  submit: (values: FormValues) => Promise<void>;
  onClose: () => void;
}

export function BusinessForm({ business, submit, onClose }: BusinessFormProps) {
  const { t } = useI18n();
  const [values, set_values] = useState(business ? values_of(business) : new_values);
  const [problem, set_problem] = useState<Problem>(no_problem);
  const [busy, set_busy] = useState(false);
  const form = useRef<HTMLFormElement>(null);

  const set = (part: Partial<FormValues>) => {
    set_values((now) => ({ ...now, ...part }));
    // What is being mended is not complained about any longer.
    set_problem((now) => {
      const fields = { ...now.fields };
      for (const name of Object.keys(part)) delete fields[name];
      return { ...now, fields };
    });
  };

  useEffect(() => {
    if (Object.keys(problem.fields).length > 0)
      form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [problem]);

  const send = (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    const fields: Record<string, string> = {};
    if (values.name.trim() === '') fields['name'] = t('form.name_wrong');
    if (values.category.trim() === '') fields['category'] = t('form.category_wrong');
    if (Object.keys(fields).length > 0) return set_problem({ fields, text: null });
    set_busy(true);
    set_problem(no_problem);
    submit(values).then(onClose, (error: unknown) => {
      set_busy(false);
      set_problem(problem_of(error, t));
    });
  };

  const text = (name: 'name' | 'category' | 'logo_url', hint?: string) => (
    <TextField
      className="field"
      name={name}
      value={values[name]}
      onChange={(value) => set({ [name]: value })}
      isRequired={name !== 'logo_url'}
      isInvalid={name in problem.fields}
      validationBehavior="aria"
      autoFocus={name === 'name'}
      type={name === 'logo_url' ? 'url' : 'text'}
      autoComplete="off"
    >
      <Label className="field__label">{t(`form.${name}`)}</Label>
      <Input className="field__input" />
      {hint && !(name in problem.fields) && (
        <Text slot="description" className="field__hint">
          {hint}
        </Text>
      )}
      <FieldError className="field__error">{problem.fields[name]}</FieldError>
    </TextField>
  );

  return (
    <Dialog title={t(business ? 'form.edit_title' : 'form.create_title')} open onClose={onClose} busy={busy}>
      <Form className="form" ref={form} onSubmit={send} validationBehavior="aria">
        {problem.text && (
          <p className="notice notice--bad" role="alert">
            {problem.text}
          </p>
        )}
        {text('name')}
        {text('category', t('form.category_hint'))}
        {text('logo_url', t('form.logo_url_hint'))}
        <Choice
          label={t('form.status')}
          value={values.status}
          choices={statuses.map((each) => ({ value: each, text: t(`status.${each}`) }))}
          onChange={(status) => set({ status })}
        />
        {business && (
          <Switch
            className="switch"
            isSelected={values.stealth_mode_enabled}
            onChange={(stealth_mode_enabled) => set({ stealth_mode_enabled })}
          >
            <span className="switch__track" />
            <span>
              {t('form.stealth')}
              <span className="field__hint switch__hint">{t('form.stealth_hint')}</span>
            </span>
          </Switch>
        )}
        <div className="dialog__actions">
          <Button onPress={onClose} isDisabled={busy}>
            {t('form.cancel')}
          </Button>
          <Button look="primary" type="submit" isPending={busy}>
            {busy ? t('form.saving') : t(business ? 'form.save' : 'form.create')}
          </Button>
        </div>
      </Form>
    </Dialog>
  );
}
