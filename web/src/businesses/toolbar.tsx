import { Button as PlainButton, Input, SearchField } from 'react-aria-components';
import { useI18n } from '../i18n/i18n';
import { Button } from '../ui/button';
import { Choice } from '../ui/choice';
import { CloseIcon, DownloadIcon, PlusIcon, SearchIcon } from '../ui/icons';
import { statuses, type Filter } from './filter';
import './toolbar.css';

interface ToolbarProps {
  filter: Filter;
  typed: string;
  type: (text: string) => void;
  choose: (change: Partial<Filter>) => void;
  create: () => void;
  /** null: under way. */
  save: (() => void) | null;
}

export function Toolbar({ filter, typed, type, choose, create, save }: ToolbarProps) {
  const { t } = useI18n();
  const all = { value: '' as Filter['status'], text: t('businesses.status_all') };
  return (
    <div className="toolbar">
      <SearchField
        className="search"
        aria-label={t('businesses.search')}
        value={typed}
        onChange={type}
        onSubmit={(text) => choose({ search: text })}
      >
        <SearchIcon />
        <Input className="search__input" placeholder={t('businesses.search')} />
        <PlainButton className="search__clear" aria-label={t('businesses.search_clear')}>
          <CloseIcon />
        </PlainButton>
      </SearchField>
      <Choice
        className="toolbar__status"
        label={t('businesses.status')}
        label_hidden
        value={filter.status}
        choices={[all, ...statuses.map((each) => ({ value: each, text: t(`status.${each}`) }))]}
        onChange={(status) => choose({ status })}
      />
      <div className="toolbar__end">
        <Button onPress={() => save?.()} isPending={save === null}>
          <DownloadIcon />
          {save ? t('businesses.export') : t('businesses.exporting')}
        </Button>
        <Button look="primary" onPress={create}>
          <PlusIcon />
          {t('businesses.new')}
        </Button>
      </div>
    </div>
  );
}
