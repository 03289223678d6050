// Up or down, by how much, and whether that is good: by arrow, sign and word, not by colour alone.
import { useI18n } from '../i18n/i18n';
import { DownIcon, UpIcon } from '../ui/icons';
import { direction_of, verdict_of, type Change } from './change';

interface ChangeBadgeProps {
  change: Change;
  up_is: 'good' | 'bad';
}

export function ChangeBadge({ change, up_is }: ChangeBadgeProps) {
  const { t, format } = useI18n();
  const direction = direction_of(change);
  const text = () => {
    switch (change.kind) {
      case 'percent':
        return format.change(change.by);
      case 'points':
        return t('change.points', { points: format.signed(change.by) });
      case 'from_nothing':
        return format.signed(change.by);
      case 'unknown':
        return t('change.unknown');
    }
  };
  return (
    <span className="change numbers" data-verdict={verdict_of(change, up_is)}>
      {direction === 'up' && <UpIcon />}
      {direction === 'down' && <DownIcon />}
      {text()}
    </span>
  );
}
