// The sign-in page. What went wrong is said above the form, in words that help; what was asked for is shown after.
import { useState } from 'react';
import { Form } from 'react-aria-components';
import { Navigate, useLocation } from 'react-router-dom';
import { failure_of, type Failure } from '../client/failure';
import { useI18n } from '../i18n/i18n';
import { Logo } from '../shell/logo';
import { usePageTitle } from '../shell/page_title';
import { Preferences } from '../shell/preferences';
import { Button } from '../ui/button';
import { demo_credentials, type Credentials } from './demo';
import { EmailField, PasswordField } from './fields';
import { return_path } from './return_path';
import { useSession } from './session';
import { SignInProblem } from './sign_in_problem';
import './sign_in.css';

const looks_like_an_address = /^[^\s@]+@[^\s@]+$/;

export function SignIn() {
  const { t } = useI18n();
  const { session, sign_in } = useSession();
  const { search } = useLocation();
  const [values, set_values] = useState<Credentials>({ email: '', password: '' });
  const [checked, set_checked] = useState(false);
  const [sending, set_sending] = useState(false);
  const [failure, set_failure] = useState<Failure | null>(null);
  usePageTitle(t('signin.title'));

  if (session.status === 'signed_in') return <Navigate replace to={return_path(search)} />;

  const email = values.email.trim();
  const email_error =
    email === '' ? t('signin.email_missing') : looks_like_an_address.test(email) ? null : t('signin.email_wrong');
  const password_error = values.password === '' ? t('signin.password_missing') : null;

  const send = async (credentials: Credentials) => {
    if (sending) return;
    set_sending(true);
    set_failure(null);
    try {
      await sign_in(credentials);
    } catch (error) {
      set_failure(failure_of(error));
      set_sending(false);
    }
  };
  const submit = (form: HTMLFormElement) => {
    set_checked(true);
    if (email_error || password_error)
      form.querySelector<HTMLInputElement>(`input[name="${email_error ? 'email' : 'password'}"]`)?.focus();
    else void send({ email, password: values.password });
  };
  const demo = demo_credentials();
  const ended = session.status === 'signed_out' && !failure ? session.reason : 'never';

  return (
    <div className="sign-in">
      <main className="sign-in__card">
        <div className="sign-in__brand">
          <Logo size={40} />
          <div>
            <h1>{t('app.name')}</h1>
            <p>{t('signin.lead')}</p>
          </div>
        </div>
        {ended !== 'never' && (
          <p className="notice" role="status">
            {t(ended === 'expired' ? 'signin.expired' : 'signin.signed_out')}
          </p>
        )}
        {failure && <SignInProblem failure={failure} />}
        <Form
          className="sign-in__form"
          validationBehavior="aria"
          onSubmit={(event) => {
            event.preventDefault();
            submit(event.currentTarget);
          }}
        >
          <EmailField
            value={values.email}
            error={checked ? email_error : null}
            onChange={(next) => set_values((now) => ({ ...now, email: next }))}
          />
          <PasswordField
            value={values.password}
            error={checked ? password_error : null}
            onChange={(next) => set_values((now) => ({ ...now, password: next }))}
          />
          <Button type="submit" look="primary" isPending={sending}>
            {sending ? t('signin.submitting') : t('signin.submit')}
          </Button>
          {demo && (
            <Button isDisabled={sending} onPress={() => void send(demo)}>
              {t('signin.demo')}
            </Button>
          )}
        </Form>
      </main>
      <Preferences />
    </div>
  );
}
