import { useState } from 'react';
import { FieldError, Input, Label, TextField, ToggleButton } from 'react-aria-components';
import { useI18n } from '../i18n/i18n';
import { EyeIcon, EyeOffIcon } from '../ui/icons';
import '../ui/field.css';

interface FieldProps {
  value: string;
  error: string | null;
  onChange: (value: string) => void;
}

export function EmailField({ value, error, onChange }: FieldProps) {
  const { t } = useI18n();
  return (
    <TextField
      className="field"
      name="email"
      type="email"
      inputMode="email"
      autoComplete="username"
      isRequired
      value={value}
      onChange={onChange}
      isInvalid={error !== null}
    >
      <Label className="field__label">{t('signin.email')}</Label>
      <Input className="field__input" />
      <FieldError className="field__error">{error}</FieldError>
    </TextField>
  );
}

export function PasswordField({ value, error, onChange }: FieldProps) {
  const { t } = useI18n();
  const [shown, set_shown] = useState(false);
  return (
    <TextField
      className="field"
      name="password"
      type={shown ? 'text' : 'password'}
      autoComplete="current-password"
      isRequired
      value={value}
      onChange={onChange}
      isInvalid={error !== null}
    >
      <Label className="field__label">{t('signin.password')}</Label>
      <div className="field__group">
        <Input className="field__input" spellCheck={false} autoCapitalize="none" />
        <ToggleButton
          className="field__reveal"
          aria-label={t('signin.show')}
          isSelected={shown}
          onChange={set_shown}
        >
          {shown ? <EyeOffIcon /> : <EyeIcon />}
        </ToggleButton>
      </div>
      <FieldError className="field__error">{error}</FieldError>
    </TextField>
  );
}
