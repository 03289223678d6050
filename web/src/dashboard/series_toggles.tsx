// The legend that is also the switch: each count with its sum and change, pressed when its line is shown.
import type { Trends } from '@pulseboard/client';
import { ToggleButton, ToggleButtonGroup } from 'react-aria-components';
import { useI18n } from '../i18n/i18n';
import { change_of } from './change';
import { ChangeBadge } from './change_badge';
import { all_series, type SeriesName } from './series';
import { Swatch } from './swatch';

interface SeriesTogglesProps {
  trends: Trends;
  shown: ReadonlySet<SeriesName>;
  show: (names: ReadonlySet<SeriesName>) => void;
}

export function SeriesToggles({ trends, shown, show }: SeriesTogglesProps) {
  const { t, format } = useI18n();
  return (
    <ToggleButtonGroup
      className="series"
      selectionMode="multiple"
      disallowEmptySelection
      aria-label={t('trends.lines')}
      selectedKeys={shown}
      onSelectionChange={(keys) => show(keys as Set<SeriesName>)}
    >
      {all_series.map((each) => (
        <ToggleButton key={each.name} id={each.name} className="series__toggle">
          <span className="series__name">
            <Swatch series={each} />
            {t(each.label)}
          </span>
          <span className="series__sum numbers">{format.number(trends.current[each.name])}</span>
          <ChangeBadge
            beside_sum
            change={change_of(trends.current[each.name], trends.previous[each.name])}
            up_is={each.up_is}
          />
        </ToggleButton>
      ))}
    </ToggleButtonGroup>
  );
}
