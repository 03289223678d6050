// Up or down, by how much, and whether that is good: by arrow, sign and word, not by colour alone.
import { useI18n } from '../i18n/i18n';
import { DownIcon, UpIcon } from '../ui/icons';
import './kpi_tiles.css';
import { direction_of, verdict_of, type Change } from './change';

interface ChangeBadgeProps {
  change: Change;
  up_is: 'good' | 'bad';
  /** Where the sum stands beside it, it is not said twice. */
  beside_sum?: boolean;
}

export function ChangeBadge({ change, up_is, beside_sum }: ChangeBadgeProps) {
  const { t, format } = useI18n();
  const direction = direction_of(change);
  const text = () => {
    if (direction === 'same' && change.kind !== 'unknown') return t('change.same');
    switch (change.kind) {
      case 'percent':
        return format.change(change.by);
      case 'points':
        return t('change.points', { points: format.signed(change.by) });
      case 'from_nothing':
        return beside_sum ? t('change.new') : format.signed(change.by);
      case 'unknown':
        return null;
    }
  };
  return (
    <span className="change numbers" data-verdict={verdict_of(change, up_is)}>
      <span className="change__pill">
        {direction === 'up' && <UpIcon />}
        {direction === 'down' && <DownIcon />}
        {text()}
      </span>
    </span>
  );
}
