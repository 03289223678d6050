// A page per business: what it is, its funnel, its history.
import { useRef } from 'react';
import { useNavigate, useParams } from 'react-router-dom';
import { useI18n } from '../i18n/i18n';
import { usePageTitle } from '../shell/page_title';
import { Button, LinkButton } from '../ui/button';
import { Message } from '../ui/message';
import { PageSkeleton } from '../ui/skeleton';
import { BusinessHead } from './business_head';
import { BusinessFigures } from './business_figures';
import { useActions } from './use_actions';
import { useBusiness } from './use_business';
import './business_page.css';

export default function BusinessPage() {
  const { t } = useI18n();
  const { id = '' } = useParams();
  const navigate = useNavigate();
  const { state, reload, saved } = useBusiness(id);
  // Deleted from here: the list is next, so nothing is said in its place meanwhile.
  const leaving = useRef(false);
  const { actions, dialogs } = useActions({
    onSaved: saved,
    before_delete() {
      leaving.current = true;
      return () => void navigate('/businesses', { replace: true });
    },
  });
  const titles = { not_found: t('business.not_found'), loading: t('businesses.title'), failed: t('business.failed') };
  usePageTitle('business' in state ? state.business.name : titles[state.status]);

  const to_list = <LinkButton href="/businesses">{t('business.back')}</LinkButton>;
  const body = () => {
    if (state.status === 'loading') return <PageSkeleton />;
    if (state.status === 'failed')
      return (
        <Message alert title={t('business.failed')} text={t('error.unreachable')}>
          <Button onPress={reload}>{t('error.retry')}</Button>
        </Message>
      );
    if (state.status === 'not_found')
      return (
        <Message title={t('business.not_found')} text={t('business.not_found_text')}>
          {to_list}
        </Message>
      );
    if (state.status === 'deleted' && !leaving.current)
      return (
        <Message alert title={t('business.deleted_title', { name: state.business.name })} text={t('business.deleted_text')}>
          {to_list}
        </Message>
      );
    return (
      <div className="business">
        <BusinessHead business={state.business} actions={actions} />
        <BusinessFigures business={state.business} />
      </div>
    );
  };
  return (
    <>
      {body()}
      {dialogs}
    </>
  );
}
