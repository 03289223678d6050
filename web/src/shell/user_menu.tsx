// Account, theme and language behind one button.
import {
  Button,
  Header,
  Menu,
  MenuItem,
  MenuSection,
  MenuTrigger,
  Popover,
  Separator,
  type Selection,
} from 'react-aria-components';
import { useI18n } from '../i18n/i18n';
import { languages, type Language } from '../i18n/messages';
import { useSession } from '../session/session';
import { useSignOut } from '../session/use_sign_out';
import { useTheme, type Theme } from '../theme/theme';
import { CheckIcon, ChevronIcon, UserIcon } from '../ui/icons';
import './menu.css';

interface ChoiceProps<Value extends string> {
  title: string;
  value: Value;
  choices: Record<Value, string>;
  choose: (value: Value) => void;
}

function Choice<Value extends string>({ title, value, choices, choose }: ChoiceProps<Value>) {
  const changed = (keys: Selection) => {
    const [first] = keys === 'all' ? [] : keys;
    if (first !== undefined) choose(first as Value);
  };
  return (
    <MenuSection
      className="menu__section"
      selectionMode="single"
      disallowEmptySelection
      selectedKeys={[value]}
      onSelectionChange={changed}
    >
      <Header className="menu__header">{title}</Header>
      {(Object.entries(choices) as [Value, string][]).map(([key, name]) => (
        <MenuItem key={key} id={key} className="menu__item" textValue={name}>
          {({ isSelected }) => (
            <>
              <span className="menu__check">{isSelected && <CheckIcon />}</span>
              {name}
            </>
          )}
        </MenuItem>
      ))}
    </MenuSection>
  );
}

export function UserMenu() {
  const { t, language, choose: choose_language } = useI18n();
  const { theme, choose: choose_theme } = useTheme();
  const { session } = useSession();
  const sign_out = useSignOut();
  const email = session.status === 'signed_in' ? session.user.email : null;
  const themes: Record<Theme, string> = {
    system: t('shell.theme_system'),
    light: t('shell.theme_light'),
    dark: t('shell.theme_dark'),
  };
  return (
    <MenuTrigger>
      <Button className="button button--quiet button--small" aria-label={t('shell.account')}>
        <UserIcon />
        <ChevronIcon />
      </Button>
      <Popover className="popover" placement="bottom end">
        {email && (
          <div className="menu__who">
            <span>{t('shell.signed_in_as')}</span>
            <strong>{email}</strong>
          </div>
        )}
        <Menu className="menu" aria-label={t('shell.account')}>
          <Choice<Theme> title={t('shell.theme')} value={theme} choices={themes} choose={choose_theme} />
          <Separator className="menu__separator" />
          <Choice<Language>
            title={t('shell.language')}
            value={language}
            choices={languages}
            choose={choose_language}
          />
          {email && <Separator className="menu__separator" />}
          {email && (
            <MenuItem className="menu__item" onAction={sign_out}>
              {t('shell.sign_out')}
            </MenuItem>
          )}
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}
