import type { Business } from '@pulseboard/client';
import { Button, Menu, MenuItem, MenuTrigger, Popover, Separator } from 'react-aria-components';
import { useI18n } from '../i18n/i18n';
import { MoreIcon } from '../ui/icons';
import '../shell/menu.css';
import type { BusinessActions } from './use_actions';

interface BusinessMenuProps {
  business: Business;
  actions: BusinessActions;
  /** In the list: the way to the page as well. */
  with_open?: boolean;
}

export function BusinessMenu({ business, actions, with_open }: BusinessMenuProps) {
  const { t } = useI18n();
  return (
    <MenuTrigger>
      <Button
        className="button button--quiet button--icon"
        aria-label={t('businesses.actions_of', { name: business.name })}
      >
        <MoreIcon />
      </Button>
      <Popover className="popover popover--narrow" placement="bottom end">
        <Menu className="menu" aria-label={t('businesses.actions_of', { name: business.name })}>
          {with_open && (
            <MenuItem className="menu__item" href={`/businesses/${business.id}`}>
              {t('business.open')}
            </MenuItem>
          )}
          <MenuItem className="menu__item" onAction={() => actions.edit(business)}>
            {t('business.edit')}
          </MenuItem>
          <MenuItem className="menu__item" onAction={() => actions.set_stealth(business, !business.stealth_mode_enabled)}>
            {t(business.stealth_mode_enabled ? 'business.stealth_turn_off' : 'business.stealth_turn_on')}
          </MenuItem>
          <Separator className="menu__separator" />
          <MenuItem className="menu__item menu__item--bad" onAction={() => actions.remove(business)}>
            {t('business.delete')}
          </MenuItem>
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}
