import type { TrendSums } from '@pulseboard/client';
import { AnimatedNumber } from '../dashboard/animated_number';
import { useI18n } from '../i18n/i18n';
import { Card } from '../ui/card';
import { Skeleton } from '../ui/skeleton';
import { funnel } from './funnel_steps';
import './funnel.css';

/** null: not known yet. */
export function Funnel({ sums }: { sums: TrendSums | null }) {
  const { t, format } = useI18n();
  return (
    <Card
      title={t('business.funnel')}
      actions={<span className="funnel__period">{t('business.funnel_period')}</span>}
    >
      {sums ? (
        <>
          <ol className="funnel">
            {funnel(sums).map(({ name, count, width, share }) => (
              <li key={name} className={`funnel__step funnel__step--${name}`}>
                <span className="funnel__name">{t(`series.${name}`)}</span>
                <span className="funnel__count">
                  <AnimatedNumber value={count} format={format.number} />
                </span>
                <span className="funnel__track" aria-hidden="true">
                  <span className="funnel__bar" style={{ width: `${width * 100}%` }} />
                </span>
                <span className="funnel__share numbers">
                  {share
                    ? t('business.funnel_of_previous', {
                        share: format.percent(share.percent),
                        step: t(`series.${share.of}`),
                      })
                    : ''}
                </span>
              </li>
            ))}
          </ol>
          {Object.values(sums).every((each) => each === 0) && (
            <p className="funnel__none">{t('business.funnel_none')}</p>
          )}
        </>
      ) : (
        <Skeleton height="220px" />
      )}
    </Card>
  );
}
